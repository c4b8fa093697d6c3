"""The alerts of the daemon: what stands, who is told, and who acknowledged."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from edge.actions.alerts import Alert, AlertBoard
from edge.actions.plan import AlertRequest, PlannedAction
from edge.actions.vigilance import SenseSigns, Vigilance
from edge.config.alerts import AlarmsConfig
from edge.config.plans import RoomPlan

__all__ = ["Alerting", "SensesNow"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SensesNow:
    """What both senses of a room have told lately."""

    eyes: SenseSigns
    ears: SenseSigns


class Alerting:
    """Used by the main loop only, but for `top`. `tell` publishes the alert to show, or that none is.

    Causes are the names of rules and alarms, `living/stress` where there are several rooms.
    """

    def __init__(
        self, alarms: AlarmsConfig, plans: Iterable[RoomPlan], tell: Callable[[Alert | None], object]
    ) -> None:
        self._board = AlertBoard()
        self._alarms = alarms
        self._vigilance: dict[str, Vigilance] = {}
        self.have_rooms(plans)
        self._tell = tell
        self._told: Alert | str | None = "nothing yet"

    @property
    def top(self) -> Alert | None:
        """The alert to show."""
        return self._board.top

    def have_rooms(self, plans: Iterable[RoomPlan]) -> None:
        """These are the rooms from now on; no alert of others stands."""
        known, self._vigilance = self._vigilance, {}
        for plan in plans:
            new = Vigilance(self._alarms, room=plan.level, place=plan.name)
            self._vigilance[plan.key] = known.get(plan.key, new)
        for gone in known.keys() - self._vigilance.keys():
            self._board.forget_room(gone)

    def take(self, room: str, planned: Iterable[PlannedAction], now: float) -> list[PlannedAction]:
        """Show and clear what the rules of a room ask for; returns the actions that are for others."""
        others = []
        for action in planned:
            if isinstance(action.request, AlertRequest):
                self._show(cause_in(room, action.rule), action.request, now)
            else:
                others.append(action)
        self.announce()
        return others

    def look(self, senses: Mapping[str, SensesNow], now: float) -> None:
        """Let time pass: a sense may have fallen silent, or speak again."""
        for room, told in senses.items():
            self._vigilance[room].look(self._board, told.eyes, told.ears, now)
        self.announce()

    def acknowledge(self, cause: str | None) -> list[str]:
        """Somebody has noticed one alert, or all; returns the causes that were not known as noticed."""
        noticed = self._board.acknowledge(cause)
        for name in noticed:
            _log.info("alert %s acknowledged", name)
        self.announce()
        return noticed

    def reconfigure(self, alarms: AlarmsConfig, plans: Iterable[RoomPlan]) -> None:
        """Other rules and alarms are in force; no alert of the old ones stands."""
        self._alarms, self._vigilance = alarms, {}
        self.have_rooms(plans)
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

    def _show(self, cause: str, request: AlertRequest, now: float) -> None:
        if request.level is None:
            self._board.clear(cause)
        else:
            self._board.set_off(cause, request.level, request.message, now)
            _log.warning("alert %s: %s (%s)", cause, request.message, request.level)


def cause_in(room: str, rule: str) -> str:
    """What an alert is called: the rule, with the room in front where there are several."""
    return f"{room}/{rule}" if room else rule
