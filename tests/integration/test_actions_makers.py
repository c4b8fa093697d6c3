"""Lights of three makers through rules and executor, against servers after the makers' documentation."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from integration.broker import eventually
from integration.makers import BRIDGE, KEY, LIGHT, GoveeLamp, HueBridge, HyperHdrServer

from edge.actions.executor import ActionExecutor
from edge.actions.rules import RuleEngine
from edge.actions.states import States
from edge.config.models import ActionsConfig, DeviceConfig
from edge.vocabulary import LABELS, Mood

NOON = datetime(2026, 5, 4, 12).astimezone()


class Home:
    """Rules and executor as the daemon wires them, without a broker."""

    def __init__(self, *rules: dict[str, Any]) -> None:
        config = ActionsConfig.model_validate({"rate": 50, "retries": 0, "rules": list(rules)})
        self.rules = RuleEngine(config, device=DeviceConfig(id="hub"))
        self.executor = ActionExecutor(
            config, publish=lambda *_, **__: True, states=States(), settle=0.2, jitter=lambda: 0.0
        )
        self.executor.start()

    def feel(self, emotion: str) -> None:
        spread = np.full(7, 0.02)
        spread[LABELS.index(emotion)] = 0.88
        now = time.monotonic()
        self.executor.submit(
            self.rules.on_mood(Mood(emotion, 0.88, spread, "face", now, now), now, NOON, 1, False)
        )
        assert self.executor.drain(20)
        eventually(lambda: not any(thread.name == "actions-light" for thread in threading.enumerate()))

    @property
    def problems(self) -> tuple[str, ...]:
        return self.executor.status().problems


@pytest.fixture
def home() -> Iterator[Any]:
    made: list[Home] = []

    def furnish(*rules: dict[str, Any]) -> Home:
        made.append(Home(*rules))
        return made[-1]

    yield furnish
    for one in made:
        one.executor.stop()


@pytest.fixture
def bridge(tmp_path: Path) -> Iterator[HueBridge]:
    running = HueBridge(tmp_path)
    yield running
    running.close()


def rule(preset: str, parameters: dict[str, Any], *, when: str = "angry", **more: Any) -> dict[str, Any]:
    use = {"use": {"preset": preset, "parameters": parameters}}
    return {"name": when, "when": [when], "then": [use], **more}


def hue(bridge: HueBridge, folder: Path, **fields: Any) -> dict[str, Any]:
    key = folder / "hue-key"
    key.write_text(f"{KEY}\n")
    own = {"url": f"https://127.0.0.1:{bridge.port}", "light": LIGHT, "key_file": str(key)}
    return {**own, "bridge_id": BRIDGE, "ca": str(bridge.certificate), **fields}


def test_hue_shows_a_mood_and_comes_back(bridge: HueBridge, home: Any, tmp_path: Path) -> None:
    before = dict(bridge.light)
    rules = rule("hue", hue(bridge, tmp_path, color="#3A6EA5", brightness=30, transition=0), restore=True)
    one = home(rules)
    one.feel("angry")
    assert bridge.light["dimming"]["brightness"] == 30
    assert bridge.light["color"]["xy"] == {"x": 0.2119, "y": 0.2218}
    one.feel("neutral")
    assert (one.problems, bridge.refusals) == ((), [])
    assert bridge.light["dimming"] == before["dimming"]
    assert bridge.light["color_temperature"] == before["color_temperature"]


def test_hue_is_left_alone_where_a_person_changed_it(bridge: HueBridge, home: Any, tmp_path: Path) -> None:
    one = home(rule("hue", hue(bridge, tmp_path, temperature=2700, transition=0), restore=True))
    one.feel("angry")
    assert bridge.light["color_temperature"]["mirek"] == 370
    bridge.light["on"] = {"on": False}
    one.feel("neutral")
    assert bridge.light["on"] == {"on": False}
    assert (one.problems, bridge.refusals) == ((), [])


def test_a_bridge_with_another_name_gets_no_key(bridge: HueBridge, home: Any, tmp_path: Path) -> None:
    other = hue(bridge, tmp_path, temperature=2700, bridge_id="ecb5fafffe999999")
    one = home(rule("hue", other))
    one.feel("angry")
    assert "certificate not trusted" in one.problems[0]
    assert bridge.light["color_temperature"]["mirek"] == 366


def test_a_wrong_key_is_a_problem_without_the_key_in_it(bridge: HueBridge, home: Any, tmp_path: Path) -> None:
    parameters = hue(bridge, tmp_path, state="off")
    (tmp_path / "hue-key").write_text("another-secret\n")
    one = home(rule("hue", parameters))
    one.feel("angry")
    assert "403" in one.problems[0]
    assert "another-secret" not in one.problems[0]
    assert bridge.refusals == ["no application key"]


def test_hyperhdr_shows_a_colour_and_gives_the_light_back_to_what_is_grabbed(home: Any) -> None:
    server = HyperHdrServer()
    url = f"http://127.0.0.1:{server.port}"
    off = {"use": {"preset": "hyperhdr", "parameters": {"url": url, "state": "off"}}}
    one = home(rule("hyperhdr", {"url": url, "color": "#3A6EA5", "brightness": 50}, on_exit=[off]))
    one.feel("angry")
    assert server.shown == (29, 55, 82)
    one.feel("neutral")
    assert server.shown == "grabber"
    assert (one.problems, server.refusals) == ((), [])
    server.close()


def test_govee_takes_every_datagram(home: Any) -> None:
    lamp = GoveeLamp()
    own = {"address": "127.0.0.1", "port": lamp.port}
    one = home(
        rule("govee", {**own, "color": "#FFB347", "brightness": 60}),
        rule("govee", {**own, "temperature": 1900, "brightness": 0}, when="happy"),
        rule("govee", {**own, "state": "off"}, when="sad"),
    )
    one.feel("angry")
    eventually(lambda: lamp.state == {"on": True, "brightness": 60, "color": (255, 179, 71), "kelvin": 0})
    one.feel("happy")
    eventually(lambda: lamp.state == {"on": True, "brightness": 1, "color": None, "kelvin": 2000})
    one.feel("sad")
    eventually(lambda: not lamp.state["on"])
    assert (one.problems, lamp.refusals) == ((), [])
    lamp.close()
