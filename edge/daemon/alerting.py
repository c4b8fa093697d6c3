"""The alerts of the daemon: what stands, who is told, and who acknowledged."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from edge.actions.alerts import Alert, AlertBoard
from edge.actions.plan import AlertRequest, PlannedAction
from edge.actions.rules import RuleEngine
from edge.actions.vigilance import SenseSigns, Vigilance
from edge.config.alerts import AlarmsConfig

__all__ = ["Alerting", "SensesNow"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SensesNow:
    """What both senses have told lately."""

    eyes: SenseSigns
    ears: SenseSigns


class Alerting:
    """Used by the main loop only, but for `top`. `tell` publishes the alert to show, or that none is."""

    def __init__(self, alarms: AlarmsConfig, tell: Callable[[Alert | None], object]) -> None:
        self._board = AlertBoard()
        self._vigilance = Vigilance(alarms)
        self._tell = tell
        self._told: Alert | str | None = "nothing yet"

    @property
    def top(self) -> Alert | None:
        """The alert to show."""
        return self._board.top

    def take(self, planned: Iterable[PlannedAction], wall: float) -> list[PlannedAction]:
        """Show and clear what rules ask for; returns the actions that are for others."""
        others = []
        for action in planned:
            if isinstance(action.request, AlertRequest):
                self._show(action.rule, action.request, wall)
            else:
                others.append(action)
        self.announce()
        return others

    def look(self, senses: SensesNow, now: float, wall: float) -> None:
        """Let time pass: a sense may have fallen silent, or speak again."""
        self._vigilance.look(self._board, senses.eyes, senses.ears, now, wall)
        self.announce()

    def acknowledge(self, cause: str | None, rules: RuleEngine) -> list[str]:
        """Somebody has noticed one alert, or all; returns the causes that were not known as noticed."""
        noticed = self._board.acknowledge(cause)
        rules.acknowledge(noticed)
        for name in noticed:
            _log.info("alert %s acknowledged", name)
        self.announce()
        return noticed

    def reconfigure(self, alarms: AlarmsConfig) -> None:
        """Other rules and alarms are in force; no alert of the old ones stands."""
        self._vigilance = Vigilance(alarms)
        self.forget()

    def forget(self) -> None:
        """No alert stands any more."""
        self._board.forget()
        self.announce()

    def announce(self, *, again: bool = False) -> None:
        """Tell the alert to show where it changed, or `again` to a new connection."""
        top = self._board.top
        if again or top != self._told:
            self._told = top
            self._tell(top)

    def _show(self, rule: str, request: AlertRequest, wall: float) -> None:
        if request.level is None:
            self._board.clear(rule)
        else:
            self._board.set_off(rule, request.level, request.message, wall)
            _log.warning("alert %s: %s (%s)", rule, request.message, request.level)
