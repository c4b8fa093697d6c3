"""The HTTP servers of a configuration: page, API, metrics and health, on its addresses.

Apart from `http`, which imports this, and the libraries with it, only where a server is wanted.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable
from ipaddress import ip_network
from pathlib import Path
from typing import Final

from aiohttp import web
from prometheus_client import CollectorRegistry, ProcessCollector

from edge.config import Config
from edge.config.models import KioskConfig
from edge.config.secrets import first_line
from edge.daemon.health import Heartbeats
from edge.errors import ConfigError
from edge.kiosk.access import Access
from edge.kiosk.endpoints import health_route, metrics_route
from edge.kiosk.guard import guard
from edge.kiosk.host_names import own_names
from edge.kiosk.hub import Hub
from edge.kiosk.metrics import StateCollector
from edge.kiosk.page import Page
from edge.kiosk.server import HttpServer, Listening
from edge.kiosk.tokens import Role
from edge.kiosk.vitals import Vitals

__all__ = ["http_servers"]

_SHORTEST_TOKEN: Final = 16


def http_servers(
    config: Config,
    *,
    hub: Hub,
    vitals: Callable[[], Vitals],
    clock: Callable[[], float],
    heartbeats: Heartbeats,
) -> list[HttpServer]:
    """One or two: metrics share the page's address where it is the same. Raises ConfigError."""
    kiosk, metrics = config.kiosk, config.metrics
    servers: list[HttpServer] = []
    if kiosk.enabled:
        routes = _routes(vitals, metrics=metrics.enabled)
        servers.append(_page_server(kiosk, hub, clock, routes, heartbeats.of("kiosk", clock)))
    shared = kiosk.enabled and (kiosk.host, kiosk.port) == (metrics.host, metrics.port)
    if metrics.enabled and not shared:
        here = Listening("metrics", metrics.host, metrics.port, tuple(metrics.allowed_hosts))
        beat = heartbeats.of("metrics", clock)
        servers.append(HttpServer(here, _routes(vitals, metrics=True), beat=beat))
    return servers


def _routes(vitals: Callable[[], Vitals], *, metrics: bool) -> list[web.RouteDef]:
    routes = [health_route(lambda: vitals().problems)]
    if metrics:
        registry = CollectorRegistry()
        registry.register(StateCollector(vitals))
        ProcessCollector(registry=registry)
        routes.append(metrics_route(registry))
    return routes


def _page_server(
    kiosk: KioskConfig,
    hub: Hub,
    clock: Callable[[], float],
    further: Iterable[web.RouteDef],
    beat: Callable[[], None],
) -> HttpServer:
    here = Listening("kiosk", kiosk.host, kiosk.port, tuple(kiosk.allowed_hosts))
    access = Access(
        tokens=_tokens(kiosk),
        hosts=own_names(here),
        proxies=[ip_network(text, strict=False) for text in kiosk.trusted_proxies],
        clock=clock,
    )
    page = Page(hub, access)
    routes = [*page.routes(), *further]
    return HttpServer(here, routes, guard=guard(access), tls=_tls(kiosk), ending=page.stop, beat=beat)


def _tokens(kiosk: KioskConfig) -> dict[str, Role]:
    files = (
        ("view_token_file", kiosk.view_token_file, Role.VIEW),
        ("steer_token_file", kiosk.steer_token_file, Role.STEER),
    )
    return {_token(f"kiosk.{key}", path): role for key, path, role in files if path is not None}


def _token(place: str, path: Path) -> str:
    token = first_line(path, place, "token").get_secret_value().strip()
    if len(token) < _SHORTEST_TOKEN:
        raise ConfigError(
            f"{place}: the token in {path} is shorter than {_SHORTEST_TOKEN} characters; "
            f"make one with: openssl rand -hex 32"
        )
    return token


def _tls(kiosk: KioskConfig) -> ssl.SSLContext | None:
    certificate, key = kiosk.tls.certificate, kiosk.tls.key
    if certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key, password=lambda: "")
    except OSError as error:
        raise ConfigError(
            f"kiosk.tls.certificate and kiosk.tls.key: {error.strerror or error}: {certificate}, {key} "
            "(PEM files that belong together, the key without a pass phrase)"
        ) from error
    return context
