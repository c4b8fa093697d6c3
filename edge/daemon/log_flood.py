"""Keeps the log readable and the disk alive: repeated lines and floods are held back, and counted."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["FloodGuard"]

_REPEAT_S: Final = 60.0
_MOST_REMEMBERED: Final = 1000
_MOST_TEMPLATES: Final = 250
_BURST_OF_ONE: Final = 60
_BURST_OF_ALL: Final = 300
_RATE_OF_ONE: Final = 1.0
_RATE_OF_ALL: Final = 5.0


@dataclass(slots=True)
class _Allowance:
    """Lines that may still appear at once; they come back with time."""

    burst: int
    rate: float
    left: float
    at: float
    withheld: int = 0

    def take(self, now: float) -> bool:
        self.left = min(float(self.burst), self.left + (now - self.at) * self.rate)
        self.at = now
        if self.left < 1.0:
            return False
        self.left -= 1.0
        return True


class FloodGuard(logging.Filter):
    """Lets a repeated warning through once in a while, and of lines that differ only so many in a time.

    Two warnings are the same when their template and their texts are; numbers may differ. Lines of one
    template may come 60 at once and one a second from then on, all together 300 and five a second; debug
    lines are not counted. Each line takes the same time, however many came before it.
    """

    def __init__(self, *, every: float = _REPEAT_S, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._every = every
        self._clock = clock
        self._shown: OrderedDict[Hashable, tuple[float, int]] = OrderedDict()
        self._templates: OrderedDict[Hashable, _Allowance] = OrderedDict()
        self._all = _Allowance(_BURST_OF_ALL, _RATE_OF_ALL, _BURST_OF_ALL, clock())

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line appears."""
        if record.levelno < logging.INFO:
            return True
        now = self._clock()
        if record.levelno < logging.WARNING:
            return self._is_within_limits(record, now)
        key = _identity(record)
        shown, withheld = self._shown.get(key, (now - self._every, 0))
        if now - shown < self._every:
            self._shown[key] = shown, withheld + 1
            return False
        if not self._is_within_limits(record, now):
            return False
        record.repeated = withheld
        self._remember(key, now)
        return True

    def _remember(self, key: Hashable, now: float) -> None:
        self._shown[key] = now, 0
        self._shown.move_to_end(key)
        if len(self._shown) > _MOST_REMEMBERED:
            self._shown.popitem(last=False)

    def _is_within_limits(self, record: logging.LogRecord, now: float) -> bool:
        template = (record.name, record.levelno, str(record.msg))
        own = self._templates.get(template)
        if own is None:
            own = self._templates[template] = _Allowance(_BURST_OF_ONE, _RATE_OF_ONE, _BURST_OF_ONE, now)
            if len(self._templates) > _MOST_TEMPLATES:
                self._templates.popitem(last=False)
        self._templates.move_to_end(template)
        if not own.take(now):
            own.withheld += 1
            return False
        if not self._all.take(now):
            self._all.withheld += 1
            return False
        record.withheld = own.withheld + self._all.withheld
        own.withheld = self._all.withheld = 0
        return True


def _identity(record: logging.LogRecord) -> Hashable:
    arguments = record.args.values() if isinstance(record.args, Mapping) else record.args or ()
    values = getattr(record, "fields", {}).values()
    texts = tuple(str(value) for value in (*arguments, *values) if not isinstance(value, int | float))
    return record.name, record.levelno, str(record.msg), texts
