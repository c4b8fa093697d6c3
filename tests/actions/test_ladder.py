"""Ladders of rules, as the engine climbs them."""

from __future__ import annotations

from typing import Any

import pytest
from actions.test_rules import NOON, engine, mood, rule
from pydantic import ValidationError

from edge.actions.plan import AlertRequest, MqttRequest, PlannedAction
from edge.actions.rules import RuleEngine

BEEP: dict[str, Any] = {"mqtt": {"topic": "beep"}}
STEPS = [
    {"alert": {"level": "notice", "message": "breathe, {emotion}"}},
    {**BEEP, "after": 10, "repeat": 5, "until": "ack"},
    {"alert": {"level": "critical"}, "after": 10},
]


def words(actions: list[PlannedAction]) -> list[str]:
    return [
        str(action.request) if isinstance(action.request, AlertRequest) else action.request.topic
        for action in actions
        if isinstance(action.request, AlertRequest | MqttRequest)
    ]


def stress(*steps: dict[str, Any], **fields: Any) -> RuleEngine:
    return engine(rule("stress", then=list(steps), **fields))


def climb(ladder: RuleEngine, *times: float) -> list[list[str]]:
    return [words(ladder.tick(now, NOON)) for now in times]


def test_each_step_waits_behind_the_one_before_and_is_repeated() -> None:
    ladder = stress(*STEPS)
    first = ladder.on_mood(mood("angry"), 0, NOON, 1, False)
    assert words(first) == ["alert notice"]
    assert isinstance(first[0].request, AlertRequest)
    assert first[0].request.message == "breathe, angry"
    assert climb(ladder, 9.9, 10, 14.9, 15, 20) == [[], ["beep"], [], ["beep"], ["beep", "alert critical"]]
    assert climb(ladder, 25) == [["beep"]]


def test_once_acknowledged_it_climbs_no_further() -> None:
    ladder = stress(*STEPS)
    ladder.on_mood(mood("angry"), 0, NOON, 1, False)
    climb(ladder, 10)
    ladder.acknowledge(["another rule"])
    assert climb(ladder, 15) == [["beep"]]
    ladder.acknowledge(["stress"])
    assert climb(ladder, 20, 25, 60) == [[], [], []]


def test_what_goes_on_until_the_mood_has_passed_is_repeated_all_the_same() -> None:
    ladder = stress({**BEEP, "repeat": 5, "until": "exit"})
    ladder.on_mood(mood("angry"), 0, NOON, 1, False)
    ladder.acknowledge(["stress"])
    assert climb(ladder, 5, 10) == [["beep"], ["beep"]]
    ladder.on_mood(mood("neutral"), 11, NOON, 1, False)
    assert climb(ladder, 15, 20) == [[], []]


def test_leaving_clears_the_alert_and_the_next_stay_begins_below() -> None:
    ladder = stress(*STEPS, on_exit=[{"mqtt": {"topic": "calm again"}}])
    ladder.on_mood(mood("angry"), 0, NOON, 1, False)
    ladder.acknowledge(["stress"])
    left = ladder.on_mood(mood("neutral"), 12, NOON, 1, False)
    assert words(left) == ["alert cleared", "calm again"]
    assert climb(ladder, 20) == [[]]
    assert words(ladder.on_mood(mood("angry"), 30, NOON, 1, False)) == ["alert notice"]
    assert climb(ladder, 40) == [["beep"]]


def test_a_late_tick_does_a_step_once() -> None:
    ladder = stress({**BEEP, "repeat": 5, "until": "ack"})
    ladder.on_mood(mood("angry"), 0, NOON, 1, False)
    assert climb(ladder, 100, 101, 105) == [["beep"], [], ["beep"]]


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"then": [{**BEEP, "repeat": 5}]}, "belong together"),
        ({"then": [{**BEEP, "until": "ack"}]}, "belong together"),
        ({"on_exit": [{"alert": {}}]}, "for `then`"),
        ({"then": [{"alert": {}, **BEEP}]}, "exactly one of"),
    ],
)
def test_what_is_no_ladder_is_refused(fields: dict[str, Any], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        engine(rule("stress", **fields))


def test_an_alarms_name_is_no_rules_name() -> None:
    with pytest.raises(ValidationError, match="name of an alarm"):
        engine(rule("blind"))
