"""What may be asked over HTTP so far: metrics for Prometheus, and health for supervisors and balancers."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from edge.publish.health import Problem, status

__all__ = ["health_route", "metrics_route"]


def metrics_route(registry: CollectorRegistry) -> web.RouteDef:
    """`/metrics`, all or those named by `name[]`, in the form that the scraper accepts."""

    async def answer(request: web.Request) -> web.Response:
        encode, kind = choose_encoder(request.headers.get("Accept", ""))
        names = request.query.getall("name[]", [])
        chosen = registry.restricted_registry(names) if names else registry
        response = web.Response(body=encode(chosen), headers={"Content-Type": kind})
        response.enable_compression()
        return response

    return web.get("/metrics", answer)


def health_route(problems: Callable[[], Iterable[Problem]]) -> web.RouteDef:
    """`/healthz`: 200 while the daemon does its work, perhaps with problems; 503 when it cannot."""

    async def answer(_request: web.Request) -> web.Response:
        found = list(problems())
        word = status(found)
        document = {"status": word, "problems": [str(problem) for problem in found]}
        return web.json_response(document, status=503 if word == "error" else 200)

    return web.get("/healthz", answer)
