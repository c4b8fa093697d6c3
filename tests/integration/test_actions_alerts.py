"""Alerts as they travel: the daemon's outward side and a real broker."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np
import pytest
from integration.broker import Mosquitto, Witness, eventually

from edge.actions.vigilance import SenseSigns
from edge.config import Config
from edge.config.plans import room_plans
from edge.daemon.alerting import SensesNow
from edge.daemon.outlets import Outlets
from edge.daemon.rooms import Room
from edge.mood.pooling import FusionParameters
from edge.mood.room import RoomMood
from edge.publish.commands import Command
from edge.vocabulary import LABELS, Mood

NOON = datetime(2026, 5, 4, 12).astimezone()
TOPIC = "emotion-edge/cockpit/alert"
STRESS = {"name": "stress", "when": ["angry"], "then": [{"alert": {"level": "critical", "message": "stop"}}]}


class Cockpit:
    """Outlets on a broker; commands are carried out as the main loop does."""

    def __init__(self, port: int, **actions: Any) -> None:
        self.config = Config.model_validate(
            {
                "device": {"id": "cockpit"},
                "mqtt": {"host": "127.0.0.1", "port": port},
                "actions": {"rules": [STRESS], **actions},
            }
        )
        mood = RoomMood(config=self.config, parameters=FusionParameters(), now=0.0)
        self.room = Room(room_plans(self.config)[0], mood)
        self.outlets = Outlets(
            config=self.config, env={}, clock=time.monotonic, wall=time.time, on_command=self.command
        )
        self.outlets.start()
        eventually(lambda: self.outlets.connection() == "connected")

    def command(self, command: Command) -> None:
        assert command.kind == "ack"
        self.outlets.acting.acknowledge(command.name or None)

    def feel(self, emotion: str) -> None:
        now = time.monotonic()
        spread = np.full(7, 0.02)
        spread[LABELS.index(emotion)] = 0.88
        self.outlets.mood_changed(Mood(emotion, 0.88, spread, "face", now, now), self.room, now, NOON)


@pytest.fixture
def watcher(mosquitto: Mosquitto) -> Iterator[Witness]:
    with Witness(mosquitto.port, TOPIC) as witness:
        yield witness


def told(witness: Witness) -> list[tuple[str, str | None, bool]]:
    payloads = witness.payloads(TOPIC)
    return [(payload["level"], payload["cause"], payload["acknowledged"]) for payload in payloads]


def test_an_alert_is_told_retained_acknowledged_over_mqtt_and_cleared(
    mosquitto: Mosquitto, watcher: Witness
) -> None:
    cockpit = Cockpit(mosquitto.port)
    eventually(lambda: told(watcher) == [("none", None, False)])
    cockpit.feel("angry")
    eventually(lambda: told(watcher)[1:] == [("critical", "stress", False)])
    watcher.say(f"{TOPIC}/ack", "another")
    watcher.say(f"{TOPIC}/ack", "stress")
    eventually(lambda: told(watcher)[2:] == [("critical", "stress", True)])
    cockpit.feel("neutral")
    eventually(lambda: told(watcher)[3:] == [("none", None, False)])
    with Witness(mosquitto.port, TOPIC) as late:
        eventually(lambda: told(late) == [("none", None, False)])
    cockpit.outlets.stop()


def test_home_assistants_button_acknowledges_all(mosquitto: Mosquitto, watcher: Witness) -> None:
    cockpit = Cockpit(mosquitto.port)
    cockpit.feel("angry")
    eventually(lambda: told(watcher)[-1:] == [("critical", "stress", False)])
    watcher.say(f"{TOPIC}/ack", "{}")
    eventually(lambda: told(watcher)[-1:] == [("critical", "stress", True)])
    cockpit.outlets.stop()


def test_switched_off_actions_show_no_alert_and_clear_the_one_that_stands(
    mosquitto: Mosquitto, watcher: Witness
) -> None:
    cockpit = Cockpit(mosquitto.port, alarms={"blind": 10})
    dark = SensesNow(SenseSigns(True, None), SenseSigns(False, None))
    cockpit.outlets.acting.look_out({"": dark}, 0.0)
    cockpit.outlets.acting.look_out({"": dark}, 10.0)
    eventually(lambda: told(watcher)[-1:] == [("warning", "blind", False)])
    cockpit.outlets.acting.set_enabled(False)
    eventually(lambda: told(watcher)[-1:] == [("none", None, False)])
    cockpit.feel("angry")
    cockpit.outlets.acting.look_out({"": dark}, 20.0)
    assert cockpit.outlets.acting.alert is None
    cockpit.outlets.stop()
