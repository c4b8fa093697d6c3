"""Camera, microphone and actions as switches: who decides, who is told, and the socket that asks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from edge.actions.transports import Publish
from edge.config import Config
from edge.config.directories import runtime_directory
from edge.config.models import PrivacyConfig
from edge.config.plans import room_plans
from edge.daemon.buttons import Buttons
from edge.daemon.control import ControlServer
from edge.daemon.health import Heartbeats
from edge.daemon.periodic import Every
from edge.errors import EdgeError
from edge.privacy.indicator import Indicator
from edge.privacy.state import Desired, PrivacyState, one_change, switch_changes
from edge.privacy.store import switch_store
from edge.publish.health import Problem

__all__ = ["ControlRequest", "Switches"]

_log = logging.getLogger(__name__)
_ANSWER_WITHIN = 10.0
_STORE_EVERY: Final = 5.0
_CONNECTED_WITHIN: Final = 30.0
_TOLD_WITHIN: Final = 2.0
"""Seconds after a connection by which a broker has told what it keeps."""
_CHANGES: Final = {"privacy": switch_changes, "switch": one_change}
"""What sets switches: the command of the control socket, and how its arguments are read."""


@dataclass(frozen=True, slots=True)
class ControlRequest:
    """One request of the control socket, answered by the main loop."""

    command: str
    arguments: Mapping[str, Any]
    answer: Future[Mapping[str, Any]] = field(default_factory=Future)


class Switches:
    """Used by the main loop, but for the control socket's handler, which only posts and waits.

    `announce` tells the world, retained, that a switch is now on or off; `keep_unstored` has the broker
    remember what could not be stored here.
    """

    def __init__(
        self,
        *,
        config: Config,
        env: Mapping[str, str],
        post: Callable[[ControlRequest], None],
        publish: Publish,
        announce: Callable[[str, bool], None],
        keep_unstored: Callable[[Mapping[str, bool] | None], None],
        heartbeats: Heartbeats,
        clock: Callable[[], float],
    ) -> None:
        self._heartbeats, self._clock = heartbeats, clock
        self._post = post
        self._announce = announce
        self._publish = publish
        self._keep_unstored = keep_unstored
        self._kept_unstored: Mapping[str, bool] | None = None
        self._asking_until: float | None = None
        self._announced: dict[str, bool] = {}
        self._config = config.privacy
        store = switch_store(config, env)
        self._privacy = PrivacyState(config.privacy, store=store, rooms=_levels(config))
        self._privacy.asking &= config.mqtt.enabled
        self._indicator = self._new_indicator(config)
        self._buttons = Buttons(
            config,
            pressed=lambda command, arguments: post(ControlRequest(command, arguments)),
            heartbeats=heartbeats,
            clock=clock,
        )
        socket = runtime_directory(env) / f"{config.device.id}.sock"
        beat = heartbeats.of("control", clock)
        self._control = ControlServer(socket, self._ask, group="RUNTIME_DIRECTORY" in env, beat=beat)
        self._control_problem: str | None = None
        self._store_again = Every(_STORE_EVERY)

    def start(self) -> None:
        """Begin to listen and to indicate; a socket that cannot be had is a problem, not an end."""
        self._privacy.begin()
        self._indicator.start()
        self._buttons.start()
        try:
            self._control.start()
        except EdgeError as error:
            self._control_problem = str(error)
            _log.warning("no control socket: %s", error)

    def stop(self) -> None:
        """End; call it when the devices are closed."""
        self._privacy.end()
        self._see_what_is_stored()
        if self._control_problem is None:
            self._control.stop()
        self._buttons.stop()
        self._indicator.stop()

    @property
    def former_rooms(self) -> frozenset[str]:
        """Rooms that were once there, and are not now."""
        return self._privacy.former_rooms

    def have_rooms(self, config: Config) -> None:
        """Other rooms from now on: a new one takes over what is set for all."""
        self._privacy.have_rooms(_levels(config))
        there = (*_levels(config), "")
        self._announced = {
            name: on for name, on in self._announced.items() if name.rpartition("/")[0] in there
        }

    def desired(self, wall: datetime) -> Desired:
        """What may be open now."""
        return self._privacy.desired(wall)

    def set(self, name: str, on: bool) -> None:
        """A person's wish; it is stored and counts at once."""
        self._privacy.set(name, on)
        self._see_what_is_stored()
        _log.info("switch %s %s", name, "on" if on else "off")

    def recall(self, told: object) -> None:
        """What the broker remembers of switches that an earlier daemon could not store."""
        self._privacy.recall(told)
        self._kept_unstored = self._privacy.switches
        self._see_what_is_stored()
        self._privacy.asking = False

    def tick(self, now: float, connection: str) -> None:
        """Let time pass: what could not be stored is stored as soon as it can be, threads come back."""
        self._ask_the_broker(now, connection)
        self._indicator.revive()
        self._control.revive()
        self._buttons.revive()
        if self._store_again.due(now):
            self._privacy.retry()
            self._see_what_is_stored()

    @property
    def durability(self) -> Mapping[str, str]:
        """`not_stored`: why what people have set would not survive a restart; empty when it would."""
        return {} if self._privacy.stored else {"not_stored": self._privacy.problem or "not stored"}

    def now(self, states: Mapping[str, bool]) -> None:
        """What is open now, told after the fact, and only where it changed."""
        for name, on in states.items():
            if self._announced.get(name) != on:
                self._announced[name] = on
                self._announce(name, on)
        self._indicator.show(any(states[name] for name in ("camera", "microphone")))

    def announce_again(self) -> None:
        """A new connection knows nothing yet."""
        self._announced.clear()

    def reconfigure(self, config: Config) -> None:
        """Take over a new schedule, indicator and keys; what people have set stays.

        An indicator that stays the same is left alone, so that it does not flicker while a device is open.
        """
        old, self._config = self._config, config.privacy
        self._privacy.reconfigure(config.privacy)
        if _indication(old) != _indication(config.privacy):
            self._indicator.stop()
            self._heartbeats.forget("indicator")
            self._indicator = self._new_indicator(config)
            self._indicator.start()
        self._buttons.reconfigure(config)

    def toggle(self, open_now: Mapping[str, bool]) -> None:
        """The button was pressed: close what is open, or open both devices when both are closed."""
        on = not (open_now["camera"] or open_now["microphone"])
        for name in ("camera", "microphone"):
            self.set(name, on)

    def apply(self, request: ControlRequest) -> None:
        """Set what a request asks for. EdgeError if it is malformed."""
        for name, on in _CHANGES[request.command](request.arguments).items():
            self.set(name, on)

    def problems(self) -> list[Problem]:
        """What keeps the switches from working as promised."""
        found = {"control": self._control_problem or self._control.problem, "switches": self._privacy.problem}
        found["indicator"] = self._indicator.problem
        found.update(self._buttons.problems())
        return [Problem(name, text) for name, text in found.items() if text is not None]

    def _see_what_is_stored(self) -> None:
        """What cannot be stored here is kept by the broker for as long as that is so."""
        unstored = None if self._privacy.stored else self._privacy.switches
        if unstored != self._kept_unstored:
            self._kept_unstored = unstored
            self._keep_unstored(unstored)

    def _ask_the_broker(self, now: float, connection: str) -> None:
        """End the wait for what the broker may remember: soon after a connection, or without one at last."""
        if not self._privacy.asking:
            return
        if self._asking_until is None:
            self._asking_until = now + _CONNECTED_WITHIN
        if connection == "connected":
            self._asking_until = min(self._asking_until, now + _TOLD_WITHIN)
        if now >= self._asking_until:
            self._privacy.asking = False

    def _new_indicator(self, config: Config) -> Indicator:
        beat = self._heartbeats.of("indicator", self._clock)
        return Indicator(config.privacy, publish=self._publish, beat=beat)

    def _ask(self, command: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """On the control socket's thread: hand over to the main loop and wait for its answer."""
        request = ControlRequest(command, arguments)
        self._post(request)
        try:
            return request.answer.result(_ANSWER_WITHIN)
        except FutureTimeoutError:
            raise EdgeError("the daemon is busy; try again") from None


def _levels(config: Config) -> list[str]:
    return [plan.level for plan in room_plans(config) if plan.level is not None]


def _indication(config: PrivacyConfig) -> tuple[object, object]:
    return config.indicator_topic, config.indicator_command
