"""Rules of several rooms: each room has its own stays and alerts, one queue carries out what they ask for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from edge.actions.vigilance import SenseSigns
from edge.config import Config
from edge.config.plans import room_plans
from edge.daemon.acting import Acting
from edge.daemon.alerting import SensesNow
from edge.daemon.health import Heartbeats
from edge.daemon.rooms import Room
from edge.mood.pooling import FusionParameters
from edge.mood.room import RoomMood
from edge.vocabulary import LABELS, Mood

NOON = datetime(2026, 5, 4, 12).astimezone()
ROOMS = {name: {"cameras": {"eye": {"source": f"{name}.mp4"}}} for name in ("hall", "den")}


def rule(name: str, **keys: Any) -> dict[str, Any]:
    return {"name": name, "when": ["angry"], "then": [{"alert": {"message": "in {room}"}}], **keys}


class House:
    """Rules without their queue's thread, and the rooms that they are for."""

    def __init__(self, **actions: Any) -> None:
        self.config = self.with_rooms(*ROOMS, **actions)
        self._actions = actions
        self.told: list[str | None] = []
        self.acting = Acting(
            config=self.config,
            publish=lambda *_, **__: True,
            tell=lambda alert: self.told.append(None if alert is None else alert.cause),
            watch=lambda: None,
            heartbeats=Heartbeats(),
            clock=lambda: 0.0,
        )
        self.rooms = {plan.level: Room(plan, self._mood()) for plan in room_plans(self.config)}

    @staticmethod
    def with_rooms(*names: str, **actions: Any) -> Config:
        return Config.model_validate({"rooms": {name: ROOMS[name] for name in names}, "actions": actions})

    def have(self, *names: str) -> None:
        rules = [one for one in self._actions["rules"] if one.get("room") in (None, *names)]
        config = self.with_rooms(*names, **{**self._actions, "rules": rules})
        self.acting.have_rooms(config, room_plans(config))

    def feel(self, room: str, emotion: str, now: float) -> None:
        spread = np.full(7, 0.02)
        spread[LABELS.index(emotion)] = 0.88
        mood = Mood(emotion, 0.88, spread, "face", now, now)
        self.acting.mood_changed(mood, self.rooms[room], now, NOON)

    def standing(self) -> set[str]:
        return {alert.cause for alert in self.acting._alerting._board._alerts.values()}

    def _mood(self) -> RoomMood:
        return RoomMood(config=self.config, parameters=FusionParameters(), now=0.0)


@pytest.fixture
def house() -> Iterator[House]:
    made = House(rules=[rule("stress", cooldown=60), rule("row", room="den")], alarms={"blind": 10})
    yield made
    made.acting.stop()


def test_a_rule_counts_in_every_room_or_in_the_one_it_names(house: House) -> None:
    house.feel("hall", "angry", 1.0)
    assert house.standing() == {"hall/stress"}
    alert = house.acting.alert
    assert alert is not None
    assert alert.message == "in Hall"
    house.feel("den", "angry", 2.0)
    assert house.standing() == {"hall/stress", "den/stress", "den/row"}
    house.feel("hall", "happy", 3.0)
    assert house.standing() == {"den/stress", "den/row"}


def test_a_cooldown_rests_in_its_own_room_alone(house: House) -> None:
    for now, emotion in ((1.0, "angry"), (2.0, "happy"), (3.0, "angry")):
        house.feel("hall", emotion, now)
    assert house.standing() == set(), "the rule rests in the hall"
    house.feel("den", "angry", 4.0)
    assert "den/stress" in house.standing()


def test_an_alert_is_acknowledged_by_its_room_and_rule(house: House) -> None:
    for room in ("hall", "den"):
        house.feel(room, "angry", 1.0)
    assert house.acting.acknowledge("hall/stress") == ["hall/stress"]
    assert sorted(house.acting.acknowledge()) == ["den/row", "den/stress"]


def test_a_room_that_goes_takes_its_alerts_along_and_the_others_go_on(house: House) -> None:
    house.feel("hall", "angry", 1.0)
    house.feel("den", "angry", 1.0)
    house.have("hall")
    assert house.standing() == {"hall/stress"}
    house.feel("hall", "happy", 2.0)
    house.feel("hall", "angry", 3.0)
    assert house.standing() == set(), "the rule of the room that stayed still rests"


def test_each_room_has_its_alarm_of_a_blind_camera(house: House) -> None:
    dark, closed = SenseSigns(True, None), SenseSigns(False, None)
    for now in (0.0, 11.0):
        house.acting.look_out({"hall": SensesNow(closed, closed), "den": SensesNow(dark, closed)}, now)
    assert house.standing() == {"den/blind"}
    alert = house.acting.alert
    assert alert is not None
    assert alert.message.startswith("Den: No face could be judged")
