"""A few named moments in the future, run by one thread."""

from __future__ import annotations

import threading
from collections.abc import Callable

__all__ = ["Timers"]


class Timers:
    """At most one pending call for each name; the later order replaces the earlier one."""

    def __init__(self, monotonic: Callable[[], float], wake: Callable[[], None]) -> None:
        self._monotonic = monotonic
        self._wake_up = wake
        self._lock = threading.Lock()
        self._due: dict[str, tuple[float, Callable[[], None]]] = {}

    def after(self, name: str, delay: float, call: Callable[[], None]) -> None:
        """Run `call` in `delay` seconds and wake the thread that waits."""
        with self._lock:
            self._due[name] = (self._monotonic() + delay, call)
        self._wake_up()

    def until_next(self, limit: float | None = None) -> float | None:
        """Seconds to the next call, no more than `limit`; None when there is nothing to wait for."""
        with self._lock:
            moments = [at - self._monotonic() for at, _ in self._due.values()]
        if limit is not None:
            moments.append(limit)
        return max(0.0, min(moments)) if moments else None

    def run_due(self) -> None:
        """Run what is due, on the caller's thread."""
        now = self._monotonic()
        with self._lock:
            ready = [name for name, (at, _) in self._due.items() if at <= now]
            calls = [self._due.pop(name)[1] for name in ready]
        for call in calls:
            call()
