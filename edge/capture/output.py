"""One half of what a source of pictures and sound delivers, with a switch of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, Literal, TypeVar

from edge.capture.mailbox import BoundedQueue

__all__ = ["Half", "Output"]

T = TypeVar("T")
Half = Literal["picture", "sound"]


class Output(Generic[T]):
    """A box, a switch, and its counts; without a box it is never on."""

    def __init__(self, box: BoundedQueue[T] | None, heartbeat: Callable[[], None]) -> None:
        self._box = box
        self._heartbeat = heartbeat
        self._lock = threading.Lock()
        self._on = box is not None
        self.delivered = 0
        self.last_at: float | None = None

    @property
    def on(self) -> bool:
        """Whether what comes is handed on."""
        return self._on

    @property
    def wanted(self) -> bool:
        """Whether there is anybody to hand on to."""
        return self._box is not None

    @property
    def dropped(self) -> int:
        """How many items nobody read in time."""
        return self._box.dropped if self._box is not None else 0

    def switch(self, on: bool) -> None:
        """Hand on or not; nothing comes after switching off, and what waited is forgotten."""
        with self._lock:
            self._on = on and self._box is not None
            if not on and self._box is not None:
                self._box.clear()

    def clear(self) -> None:
        """Withdraw what waits."""
        if self._box is not None:
            self._box.clear()

    def put(self, item: T, at: float) -> None:
        """Hand on, when switched on."""
        with self._lock:
            if self._on and self._box is not None:
                self._box.put(item)
                self.delivered += 1
                self.last_at = at

    def beat(self) -> None:
        """A sign of life, when switched on; none comes after switching off."""
        with self._lock:
            if self._on:
                self._heartbeat()
