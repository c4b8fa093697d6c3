"""Senses that are open and tell nothing: alarms of their own. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edge.actions.alerts import AlertBoard
from edge.config.alerts import AlarmsConfig

__all__ = ["SenseSigns", "Vigilance"]

_WORDS: Final = {
    "blind": "No face could be judged for {0:.0f} s although the camera is open.",
    "deaf": "No sound came for {0:.0f} s although the microphone is open.",
}


@dataclass(frozen=True, slots=True)
class SenseSigns:
    """Whether a device is open, and when it last told something (monotonic seconds)."""

    is_open: bool
    last_at: float | None


class Vigilance:
    """`blind` and `deaf` of one room; a device that is closed on purpose is neither.

    Where there are several rooms, the causes begin with the `room`'s id, and `place` is its name.
    """

    def __init__(self, config: AlarmsConfig, *, room: str | None = None, place: str = "") -> None:
        self._config = config
        self._before = "" if room is None else f"{room}/"
        self._place = "" if room is None else f"{place}: "
        self._limits = {"blind": config.blind, "deaf": config.deaf}
        self._open_since: dict[str, float] = {}

    def look(self, board: AlertBoard, blind: SenseSigns, deaf: SenseSigns, now: float) -> None:
        """Set off or clear both alarms."""
        for cause, signs in (("blind", blind), ("deaf", deaf)):
            silent = self._silent(cause, signs, now)
            limit, name = self._limits[cause], f"{self._before}{cause}"
            if limit is not None and silent >= limit:
                text = self._place + _WORDS[cause].format(limit)
                board.set_off(name, self._config.level, text, now)
            else:
                board.clear(name)

    def _silent(self, cause: str, signs: SenseSigns, now: float) -> float:
        if not signs.is_open:
            self._open_since.pop(cause, None)
            return 0.0
        since = self._open_since.setdefault(cause, now)
        return now - max(since, signs.last_at if signs.last_at is not None else since)
