"""Programs that run beside each other, each in a thread that waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from edge.actions.plan import CommandRequest
from edge.actions.transports import ActionError, CommandTransport
from edge.supervision import explain

__all__ = ["Programs"]

_MOST: Final = 16


class Programs:
    """Up to 16 at once; `allowed` is the configuration's word."""

    def __init__(self, *, allowed: bool) -> None:
        self._transport = CommandTransport(allowed=allowed)
        self._threads: set[threading.Thread] = set()

    @property
    def has_room(self) -> bool:
        """May one more run?"""
        return len(self._threads) < _MOST

    def start(self, request: CommandRequest, done: Callable[[Exception | None], None]) -> None:
        """Run one and return at once; `done` learns what became of it. Raises ActionError."""
        thread = threading.Thread(
            target=self._run, args=(request, done), name=f"actions-{request.argv[0]}", daemon=True
        )
        self._threads.add(thread)
        try:
            thread.start()
        except (RuntimeError, MemoryError) as error:
            self._threads.discard(thread)
            raise ActionError(explain(error)) from error

    def stop(self, deadline: float) -> None:
        """End what runs, and wait for it until `deadline` (monotonic)."""
        self._transport.stop()
        for thread in tuple(self._threads):
            thread.join(max(0.0, deadline - time.monotonic()))

    def _run(self, request: CommandRequest, done: Callable[[Exception | None], None]) -> None:
        error: Exception | None = None
        try:
            self._transport.send(request)
        except Exception as found:
            error = found
        self._threads.discard(threading.current_thread())
        done(error)
