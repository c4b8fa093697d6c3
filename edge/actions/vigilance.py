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
    """`blind` and `deaf`; a device that is closed on purpose is neither."""

    def __init__(self, config: AlarmsConfig) -> None:
        self._config = config
        self._limits = {"blind": config.blind, "deaf": config.deaf}
        self._open_since: dict[str, float] = {}

    def look(self, board: AlertBoard, blind: SenseSigns, deaf: SenseSigns, now: float, wall: float) -> None:
        """Set off or clear both alarms."""
        for cause, signs in (("blind", blind), ("deaf", deaf)):
            silent = self._silent(cause, signs, now)
            limit = self._limits[cause]
            if limit is not None and silent >= limit:
                board.set_off(cause, self._config.level, _WORDS[cause].format(limit), wall)
            else:
                board.clear(cause)

    def _silent(self, cause: str, signs: SenseSigns, now: float) -> float:
        if not signs.is_open:
            self._open_since.pop(cause, None)
            return 0.0
        since = self._open_since.setdefault(cause, now)
        return now - max(since, signs.last_at if signs.last_at is not None else since)
