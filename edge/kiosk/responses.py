"""Answers and bodies of requests: JSON by the models, files with their tags, refusals in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from edge.kiosk.access import DeniedError
from edge.kiosk.assets import Asset

__all__ = ["body", "failure", "file", "json"]

Model = TypeVar("Model", bound=BaseModel)
LARGEST_BODY: Final = 4096
"""Bytes; every request of the API is smaller."""


async def body(request: web.Request, model: type[Model]) -> Model:
    """The request's JSON as a model; only JSON, which no form of another site can send."""
    if request.content_type != "application/json" or request.headers.get("Content-Encoding"):
        raise DeniedError(415, "send application/json, not compressed")
    try:
        return model.model_validate_json(await _read(request))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "body"
        raise DeniedError(422, f"{where}: {first['msg']}") from error


async def _read(request: web.Request) -> bytes:
    body = await request.content.read(LARGEST_BODY + 1)
    if len(body) > LARGEST_BODY:
        raise DeniedError(413, f"the body is larger than {LARGEST_BODY} bytes")
    return body


def json(answer: BaseModel) -> web.Response:
    """A model as JSON that nobody keeps."""
    return web.Response(
        body=answer.model_dump_json(by_alias=True).encode(),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def failure(status: int, reason: str, headers: Mapping[str, str] | None = None) -> web.Response:
    """A refusal with one sentence."""
    kept = {key: value for key, value in (headers or {}).items() if key in ("Allow", "Retry-After")}
    return web.json_response({"error": reason}, status=status, headers=kept)


def file(request: web.Request, asset: Asset) -> web.Response:
    """A file of the page; 304 where the browser has it, gzipped where it may be."""
    tag = f'"{asset.etag}"'
    headers: dict[str, Any] = {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if request.headers.get("If-None-Match") == tag:
        return web.Response(status=304, headers=headers)
    packed = asset.packed if "gzip" in request.headers.get("Accept-Encoding", "") else None
    if packed is not None:
        headers["Content-Encoding"] = "gzip"
    charset = "utf-8" if asset.content_type.startswith("text/") else None
    return web.Response(
        body=packed or asset.plain, content_type=asset.content_type, charset=charset, headers=headers
    )
