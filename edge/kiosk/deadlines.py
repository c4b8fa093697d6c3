"""How long the clients of the HTTP server may hold a connection; used on the event loop."""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp.web_protocol import RequestHandler

__all__ = ["Deadlines"]

_MOST_CLIENTS: Final = 64
_SETTLED: Final = 0.5
"""Seconds after which a client mostly has its connection; one without counts no more."""


class Deadlines:
    """Every client is cut off after so many seconds; of more than 64 that wait the oldest goes at once.

    On a busy machine a client may get its connection later than it is thought to have ended: its time runs
    all the same, until it is over or lifted.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._timers: dict[RequestHandler, asyncio.TimerHandle] = {}
        self._waiting: dict[RequestHandler, float] = {}

    def begin(self, client: RequestHandler) -> None:
        """A client is let in; its time runs."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        settled = now - _SETTLED
        for ended in [one for one, at in self._waiting.items() if not one.transport and at < settled]:
            del self._waiting[ended]
        if len(self._waiting) >= _MOST_CLIENTS:
            oldest = next(iter(self._waiting))
            del self._waiting[oldest]
            loop.call_later(_SETTLED, _cut_off, oldest)
        self._waiting[client] = now
        self._timers[client] = loop.call_later(self._seconds, self._end, client)

    def lift(self, client: RequestHandler) -> None:
        """This client may stay for as long as it likes."""
        self._waiting.pop(client, None)
        timer = self._timers.pop(client, None)
        if timer is not None:
            timer.cancel()

    def _end(self, client: RequestHandler) -> None:
        self._waiting.pop(client, None)
        del self._timers[client]
        _cut_off(client)


def _cut_off(client: RequestHandler) -> None:
    if client.transport is not None:
        client.transport.abort()
