"""The page and its API as an aiohttp application: who is let in, what is sent, what may be asked for."""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import web

from edge.kiosk import openapi, responses
from edge.kiosk.access import Access, DeniedError
from edge.kiosk.assets import load_assets
from edge.kiosk.events import Broadcast
from edge.kiosk.guard import COOKIE, HEADERS, ROLE, facts
from edge.kiosk.history_view import HistoryView
from edge.kiosk.hub import Hub
from edge.kiosk.room_view import PeopleView
from edge.kiosk.server import lift_deadline
from edge.kiosk.state_view import StateView
from edge.kiosk.steering import (
    AcknowledgeRequest,
    SessionRequest,
    SessionView,
    SettingsRequest,
    SwitchRequest,
)
from edge.kiosk.tokens import Role

__all__ = ["Page"]

LONGEST_HISTORY: Final = 366 * 86_400


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
            web.get("/api/v1/week", self._week),
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

    async def _index(self, request: web.Request) -> web.Response:
        return responses.file(request, self._assets["index.html"])

    async def _manifest(self, request: web.Request) -> web.Response:
        return responses.file(request, self._assets["manifest.webmanifest"])

    async def _static(self, request: web.Request) -> web.Response:
        asset = self._assets.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        return responses.file(request, asset)

    async def _log_in(self, request: web.Request) -> web.Response:
        wanted = await responses.body(request, SessionRequest)
        asked = facts(request)
        session, role = self._access.log_in(asked, wanted.token)
        response = responses.json(SessionView(may_steer=role is Role.STEER))
        response.set_cookie(
            COOKIE,
            session,
            path=self._access.path(asked),
            max_age=30 * 86_400,
            httponly=True,
            samesite="Strict",
            secure=self._access.secure(asked),
        )
        return response

    async def _state(self, request: web.Request) -> web.Response:
        return responses.json(self._seen_by(request))

    async def _people(self, _: web.Request) -> web.Response:
        return responses.json(PeopleView(rooms={room.id: room.people for room in self._hub.state().rooms}))

    async def _health(self, _: web.Request) -> web.Response:
        return responses.json(self._hub.state().health)

    async def _info(self, _: web.Request) -> web.Response:
        return responses.json(self._hub.info())

    async def _history(self, request: web.Request) -> web.Response:
        seconds = _number(request.query.get("seconds", "900"))
        rooms = await asyncio.to_thread(self._hub.history, seconds)
        return responses.json(HistoryView(rooms={room: list(points) for room, points in rooms.items()}))

    async def _week(self, _: web.Request) -> web.Response:
        return responses.json(await asyncio.to_thread(self._hub.week))

    async def _erase(self, request: web.Request) -> web.Response:
        _must_steer(request)
        await asyncio.to_thread(self._hub.erase_history)
        return responses.json(HistoryView(rooms={}))

    async def _switch(self, request: web.Request) -> web.Response:
        _must_steer(request)
        wanted = await responses.body(request, SwitchRequest)
        await asyncio.to_thread(self._hub.switch, wanted.room, wanted.name, wanted.on)
        return responses.json(self._seen_by(request))

    async def _settings(self, request: web.Request) -> web.Response:
        return responses.json(self._hub.settings(request.query.get("room")))

    async def _change_settings(self, request: web.Request) -> web.Response:
        _must_steer(request)
        wanted = await responses.body(request, SettingsRequest)
        asked = wanted.model_dump(exclude_unset=True)
        for name in ("reset", "room"):
            if name in asked and asked[name] is None:
                del asked[name]
        return responses.json(await asyncio.to_thread(self._hub.change_settings, asked))

    async def _acknowledge(self, request: web.Request) -> web.Response:
        _must_steer(request)
        wanted = await responses.body(request, AcknowledgeRequest)
        await asyncio.to_thread(self._hub.acknowledge, wanted.cause)
        return responses.json(self._seen_by(request))

    async def _events(self, request: web.Request) -> web.StreamResponse:
        lift_deadline(request)
        return await self._broadcast.serve(request, request[ROLE], HEADERS)

    async def _document(self, _: web.Request) -> web.Response:
        return web.json_response(self._openapi)

    def _seen_by(self, request: web.Request) -> StateView:
        return self._hub.state().model_copy(update={"may_steer": request[ROLE] is Role.STEER})


def _must_steer(request: web.Request) -> None:
    if request[ROLE] is not Role.STEER:
        raise DeniedError(403, "this token may only view")


def _number(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= LONGEST_HISTORY:
        raise DeniedError(400, f"seconds has to be a number above 0 and at most {LONGEST_HISTORY}")
    return seconds
