"""An HTTP server with a thread and an event loop of its own, which keeps trying until it gets its port."""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
import threading
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler, Middleware
from aiohttp.web_protocol import RequestPayloadError

from edge.kiosk.deadlines import Deadlines
from edge.kiosk.host_names import refuse_unknown_names
from edge.publish.health import Problem
from edge.supervision import GuardedThread, explain, is_shortage, no_beat

__all__ = ["HttpServer", "Listening", "lift_deadline"]

_log = logging.getLogger(__name__)
_request_log = logging.getLogger(f"{__name__}.requests")
_AGAIN: Final = 5.0
_DEADLINE: Final = 10.0
_LARGEST_REQUEST: Final = 65_536
_BEAT_EVERY: Final = 5.0
_SHORTAGE_LASTS: Final = 10.0
"""Seconds after which a client that could not be let in counts as past."""
_DEADLINES: Final = web.AppKey("deadlines", Deadlines)


@dataclass(frozen=True, slots=True)
class Listening:
    """Where a server listens; `section` is the section of the configuration that says so."""

    section: str
    host: str
    port: int
    allowed_hosts: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def lift_deadline(request: web.Request) -> None:
    """Let this request last: for a handler that sends events for as long as somebody listens."""
    request.app[_DEADLINES].lift(request.protocol)


class HttpServer:
    """Thread named as the section. A port that cannot be had is a problem, not an end.

    A client has `deadline` seconds to send its one request and to take the answer, and is cut off then,
    so that idle and dripping ones hold nothing; handlers run on the event loop and must not block.
    `guard` decides on every request, in place of the check of names; `ending` is awaited at the end;
    `beat` is called every few seconds while the event loop runs.
    """

    def __init__(
        self,
        listening: Listening,
        routes: Iterable[web.AbstractRouteDef],
        *,
        guard: Middleware | None = None,
        tls: ssl.SSLContext | None = None,
        ending: Callable[[], Awaitable[None]] | None = None,
        again: float = _AGAIN,
        deadline: float = _DEADLINE,
        beat: Callable[[], None] = no_beat,
    ) -> None:
        self._listening = listening
        self._routes = list(routes)
        self._guard = guard or refuse_unknown_names(listening)
        self._tls = tls
        self._ending = ending
        self._again = again
        self._deadline = deadline
        self._problem: str | None = None
        self._stopping = threading.Event()
        self._leave: Callable[[], None] = lambda: None
        self._beat = beat
        self._shortage: tuple[float, str] | None = None
        self._thread = GuardedThread(listening.section, lambda: asyncio.run(self._serve()), beat=beat)

    def start(self) -> None:
        """Begin to listen; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and cut off who is still there; returns when the port is free again."""
        self._stopping.set()
        self._leave()
        self._thread.stop(2.0)

    def revive(self) -> None:
        """Start the thread again if it is gone; to be called every second or so."""
        self._thread.revive()

    def problems(self) -> list[Problem]:
        """Why nobody can reach it, if so."""
        shortage = self._shortage
        if shortage is not None and time.monotonic() - shortage[0] > _SHORTAGE_LASTS:
            shortage = None
        found = (self._problem, self._thread.problem, shortage and shortage[1])
        return [Problem(self._listening.section, text) for text in found if text is not None]

    async def _serve(self) -> None:
        loop, left = asyncio.get_running_loop(), asyncio.Event()
        self._leave = lambda: _set(loop, left)
        loop.set_exception_handler(self._complain)
        pulse = loop.create_task(self._pulse())
        runner = web.AppRunner(
            self._application(), access_log=None, logger=_request_log, shutdown_timeout=0.0
        )
        await runner.setup()
        try:
            while not self._stopping.is_set():
                await self._listen(loop, runner, left)
        finally:
            if self._ending is not None:
                await self._ending()
            await runner.cleanup()
            pulse.cancel()

    async def _pulse(self) -> None:
        while True:
            self._beat()
            await asyncio.sleep(_BEAT_EVERY)

    def _complain(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if error is None or not is_shortage(error):
            loop.default_exception_handler(context)
            return
        if not self._shortage:
            _log.warning("%s: %s", self._listening.section, explain(error))
        self._shortage = (time.monotonic(), f"clients are not let in: {explain(error)}")

    async def _listen(
        self, loop: asyncio.AbstractEventLoop, runner: web.AppRunner, left: asyncio.Event
    ) -> None:
        here = self._listening
        try:
            server = await loop.create_server(
                lambda: _welcome(runner), here.host, here.port, reuse_address=True, ssl=self._tls
            )
        except OSError as error:
            self._failed(error)
            await _wait(left, self._again)
            return
        self._problem = None
        _log.info("%s on http%s://%s", here.section, "s" if self._tls else "", here)
        try:
            await left.wait()
        finally:
            server.close()

    def _application(self) -> web.Application:
        application = web.Application(
            middlewares=[_one_request, self._guard], client_max_size=_LARGEST_REQUEST
        )
        application[_DEADLINES] = Deadlines(self._deadline)
        application.add_routes(self._routes)
        return application

    def _failed(self, error: OSError) -> None:
        section = self._listening.section
        known = error.errno is not None and error.errno > 0
        reason = os.strerror(error.errno or 0) if known else error.strerror or str(error)
        self._problem = (
            f"cannot listen on {self._listening}: {reason}; "
            f"set {section}.host and {section}.port to a free address"
        )
        _log.warning("%s", self._problem)


def _set(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    with suppress(RuntimeError):  # the loop has ended already
        loop.call_soon_threadsafe(event.set)


def _is_own_fault(record: logging.LogRecord) -> bool:
    """Whether a failed request is news; one that a client wrote wrongly is not."""
    return record.exc_info is None or not isinstance(
        record.exc_info[1], (HttpProcessingError, RequestPayloadError)
    )


_request_log.addFilter(_is_own_fault)


async def _wait(event: asyncio.Event, timeout: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), timeout)
    except asyncio.TimeoutError:
        return


def _welcome(runner: web.AppRunner) -> asyncio.Protocol:
    assert runner.server is not None
    client = runner.server()
    runner.app[_DEADLINES].begin(client)
    return client


@web.middleware
async def _one_request(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A connection for each request, so that the deadline of the connection is that of the request."""
    try:
        response = await handler(request)
    except web.HTTPException as error:
        error.force_close()
        raise
    response.force_close()
    return response
