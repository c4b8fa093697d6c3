"""The event stream: every viewer gets each new state; a slow reader is let go, never waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from edge.kiosk.state_view import StateView
from edge.kiosk.tokens import Role

__all__ = ["MOST_VIEWERS", "Broadcast"]

LOOK_EVERY: Final = 0.25
"""Seconds between two looks at the daemon's state, while somebody watches."""
TICK_EVERY: Final = 5.0
"""Seconds without news after which a sign of life is sent."""
MOST_VIEWERS: Final = 200
_WAITING: Final = 8
_VOLATILE: Final = {"now", "health"}
"""What changes by itself is no news; it travels with the ticks."""


@dataclass(eq=False, slots=True)
class _Viewer:
    """One open stream. A viewer whose queue is full has stopped reading: its connection is cut."""

    role: Role
    transport: asyncio.Transport | None
    queue: asyncio.Queue[bytes | None] = field(default_factory=lambda: asyncio.Queue(_WAITING))

    def offer(self, message: bytes) -> bool:
        try:
            self.queue.put_nowait(message)
        except asyncio.QueueFull:
            self.cut()
            return False
        return True

    def end(self) -> None:
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(None)

    def cut(self) -> None:
        self.end()
        if self.transport is not None:
            self.transport.abort()


class Broadcast:
    """Looks at the state only while there are viewers; a state is made into text once for all of a role."""

    def __init__(self, read: Callable[[], StateView]) -> None:
        self._read = read
        self._viewers: set[_Viewer] = set()
        self._task: asyncio.Task[None] | None = None

    @property
    def viewers(self) -> int:
        """How many streams are open."""
        return len(self._viewers)

    async def serve(self, request: web.Request, role: Role, headers: Mapping[str, str]) -> web.StreamResponse:
        """One viewer's stream, until it or the server ends."""
        if len(self._viewers) >= MOST_VIEWERS:
            raise web.HTTPServiceUnavailable(text="too many viewers", headers={"Retry-After": "30"})
        response = web.StreamResponse(
            headers={
                **headers,
                "Content-Type": "text/event-stream",
                "Cache-Control": "no-cache",
                "X-Accel-Buffering": "no",
            }
        )
        await response.prepare(request)
        viewer = _Viewer(role, request.transport)
        viewer.offer(_event(self._read(), role))
        self._viewers.add(viewer)
        self._look()
        try:
            with suppress(ConnectionError):
                while (message := await viewer.queue.get()) is not None:
                    await response.write(message)
        finally:
            self._viewers.discard(viewer)
        return response

    async def stop(self) -> None:
        """End all streams."""
        for viewer in self._viewers:
            viewer.end()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def _look(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        before: object = None
        loop = asyncio.get_running_loop()
        spoken = loop.time()
        while self._viewers:
            await asyncio.sleep(LOOK_EVERY)
            state = self._read()
            news = state.model_dump(exclude=_VOLATILE), state.health.status, state.health.problems
            quiet = loop.time() - spoken >= TICK_EVERY
            if news != before or quiet:
                self._tell(state)
                before, spoken = news, loop.time()

    def _tell(self, state: StateView) -> None:
        messages = {role: _event(state, role) for role in {viewer.role for viewer in self._viewers}}
        self._viewers -= {viewer for viewer in self._viewers if not viewer.offer(messages[viewer.role])}


def _event(state: StateView, role: Role) -> bytes:
    seen = state.model_copy(update={"may_steer": role is Role.STEER})
    return b"event: state\ndata: " + seen.model_dump_json(by_alias=True).encode() + b"\n\n"
