"""The outward side without a broker: rules lead to actions, reloads restart only what changed."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from integration.broker import eventually, free_port

from edge.config import Config
from edge.config.plans import room_plans
from edge.daemon.health import Heartbeats
from edge.daemon.outlets import Outlets
from edge.daemon.reload import take_over, touched
from edge.daemon.rooms import Room
from edge.errors import ConfigError
from edge.mood.pooling import FusionParameters
from edge.mood.room import RoomMood
from edge.vocabulary import LABELS, Mood

NOON = datetime(2026, 5, 4, 12).astimezone()
OFFLINE = {"enabled": False}


def config(actions: Mapping[str, Any] | None = None, mqtt: Mapping[str, Any] = OFFLINE) -> Config:
    return Config.model_validate({"mqtt": mqtt, "actions": actions or {}})


def marking(path: Path, emotion: str = "happy") -> dict[str, Any]:
    """Actions that write a file when a mood begins."""
    program = [sys.executable, "-c", f"open({str(path)!r}, 'w').close()"]
    rule = {"name": path.name, "when": [emotion], "then": [{"command": {"argv": program}}]}
    return {"allow_commands": True, "rules": [rule]}


class Home:
    """Outlets that are started and stopped, with a room to tell them about."""

    def __init__(self, first: Config, env: Mapping[str, str] | None = None) -> None:
        self.config = first
        mood = RoomMood(config=first, parameters=FusionParameters(), now=0.0)
        self.room = Room(room_plans(first)[0], mood)
        self.outlets = Outlets(
            config=first, env=env or {}, clock=time.monotonic, wall=time.time, on_command=lambda _: None
        )

    def replace(self, new: Config) -> None:
        prepare = {"publisher": self.outlets.prepare_publisher, "actions": self.outlets.acting.prepare}
        take_over(new, prepare, touched(self.config, new) & prepare.keys())
        self.config = new

    def feel(self, emotion: str) -> None:
        now = time.monotonic()
        spread = np.full(7, 0.02)
        spread[LABELS.index(emotion)] = 0.88
        mood = Mood(emotion, 0.88, spread, "face", now, now)
        self.outlets.mood_changed(mood, self.room, now, NOON)

    def settled(self) -> int:
        """Actions carried out or failed, when none is left."""
        eventually(lambda: self.outlets.acting.status().waiting == 0)
        return self.outlets.acting.status().done + self.outlets.acting.status().failed


@pytest.fixture
def homes() -> Iterator[list[Home]]:
    started: list[Home] = []
    yield started
    for home in started:
        home.outlets.stop()


def started(homes: list[Home], first: Config) -> Home:
    home = Home(first)
    home.outlets.start()
    homes.append(home)
    return home


def test_a_mood_sets_its_rule_in_motion(tmp_path: Path, homes: list[Home]) -> None:
    home = started(homes, config(marking(tmp_path / "mark")))
    home.feel("sad")
    home.feel("happy")
    eventually((tmp_path / "mark").exists)
    eventually(lambda: home.outlets.acting.status().done == 1)
    assert home.outlets.acting.problems() == []


def test_a_failing_action_is_a_problem_with_its_name(homes: list[Home]) -> None:
    rule = {"name": "chime", "when": ["happy"], "then": [{"command": {"argv": ["/no/such/program"]}}]}
    home = started(homes, config({"allow_commands": True, "retries": 0, "rules": [rule]}))
    home.feel("happy")
    eventually(home.outlets.acting.problems)
    (problem,) = home.outlets.acting.problems()
    assert problem.thing == "actions"
    assert "/no/such/program" in problem.text
    assert "chime" in problem.text
    assert not problem.text.startswith("actions")


def test_actions_that_are_switched_off_stay_off_across_a_reload(tmp_path: Path, homes: list[Home]) -> None:
    home = started(homes, config(marking(tmp_path / "old")))
    home.outlets.acting.set_enabled(False)
    home.replace(config(marking(tmp_path / "new")))
    home.feel("happy")
    assert home.outlets.acting.status().enabled is False
    assert home.settled() == 0
    home.outlets.acting.set_enabled(True)
    home.feel("sad")
    home.feel("happy")
    eventually((tmp_path / "new").exists)
    assert not (tmp_path / "old").exists()


def test_the_configuration_has_the_last_word_on_actions(tmp_path: Path, homes: list[Home]) -> None:
    home = started(homes, config({**marking(tmp_path / "mark"), "enabled": False}))
    home.outlets.acting.set_enabled(True)
    assert home.outlets.acting.status().enabled is False
    home.feel("happy")
    assert home.settled() == 0


def test_without_mqtt_publishing_is_no_error(homes: list[Home]) -> None:
    home = started(homes, config())
    home.outlets.announce("camera", True)
    home.outlets.introduce({})
    home.outlets.publish_health({"status": "ok"})
    home.outlets.publish_state(home.room)
    assert home.outlets.send("a/b", b"1", qos=1) is False
    assert (home.outlets.connection(), home.outlets.broker()) == ("off", None)


def test_a_broker_that_is_not_there_is_told_and_nothing_waits_for_it(homes: list[Home]) -> None:
    home = started(homes, config(mqtt={"host": "127.0.0.1", "port": free_port()}))
    home.feel("happy")
    home.outlets.tick(time.monotonic(), NOON)
    assert home.outlets.send("a/b", b"1", qos=1) is False
    assert home.outlets.connection() == "disconnected"
    broker = home.outlets.broker()
    assert broker is not None
    assert (broker["connected"], broker["reconnects"]) == (False, 0)


def test_a_connection_is_begun_and_ended_by_reloads(tmp_path: Path, homes: list[Home]) -> None:
    home = started(homes, config())
    home.replace(config(marking(tmp_path / "mark")))
    assert home.outlets.connection() == "off"
    home.replace(config(mqtt={"host": "127.0.0.1", "port": free_port()}))
    assert home.outlets.connection() == "disconnected"
    home.replace(config())
    assert home.outlets.connection() == "off"


def test_a_connection_that_cannot_be_configured_changes_nothing(tmp_path: Path, homes: list[Home]) -> None:
    home = started(homes, config(marking(tmp_path / "mark")))
    gone = {"username": "me", "password_file": str(tmp_path / "gone")}
    with pytest.raises(ConfigError, match="gone"):
        home.replace(config({"enabled": False}, mqtt=gone))
    assert home.outlets.connection() == "off"
    home.outlets.acting.set_enabled(True)
    home.feel("happy")
    eventually((tmp_path / "mark").exists)


def test_the_thread_of_the_broker_shows_that_it_lives_as_long_as_it_is_wanted() -> None:
    heartbeats = Heartbeats()
    outlets = Outlets(
        config=config(mqtt={"host": "127.0.0.1", "port": free_port()}),
        env={},
        clock=time.monotonic,
        wall=time.time,
        on_command=lambda _: None,
        heartbeats=heartbeats,
    )
    outlets.start()
    try:
        eventually(lambda: "mqtt" in heartbeats.ages(time.monotonic()))
        outlets.prepare_publisher(config())()
        assert "mqtt" not in heartbeats.ages(time.monotonic())
    finally:
        outlets.stop()
