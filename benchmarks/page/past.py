"""A month of one room in the history: size, and the time to read and to erase it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from edge.history.recent import Recent
from edge.history.recorder import Recorder
from edge.history.segments import Look, Segment, Segments
from edge.history.store import HistoryStore
from edge.vocabulary import LABELS, NONE

__all__ = ["history"]

_DAYS: Final = 30
_BEGIN: Final = 1_790_000_000.0
_AT_HOME: Final = (7, 8, 17, 18, 19, 20, 21, 22)
"""Hours with two people there; the rest of the day nobody is."""
_LASTS: Final = 20.0
"""Mean seconds of a mood."""
_A_WRITE: Final = 10
"""Segments written at once; the daemon writes every ten seconds what there is."""


def history() -> dict[str, Any]:
    """Looks once a second become segments as in the daemon, and go to disk in small writes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.sqlite"
        store, rows = HistoryStore(path), list(_month())
        for at in range(0, len(rows), _A_WRITE):
            store.add(rows[at : at + _A_WRITE])
        size = sum(one.stat().st_size for one in Path(folder).iterdir())
        read = _timed(lambda: store.read(_BEGIN + (_DAYS - 7) * 86_400))
        recorder = Recorder(Recent(), store, keep=1e9)
        erased = _timed(recorder.erase)
        return {
            "segments": len(rows),
            "month_mb": round(size / 1e6, 2),
            "read_a_week_ms": round(1000 * read),
            "erase_ms": round(1000 * erased, 1),
            "left": [one.name for one in Path(folder).iterdir()],
        }


def _month() -> Iterator[Segment]:
    generator, segments = np.random.default_rng(0), Segments("living")
    mood, until = LABELS[-1], 0
    for second in range(_DAYS * 86_400):
        there = second // 3600 % 24 in _AT_HOME
        if second >= until:
            mood = LABELS[int(generator.integers(len(LABELS)))]
            until = second + 1 + int(generator.exponential(_LASTS))
        look = Look(_BEGIN + second, mood if there else NONE, 0.71 if there else 0.0, 2 * there, "ok")
        done = segments.look(look)
        if done is not None:
            yield done


def _timed(work: Any) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin
