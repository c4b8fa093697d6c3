"""The page and its API as an aiohttp application: who is let in, what is sent, what may be asked for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from pydantic import BaseModel, ValidationError

from edge.errors import EdgeError
from edge.kiosk import models, openapi
from edge.kiosk.access import Access, DeniedError, Request, Role
from edge.kiosk.assets import Asset, load_assets
from edge.kiosk.events import Broadcast
from edge.kiosk.hub import Hub
from edge.kiosk.server import lift_deadline

__all__ = ["Page"]

_log = logging.getLogger(__name__)
Model = TypeVar("Model", bound=BaseModel)

COOKIE: Final = "emotion-edge-session"
LARGEST_BODY: Final = 4096
"""Bytes; every request of the API is smaller."""
LONGEST_HISTORY: Final = 366 * 86_400
_ROLE: Final = web.RequestKey("role", Role)
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_OPEN: Final = frozenset({"page", "manifest", "asset", "session"})
"""Routes without anything to see: the shell of the page, and the way in."""


class Page:
    """Routes of the page and of `/api/v1/`. Everything relative, so that a proxy may put a path before it."""

    def __init__(self, hub: Hub, access: Access) -> None:
        self._hub = hub
        self._access = access
        self._assets = load_assets()
        self._broadcast = Broadcast(hub.state)
        self._openapi = openapi.document(guarded=access.guarded)

    @property
    def viewers(self) -> int:
        """How many follow the page now."""
        return self._broadcast.viewers

    def routes(self) -> list[web.RouteDef]:
        """All routes of the page."""
        return [
            web.get("/", self._index, name="page"),
            web.get("/manifest.webmanifest", self._manifest, name="manifest"),
            web.get("/static/{name:.+}", self._static, name="asset"),
            web.post("/api/v1/session", self._log_in, name="session"),
            web.get("/api/v1/state", self._state),
            web.get("/api/v1/people", self._people),
            web.get("/api/v1/health", self._health),
            web.get("/api/v1/info", self._info),
            web.get("/api/v1/history", self._history),
            web.delete("/api/v1/history", self._erase),
            web.post("/api/v1/switch", self._switch),
            web.get("/api/v1/settings", self._settings),
            web.post("/api/v1/settings", self._change_settings),
            web.post("/api/v1/alert/ack", self._acknowledge),
            web.get("/api/v1/events", self._events),
            web.get("/api/v1/openapi.json", self._document),
        ]

    async def stop(self) -> None:
        """End all event streams."""
        await self._broadcast.stop()

    @property
    def guard(self) -> Middleware:
        """Decides on every request of the server before anything else does, and words every refusal."""

        @web.middleware
        async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._guarded(request, handler)

        return check

    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            request[_ROLE] = self._access.role(_facts(request))
            if request[_ROLE] is Role.NOBODY and request.match_info.route.name not in _OPEN:
                raise DeniedError(401, "a token is needed")
            response = await handler(request)
        except DeniedError as denied:
            response = _failure(denied.status, str(denied))
        except web.HTTPException as error:
            response = _failure(error.status, error.reason, error.headers)
        except EdgeError as error:
            response = _failure(409, str(error))
        except (ConnectionError, asyncio.CancelledError):
            raise
        except Exception:
            _log.exception("a request of the page failed")
            response = _failure(500, "internal error, see the log")
        if not response.prepared:
            response.headers.update(_HEADERS)
        return response

    async def _index(self, request: web.Request) -> web.Response:
        return _sent(request, self._assets["index.html"])

    async def _manifest(self, request: web.Request) -> web.Response:
        return _sent(request, self._assets["manifest.webmanifest"])

    async def _static(self, request: web.Request) -> web.Response:
        asset = self._assets.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        return _sent(request, asset)

    async def _log_in(self, request: web.Request) -> web.Response:
        wanted = await _body(request, models.SessionRequest)
        session, role = self._access.log_in(wanted.token)
        response = _json(models.SessionView(may_steer=role is Role.STEER))
        response.set_cookie(
            COOKIE,
            session,
            path=request.headers.get("X-Ingress-Path", "/"),
            max_age=30 * 86_400,
            httponly=True,
            samesite="Strict",
            secure=request.secure,
        )
        return response

    async def _state(self, request: web.Request) -> web.Response:
        return _json(self._seen_by(request))

    async def _people(self, _: web.Request) -> web.Response:
        return _json(models.PeopleView(rooms={room.id: room.people for room in self._hub.state().rooms}))

    async def _health(self, _: web.Request) -> web.Response:
        return _json(self._hub.state().health)

    async def _info(self, _: web.Request) -> web.Response:
        return _json(self._hub.info())

    async def _history(self, request: web.Request) -> web.Response:
        seconds = _number(request.query.get("seconds", "900"))
        rooms = await asyncio.to_thread(self._hub.history, seconds)
        return _json(models.HistoryView(rooms={room: list(points) for room, points in rooms.items()}))

    async def _erase(self, request: web.Request) -> web.Response:
        _must_steer(request)
        await asyncio.to_thread(self._hub.erase_history)
        return _json(models.HistoryView(rooms={}))

    async def _switch(self, request: web.Request) -> web.Response:
        _must_steer(request)
        wanted = await _body(request, models.SwitchRequest)
        await asyncio.to_thread(self._hub.switch, wanted.room, wanted.name, wanted.on)
        return _json(self._seen_by(request))

    async def _settings(self, _: web.Request) -> web.Response:
        return _json(self._hub.settings())

    async def _change_settings(self, request: web.Request) -> web.Response:
        _must_steer(request)
        wanted = await _body(request, models.SettingsRequest)
        asked = wanted.model_dump(exclude_unset=True)
        if asked.get("reset", False) is None:
            del asked["reset"]
        return _json(await asyncio.to_thread(self._hub.change_settings, asked))

    async def _acknowledge(self, request: web.Request) -> web.Response:
        _must_steer(request)
        wanted = await _body(request, models.AcknowledgeRequest)
        await asyncio.to_thread(self._hub.acknowledge, wanted.cause)
        return _json(self._seen_by(request))

    async def _events(self, request: web.Request) -> web.StreamResponse:
        lift_deadline(request)
        return await self._broadcast.serve(request, request[_ROLE], _HEADERS)

    async def _document(self, _: web.Request) -> web.Response:
        return web.json_response(self._openapi)

    def _seen_by(self, request: web.Request) -> models.StateView:
        return self._hub.state().model_copy(update={"may_steer": request[_ROLE] is Role.STEER})


def _facts(request: web.Request) -> Request:
    names = {name.lower(): value for name, value in request.headers.items()}
    return Request(request.method, request.remote or "", names, request.secure, request.cookies.get(COOKIE))


def _must_steer(request: web.Request) -> None:
    if request[_ROLE] is not Role.STEER:
        raise DeniedError(403, "this token may only view")


def _number(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= LONGEST_HISTORY:
        raise DeniedError(400, f"seconds has to be a number above 0 and at most {LONGEST_HISTORY}")
    return seconds


async def _body(request: web.Request, model: type[Model]) -> Model:
    """The request's JSON as a model; only JSON, which no form of another site can send."""
    if request.content_type != "application/json":
        raise DeniedError(415, "send application/json")
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


def _json(answer: BaseModel) -> web.Response:
    return web.Response(
        body=answer.model_dump_json(by_alias=True).encode(),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def _failure(status: int, reason: str, headers: Mapping[str, str] | None = None) -> web.Response:
    kept = {key: value for key, value in (headers or {}).items() if key in ("Allow", "Retry-After")}
    return web.json_response({"error": reason}, status=status, headers=kept)


def _sent(request: web.Request, asset: Asset) -> web.Response:
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
