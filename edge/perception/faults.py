"""Single failures of a model are skipped and told; a model that keeps failing is given up."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, TypeVar

from edge.errors import EngineError

__all__ = ["Faults"]

Result = TypeVar("Result")
_LIMIT: Final = 5
_log = logging.getLogger(__name__)


class Faults:
    """Counts failures in a row of one classifier; `newest` is the last message, None while it works."""

    def __init__(self, sense: str, limit: int = _LIMIT) -> None:
        self._sense = sense
        self._limit = limit
        self._row = 0
        self.newest: str | None = None

    def guard(self, work: Callable[[], Result]) -> Result | None:
        """The result of `work`, None when it failed. Raises EngineError at the limit of failures in a row."""
        try:
            result = work()
        except EngineError as error:
            self._failed(error)
            return None
        self._row, self.newest = 0, None
        return result

    def _failed(self, error: EngineError) -> None:
        self._row, self.newest = self._row + 1, str(error)
        if self._row >= self._limit:
            self._row = 0
            raise EngineError(f"{self._sense}: {self._limit} failures in a row, the last: {error}") from error
        if self._row == 1:
            _log.warning("%s reading skipped: %s", self._sense, error)
