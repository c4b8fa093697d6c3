"""Reads ahead in a thread, so that decoding and analysis share the cores."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["prefetch"]

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class _End:
    """The end of the items; `error` is what ended them early."""

    error: BaseException | None = None


class _Reader(Generic[Item]):
    def __init__(self, items: Iterable[Item], ahead: int) -> None:
        self._items = items
        self._box: queue.Queue[Item | _End] = queue.Queue(ahead)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="prefetch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def __iter__(self) -> Iterator[Item]:
        while not isinstance(item := self._box.get(), _End):
            yield item
        if item.error is not None:
            raise item.error

    def _run(self) -> None:
        try:
            for item in self._items:
                if not self._put(item):
                    return
        except BaseException as error:
            self._put(_End(error))
        else:
            self._put(_End())
        finally:
            self._close()

    def _close(self) -> None:
        """A generator that was left early ends in the thread that ran it."""
        if isinstance(self._items, Generator):
            self._items.close()

    def _put(self, item: Item | _End) -> bool:
        while not self._stopping.is_set():
            try:
                self._box.put(item, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False


@contextmanager
def prefetch(items: Iterable[Item], *, ahead: int = 8) -> Iterator[Iterable[Item]]:
    """The same items, read up to `ahead` of their use in a thread of its own; its errors are raised here."""
    reader = _Reader(items, ahead)
    try:
        yield reader
    finally:
        reader.stop()
