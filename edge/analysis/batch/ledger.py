"""What has been done in a folder of results, so that it is not done again."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Final

from edge.analysis.batch.store import Store
from edge.analysis.batch.task import Outcome

__all__ = ["Ledger"]

_NAME: Final = ".analyzed.jsonl"


class Ledger:
    """The newest outcome of each name, kept line by line as work is finished.

    A line that breaks off, as when the machine lost power, is passed over; each begins a line of its own.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._done: dict[str, Outcome] = {}
        for line in store.lines(_NAME):
            try:
                one = Outcome(**json.loads(line))
            except (ValueError, TypeError):
                continue
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
