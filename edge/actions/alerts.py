"""What somebody has to be told at once: the alerts that stand, by their cause. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from edge.config.alerts import LEVELS, Level

__all__ = ["Alert", "AlertBoard"]

_HEIGHT: Final = {level: height for height, level in enumerate(LEVELS)}


@dataclass(frozen=True, slots=True)
class Alert:
    """`cause` is the name of a rule, `blind` or `deaf`; `since` monotonic seconds."""

    cause: str
    level: Level
    message: str
    since: float
    acknowledged: bool = False


class AlertBoard:
    """One alert for each cause; the gravest that nobody has acknowledged is the one to show."""

    def __init__(self) -> None:
        self._alerts: dict[str, Alert] = {}

    def set_off(self, cause: str, level: Level, message: str, now: float) -> None:
        """A cause calls; a higher level than before has to be acknowledged anew."""
        known = self._alerts.get(cause)
        if known is None:
            self._alerts[cause] = Alert(cause, level, message, now)
        elif _HEIGHT[level] > _HEIGHT[known.level]:
            self._alerts[cause] = replace(known, level=level, message=message, acknowledged=False)
        elif level == known.level:
            self._alerts[cause] = replace(known, message=message)

    def clear(self, cause: str) -> None:
        """The cause is gone."""
        self._alerts.pop(cause, None)

    def forget(self) -> None:
        """Forget every cause."""
        self._alerts.clear()

    def forget_room(self, room: str) -> None:
        """Forget the causes of a room that is gone."""
        self._alerts = {name: one for name, one in self._alerts.items() if not name.startswith(f"{room}/")}

    def acknowledge(self, cause: str | None = None) -> list[str]:
        """Somebody has noticed one cause, or all of them; those that were not known as noticed."""
        noticed = [
            alert.cause
            for alert in self._alerts.values()
            if cause in (None, alert.cause) and not alert.acknowledged
        ]
        for name in noticed:
            self._alerts[name] = replace(self._alerts[name], acknowledged=True)
        return noticed

    @property
    def top(self) -> Alert | None:
        """The one to show."""
        return max(
            list(self._alerts.values()),
            key=lambda alert: (not alert.acknowledged, _HEIGHT[alert.level], alert.since),
            default=None,
        )
