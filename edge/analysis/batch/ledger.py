"""What has been done in a folder of results, so that it is not done again."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Final

from edge.analysis.batch.store import Store
from edge.analysis.batch.task import Outcome
from edge.config.bounded_json import parse_json

__all__ = ["Ledger"]

_NAME: Final = ".analyzed.jsonl"
_LONGEST: Final = 16 << 20
"""Bytes of a line: a row for each speaker or person of a recording."""


class Ledger:
    """The newest outcome of each name, kept line by line as work is finished.

    A line that breaks off, as when the machine lost power, is passed over; each begins a line of its own.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._done: dict[str, Outcome] = {}
        for line in store.lines(_NAME):
            one = _outcome(line)
            if one is not None:
                self._done[one.name] = one

    def key(self, name: str) -> str | None:
        """The key under which it was done, None when it was not or failed."""
        one = self._done.get(name)
        return one.key if one is not None and one.error is None else None

    def add(self, outcome: Outcome) -> Outcome:
        """Keep it; for what was not done again, the outcome of then."""
        if outcome.again:
            return replace(self._done[outcome.name], again=True)
        self._done[outcome.name] = outcome
        self._store.append(_NAME, b"\n" + json.dumps(asdict(outcome)).encode() + b"\n")
        return outcome


def _outcome(line: bytes) -> Outcome | None:
    """What a line tells; None for one that was never written whole."""
    try:
        one = Outcome(**parse_json(line, most_bytes=_LONGEST))
    except (ValueError, TypeError):
        return None
    words = (one.place, one.name, one.key)
    told = all(isinstance(word, str) for word in words) and isinstance(one.error, str | None)
    rows = isinstance(one.rows, list) and all(isinstance(row, dict) for row in one.rows)
    return one if told and rows and isinstance(one.seconds, int | float) else None
