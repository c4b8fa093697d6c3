"""Segments on disk: one small SQLite file for a device, whose oldest rows make room for new ones."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from edge.errors import EdgeError
from edge.history.segments import Segment
from edge.vocabulary import LABELS, NONE

__all__ = ["HistoryStore", "history_file"]

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS segment (
    room TEXT NOT NULL, start REAL NOT NULL, end REAL NOT NULL, emotion TEXT NOT NULL,
    confidence REAL NOT NULL, people INTEGER NOT NULL, health TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS segment_end ON segment (end);
PRAGMA user_version = 1;
"""
_BUSY: Final = 5.0
_BESIDE: Final = ("", "-wal", "-shm", "-journal")
_DAMAGED: Final = ".damaged"
_SIGNS_OF_DAMAGE: Final = (
    "malformed",
    "no such",
    "decode",
    "unsupported file format",
    "has no column",
    "columns but",
)
_MOODS: Final = frozenset((*LABELS, NONE))


def history_file(state: Path, device: str) -> Path:
    """Where the history of a device lies in the state folder."""
    return state / f"history-{device}.sqlite"


class HistoryStore:
    """Opens the file anew for each call, so that any thread and any command may use it at any time.

    Write-ahead logging: what was added survives the end of the process at any moment.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, segments: Iterable[Segment]) -> None:
        """Append; EdgeError if the file cannot be written. A file that is no database is set aside."""
        rows = [
            (one.room, one.start, one.end, one.emotion, one.confidence, one.people, one.health)
            for one in segments
        ]
        with self._connection() as connection:
            connection.executemany("INSERT INTO segment VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def newest_row(self) -> int:
        """Number of the last row, 0 where there is none: what is added later has a higher one."""
        with self._connection() as connection:
            found = connection.execute("SELECT max(rowid) FROM segment").fetchone()
            return int(found[0] or 0)

    def shift(self, seconds: float, *, after: int) -> None:
        """Move what was added after a row by some seconds: the clock was set."""
        with self._connection() as connection:
            connection.execute(
                "UPDATE segment SET start = start + ?, end = end + ? WHERE rowid > ?",
                (seconds, seconds, after),
            )

    def prune(self, before: float) -> None:
        """Drop what ended before a Unix time."""
        with self._connection() as connection:
            connection.execute("DELETE FROM segment WHERE end < ?", (before,))

    def read(self, since: float, until: float = float("inf")) -> list[Segment]:
        """Segments that overlap a span of Unix time, the oldest first; none where nothing was kept."""
        if not self.path.exists():
            return []
        question = "SELECT * FROM segment WHERE end >= ? AND start <= ? ORDER BY start"
        with self._connection() as connection:
            return [_segment(row) for row in connection.execute(question, (since, min(until, 1e12)))]

    def erase(self) -> None:
        """Delete the file and all beside it; EdgeError if it cannot be."""
        try:
            for suffix in (*_BESIDE, _DAMAGED):
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
        except OSError as error:
            raise EdgeError(f"cannot erase {self.path}: {error.strerror or error}") from error

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(self._open()) as connection, connection:
                yield connection
        except (sqlite3.DatabaseError, UnicodeError) as error:
            if _is_damage(error):
                raise EdgeError(self._set_aside()) from error
            raise EdgeError(f"cannot use {self.path}: {error}") from error
        except OSError as error:
            raise EdgeError(f"cannot use {self.path}: {error.strerror or error}") from error

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self.path.exists():
            self.path.touch(mode=0o600)
        connection = sqlite3.connect(self.path, timeout=_BUSY)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA secure_delete = ON")
        connection.executescript(_SCHEMA)
        return connection

    def _set_aside(self) -> str:
        aside = self.path.with_name(self.path.name + _DAMAGED)
        for suffix in _BESIDE[1:]:
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
        self.path.replace(aside)
        return f"{self.path} was damaged; it is now {aside.name}, and a new history begins"


def _is_damage(error: sqlite3.DatabaseError | UnicodeError) -> bool:
    """Whether the file itself is at fault, and not the disk or another program that holds it."""
    if isinstance(error, UnicodeError) or type(error) is sqlite3.DatabaseError:
        return True
    return any(word in str(error) for word in _SIGNS_OF_DAMAGE)


def _segment(row: tuple[Any, ...]) -> Segment:
    """A row as it was written; DatabaseError where the file was changed since."""
    room, start, end, emotion, confidence, people, health = row
    texts = all(isinstance(one, str) for one in (room, emotion, health)) and emotion in _MOODS
    numbers = all(isinstance(one, (int, float)) and math.isfinite(one) for one in row[1:3] + row[4:6])
    if not (texts and numbers and start <= end and 0 <= confidence <= 1 and people >= 0):
        raise sqlite3.DatabaseError(f"{row!r} was never written")
    return Segment(room, start, end, emotion, confidence, people, health)
