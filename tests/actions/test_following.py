from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from edge.actions.plan import MqttRequest, PlannedAction, RestoreRequest
from edge.actions.rules import RuleEngine
from edge.config.models import ActionsConfig, DeviceConfig
from edge.vocabulary import Mood

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=timezone.utc)
LAMP = {"preset": "zigbee2mqtt", "parameters": {"name": "lamp"}}
MAP = {"valence": {"temperature": [5000, 2000]}, "arousal": {"brightness": [20, 80]}}


def engine(*rules: dict[str, Any], **fields: Any) -> RuleEngine:
    light = {"name": "mood lamp", "light": LAMP, "map": MAP, "transition": 4, **fields}
    config = ActionsConfig.model_validate({"rules": list(rules), "follow": [light]})
    return RuleEngine(config, device=DeviceConfig(id="hub"))


def told(actions: list[PlannedAction]) -> list[dict[str, Any]]:
    return [json.loads(one.request.payload) for one in actions if isinstance(one.request, MqttRequest)]


def at(valence: float, arousal: float) -> dict[Any, float]:
    return {"valence": valence, "arousal": arousal}


def test_valence_moves_the_white_and_arousal_the_brightness() -> None:
    lights = engine()
    assert told(lights.follow(at(0.0, 0.0), 0, NOON)) == [
        {"state": "ON", "brightness": 127, "color_temp": 286, "transition": 4.0}
    ]
    assert told(lights.follow(at(1.0, -1.0), 10, NOON)) == [
        {"state": "ON", "brightness": 51, "color_temp": 500, "transition": 4.0}
    ]
    assert told(lights.follow(at(7.0, -7.0), 20, NOON)) == []


def test_the_light_is_told_at_most_so_often_and_only_what_can_be_seen() -> None:
    lights = engine(every=10)
    lights.follow(at(0.0, 0.0), 0, NOON)
    assert lights.follow(at(0.5, 0.5), 9.9, NOON) == []
    assert len(lights.follow(at(0.5, 0.5), 10, NOON)) == 1
    assert lights.follow(at(0.52, 0.5), 30, NOON) == []
    assert len(lights.follow(at(0.6, 0.5), 40, NOON)) == 1


def test_an_empty_room_gives_the_light_back_once() -> None:
    lights = engine()
    assert lights.follow(None, 0, NOON) == []
    first = lights.follow(at(0.0, 0.0), 1, NOON)
    second = lights.follow(at(0.9, 0.0), 20, NOON)
    assert {one.firing for one in first} == {one.firing for one in second}
    (left,) = lights.follow(None, 30, NOON)
    assert isinstance(left.request, RestoreRequest)
    assert (left.target, left.answers) == (first[0].target, first[0].firing)
    assert lights.follow(None, 31, NOON) == []


def test_other_hours_and_profiles_are_like_an_empty_room() -> None:
    lights = engine(between=["18:00", "23:00"])
    assert lights.follow(at(0.0, 0.0), 0, NOON) == []
    assert len(lights.follow(at(0.0, 0.0), 1, NOON.replace(hour=19))) == 1
    assert engine(profile="night").follow(at(0.0, 0.0), 0, NOON) == []


def test_a_rule_in_force_has_the_light_to_itself() -> None:
    rule = {"name": "calm", "when": ["angry"], "then": [{"use": LAMP}]}
    lights = engine(rule)
    lights.follow(at(0.0, 0.0), 0, NOON)
    angry = Mood("angry", 0.9, np.full(7, 1 / 7), "face", 0.0, 0.0)
    neutral = Mood("neutral", 0.9, np.full(7, 1 / 7), "face", 0.0, 0.0)
    lights.on_mood(angry, 5, NOON, 1, False)
    assert lights.follow(at(-0.9, 0.9), 20, NOON) == []
    lights.on_mood(neutral, 25, NOON, 1, False)
    assert len(lights.follow(at(0.0, 0.0), 26, NOON)) == 1


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"map": {"valence": {}}}, "exactly one"),
        ({"map": {"valence": {"brightness": [1, 2]}, "arousal": {"brightness": [1, 2]}}}, "two axes"),
        ({"light": {"preset": "wled", "parameters": {}}}, "WLED takes no temperature"),
        ({"light": {"preset": "mopidy", "parameters": {}}}, "no preset"),
    ],
)
def test_what_cannot_follow_is_refused(fields: dict[str, Any], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        engine(**fields)
