"""Hand-over between threads that never blocks the giver: what cannot be kept is dropped and counted."""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, TypeVar

__all__ = ["BoundedQueue", "Mailbox"]

T = TypeVar("T")


class BoundedQueue(Generic[T]):
    """A queue of at most `limit` items; a full one drops its oldest."""

    def __init__(self, limit: int) -> None:
        if limit < 1:
            raise ValueError(f"limit must be at least 1, not {limit}")
        self._items: deque[T] = deque()
        self._limit = limit
        self._ready = threading.Condition()
        self._dropped = 0
        self._closed = False

    def put(self, item: T) -> None:
        """Add the newest item; after `close` it is thrown away."""
        with self._ready:
            if self._closed:
                return
            if len(self._items) == self._limit:
                self._items.popleft()
                self._dropped += 1
            self._items.append(item)
            self._ready.notify()

    def get(self, timeout: float | None = None) -> T | None:
        """The oldest item kept; None when `timeout` seconds have passed or the box is closed."""
        with self._ready:
            self._ready.wait_for(lambda: self._items or self._closed, timeout)
            return self._items.popleft() if self._items else None

    def clear(self) -> None:
        """Forget what waits, uncounted: it was withdrawn, not lost."""
        with self._ready:
            self._items.clear()

    def close(self) -> None:
        """Forget what waits and release every waiting `get`."""
        with self._ready:
            self._closed = True
            self._items.clear()
            self._ready.notify_all()

    def __len__(self) -> int:
        return len(self._items)

    @property
    def dropped(self) -> int:
        """How many items were pushed out unread."""
        return self._dropped

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed


class Mailbox(BoundedQueue[T]):
    """One slot: the newest item wins."""

    def __init__(self) -> None:
        super().__init__(limit=1)
