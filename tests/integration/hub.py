"""A publisher as the daemon would use it, with what it was asked to do."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from integration.broker import eventually

from edge.config.models import DeviceConfig, HomeAssistantConfig, MqttConfig
from edge.publish.commands import Command
from edge.publish.mqtt.disconnect import ReconnectDelays
from edge.publish.payloads import Present
from edge.publish.publisher import MqttPublisher
from edge.vocabulary import LABELS, Mood, Reading

QUICK = ReconnectDelays(least=0.05, most=0.3, slow_least=0.3, slow_most=1.0)


class Hub:
    """One device on a broker; extra arguments go to `mqtt:` of its configuration."""

    def __init__(
        self,
        port: int,
        device: str = "hall",
        *,
        machine: str = "0000aaaa",
        password: str | None = None,
        delays: ReconnectDelays | None = QUICK,
        version: str = "1.0.0",
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        on_command: Callable[[Command], None] | None = None,
        beat: Callable[[], None] = lambda: None,
        **mqtt: Any,
    ) -> None:
        self.commands: list[Command] = []
        self.base = f"{mqtt.get('prefix', 'emotion-edge')}/{device}"
        self.publisher = MqttPublisher(
            config=MqttConfig.model_validate({"host": "127.0.0.1", "port": port, **mqtt}),
            device=DeviceConfig(id=device, name=device.title(), room="Hall"),
            password=password,
            on_command=on_command or self.commands.append,
            beat=beat,
            home_assistant=HomeAssistantConfig(),
            machine=machine,
            delays=delays,
            version=version,
            monotonic=monotonic,
            wall=wall,
            share=lambda: 0.2,
        )

    def start(self) -> Hub:
        """Begin to connect."""
        self.publisher.start()
        return self

    def wait(self, within: float = 10.0) -> Hub:
        """Until connected."""
        eventually(lambda: self.publisher.connected, within=within, what=str(self.publisher.status()))
        return self

    def stop(self) -> None:
        """Say goodbye."""
        self.publisher.stop()

    def feel(self, emotion: str, *, previous: str = "neutral", faces: int = 1) -> None:
        """Publish a change of mood as the daemon does: state and event."""
        now = time.monotonic()
        spread = np.full(7, 0.02)
        if emotion in LABELS:
            spread[LABELS.index(emotion)] = 0.88
        mood = Mood(emotion, 0.88, spread / spread.sum(), "fused", now, now, previous)
        self.publisher.room().publish_mood(mood, Present(faces=faces))
        self.publisher.room().publish_event(mood)


def face(emotion: str = "happy") -> Reading:
    """A reading of a face."""
    spread = np.full(7, 0.02)
    spread[LABELS.index(emotion)] = 0.88
    return Reading("face", spread, 0.9, time.monotonic(), 0.007, (0.4, 0.2, 0.2, 0.3), 1)
