"""Records every room as time passes: in memory always, on disk where the configuration asks for it."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from edge.errors import EdgeError
from edge.history.recent import Recent
from edge.history.segments import Look, Segment, Segments
from edge.supervision import GuardedThread

if TYPE_CHECKING:
    from edge.history.store import HistoryStore

__all__ = ["Recorder"]

_log = logging.getLogger(__name__)
_WRITE_EVERY: Final = 10.0
_PRUNE_EVERY: Final = 3600.0
_MOST_WAITING: Final = 5000


class Recorder:
    """`record` is called by the main loop and never waits; a thread of its own writes.

    Without a store nothing is written. A store that fails is a problem and is tried again; meanwhile
    the newest segments wait in memory.
    """

    def __init__(self, recent: Recent, store: HistoryStore | None, keep: float) -> None:
        self._recent = recent
        self._store = store
        self._keep = keep
        self._segments: dict[str, Segments] = {}
        self._waiting: queue.SimpleQueue[Segment | float] = queue.SimpleQueue()
        """Segments, and between them the seconds by which the clock was set."""
        self._pending: list[Segment] = []
        self._behind = 0.0
        """Seconds by which what was written with this still has to be moved."""
        self._before: int | None = None
        """The last row of those who wrote before this."""
        self._wake = threading.Event()
        self._stopping = False
        self._lock = threading.Lock()
        """Guards the open segments; held for moments."""
        self._disk = threading.Lock()
        """Guards the store and what waits for it."""
        self._thread = GuardedThread("history", self._run)
        self._pruned_at: float | None = None
        self._now = 0.0
        self._failure: str | None = None

    @property
    def problem(self) -> str | None:
        """Why nothing is written now."""
        return self._failure or self._thread.problem

    def start(self) -> None:
        """Begin to write."""
        if self._store is not None:
            self._thread.start()

    def stop(self) -> None:
        """Write what is left and end."""
        self._end_segments()
        self._stopping = True
        self._wake.set()
        self._thread.stop(5.0)

    def revive(self) -> None:
        """Start the thread again if it is gone; to be called every second or so."""
        self._thread.revive()

    def record(self, looks: Mapping[str, Look]) -> None:
        """Take one look at every room."""
        for room, look in looks.items():
            self._recent.add(room, look)
        self._recent.keep_only(set(looks))
        if self._store is None:
            return
        with self._lock:
            for room, look in looks.items():
                self._now = look.at
                self._hand_over(self._segments.setdefault(room, Segments(room)).look(look))
            for room in self._segments.keys() - looks.keys():
                self._hand_over(self._segments.pop(room).flush())

    def clock_set(self, seconds: float) -> None:
        """The clock was set: what this has recorded is moved with it, as it happened that long ago.

        What is too old is not dropped for an hour from now, so that a clock that is wrong for a moment
        costs nothing.
        """
        self._recent.shift(seconds)
        if self._store is not None:
            self._end_segments()
            self._now += seconds
            self._waiting.put(seconds)

    def erase(self) -> None:
        """Forget everything, in memory and on disk; EdgeError if the file cannot be deleted."""
        with self._disk:
            self._recent.erase()
            with self._lock:
                self._segments.clear()
            self._collect()
            self._pending.clear()
            self._behind, self._before = 0.0, 0
            if self._store is not None:
                self._store.erase()

    def _end_segments(self) -> None:
        with self._lock:
            for segments in self._segments.values():
                self._hand_over(segments.flush())
            self._segments.clear()

    def _hand_over(self, segment: Segment | None) -> None:
        if segment is not None:
            self._waiting.put(segment)

    def _run(self) -> None:
        while not self._stopping:
            self._wake.wait(_WRITE_EVERY)
            self.write()
        self.write()

    def write(self) -> None:
        """Write what waits, and drop what is too old; called by the thread of this."""
        with self._disk:
            self._collect()
            assert self._store is not None
            try:
                if self._behind and self._before is not None:
                    self._store.shift(self._behind, after=self._before)
                self._behind = 0.0
                if self._pending:
                    if self._before is None:
                        self._before = self._store.newest_row()
                    self._store.add(self._pending)
                    self._pending.clear()
                if self._pruned_at is None or self._now - self._pruned_at > _PRUNE_EVERY:
                    self._pruned_at = self._now
                    self._store.prune(self._now - self._keep)
                self._failure = None
            except EdgeError as error:
                if self._failure is None:
                    _log.warning("%s", error)
                self._failure = str(error)

    def _collect(self) -> None:
        while not self._waiting.empty():
            item = self._waiting.get()
            if isinstance(item, Segment):
                self._pending.append(item)
            else:
                self._pending = [one.shifted(item) for one in self._pending]
                self._behind += item
                self._pruned_at = None if self._pruned_at is None else self._now
        del self._pending[:-_MOST_WAITING]
