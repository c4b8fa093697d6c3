"""The daemon's outward side: broker, actions and switches, behind one small surface for the main loop."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from edge.actions.executor import ActionExecutor, ActionStatus
from edge.actions.plan import PlannedAction
from edge.actions.rules import RuleEngine
from edge.config import Config, digest, resolve_password
from edge.daemon.health import Health
from edge.mood.room import Room
from edge.publish.commands import Command
from edge.publish.health import Payload, Problem
from edge.publish.publisher import MqttPublisher
from edge.vocabulary import Mood, Reading

__all__ = ["House"]

_log = logging.getLogger(__name__)


class House:
    """Publishes, acts and remembers the switches. Used by the main loop only."""

    def __init__(
        self,
        *,
        config: Config,
        env: Mapping[str, str],
        clock: Callable[[], float],
        wall: Callable[[], float],
        on_command: Callable[[Command], None],
    ) -> None:
        self._config = config
        self._env, self._clock, self._wall = env, clock, wall
        self._on_command = on_command
        self._publisher = self._new_publisher(config)
        self._acting = True
        self._rules = RuleEngine(config.actions, device=config.device)
        self._executor = self._new_executor(config)

    def start(self) -> None:
        """Begin to connect and to act."""
        if self._publisher is not None:
            self._publisher.start()
        self._executor.start()

    def stop(self) -> None:
        """End what was started, in the opposite order; `offline` is published."""
        self._executor.stop()
        if self._publisher is not None:
            self._publisher.stop()

    def tick(self, now: float, wall: datetime) -> None:
        """Let time pass."""
        if self._publisher is not None:
            self._publisher.tick()
        self._act(self._rules.tick(now, wall))

    def mood_changed(self, mood: Mood, room: Room, now: float, wall: datetime) -> None:
        """An accepted change: state, event and actions."""
        if self._publisher is not None:
            self._publisher.publish_mood(mood, faces=room.faces, speech=room.speaking)
            self._publisher.publish_event(mood)
        self._act(self._rules.on_mood(mood, now, wall, room.faces, room.speaking))

    def publish_state(self, room: Room) -> None:
        """The mood as it stands, with who is there; sent only if something changed."""
        if self._publisher is not None:
            self._publisher.publish_mood(room.mood, faces=room.faces, speech=room.speaking)

    def publish_reading(self, reading: Reading, health: Health) -> None:
        """A raw reading, if the configuration allows it."""
        if self._publisher is not None and self._config.mqtt.readings:
            meter = health.face if reading.modality == "face" else health.speech
            backend = meter.snapshot(self._clock()).backend or "onnx"
            self._publisher.publish_reading(reading, backend=backend)

    def publish_health(self, payload: Payload) -> None:
        """The health message; the publisher decides whether it is due."""
        if self._publisher is not None:
            self._publisher.publish_health(payload)

    def problems(self) -> list[Problem]:
        """What is wrong with actions; the publisher adds the broker's part itself."""
        return [
            Problem("actions", text.removeprefix("actions: ")) for text in self._executor.status().problems
        ]

    def set_actions(self, on: bool) -> None:
        """Act, or do nothing for the time being."""
        self._acting = on
        self._executor.set_enabled(on and self._config.actions.enabled)

    def announce(self, switch: str, on: bool) -> None:
        """Tell, retained, that a switch is now on or off."""
        if self._publisher is not None:
            self._publisher.set_switch(switch, on)

    def send(self, topic: str, payload: bytes, *, qos: int) -> bool:
        """An action's or indicator's message, now or never; not retained."""
        publisher = self._publisher
        return publisher is not None and publisher.publish(topic, payload, qos=qos)

    def introduce(self, facts: Mapping[str, object]) -> None:
        """What this device is: versions, engines, fusion weights."""
        if self._publisher is not None:
            self._publisher.publish_info({"configuration": digest(self._config), **facts})

    def connection(self) -> str:
        """One word for the status line."""
        if self._publisher is None:
            return "off"
        return "connected" if self._publisher.connected else "disconnected"

    def broker(self) -> Mapping[str, Any] | None:
        """All about the connection; None while MQTT is off."""
        return None if self._publisher is None else self._publisher.status()

    def actions(self) -> ActionStatus:
        """What became of the actions."""
        return self._executor.status()

    def replace(self, old: Config, new: Config) -> bool:
        """Take over a new configuration, restarting only what changed; true if the connection is new.

        Raises ConfigError with nothing changed. Switched off, actions stay so.
        """
        before = old.device, old.mqtt, old.home_assistant
        reconnect = before != (new.device, new.mqtt, new.home_assistant)
        if reconnect:
            self._restart_publisher(new)
        self._config = new
        if (old.actions, old.device) != (new.actions, new.device):
            self._executor.stop()
            self._rules = RuleEngine(new.actions, device=new.device)
            self._executor = self._new_executor(new)
            self.set_actions(self._acting)
            self._executor.start()
        return reconnect

    def _restart_publisher(self, config: Config) -> None:
        fresh = self._new_publisher(config)
        if self._publisher is not None:
            self._publisher.stop()
        self._publisher = fresh
        if fresh is not None:
            fresh.start()

    def _act(self, actions: list[PlannedAction]) -> None:
        if actions:
            self._executor.submit(actions)

    def _new_publisher(self, config: Config) -> MqttPublisher | None:
        if not config.mqtt.enabled:
            return None
        password = resolve_password(config.mqtt, self._env)
        return MqttPublisher(
            config=config.mqtt,
            device=config.device,
            password=password.get_secret_value() if password is not None else None,
            on_command=self._on_command,
            home_assistant=config.home_assistant,
            wall=self._wall,
            monotonic=self._clock,
        )

    def _new_executor(self, config: Config) -> ActionExecutor:
        return ActionExecutor(config.actions, publish=self.send, clock=self._clock)
