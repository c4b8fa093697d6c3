from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest

from edge.actions.plan import HttpRequest, MqttRequest, PlannedAction
from edge.actions.rules import RuleEngine
from edge.config.models import ActionsConfig, DeviceConfig
from edge.vocabulary import LABELS, Mood, Source

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=timezone.utc)


def mood(emotion: str, confidence: float = 0.8, source: Source = "fused", previous: str = "neutral") -> Mood:
    shares = np.full(7, 0.02)
    if emotion in LABELS:
        shares[LABELS.index(emotion)] = 0.88
    return Mood(emotion, confidence, shares, source, since=0.0, captured_at=0.0, previous=previous)


def rule(name: str = "calm", when: tuple[str, ...] = ("angry",), /, **fields: Any) -> dict[str, Any]:
    then = fields.pop("then", [{"mqtt": {"topic": f"{name}/then", "payload": "{emotion}"}}])
    return {"name": name, "when": list(when), "then": then, **fields}


def engine(*rules: dict[str, Any], **fields: Any) -> RuleEngine:
    config = ActionsConfig.model_validate({"rules": list(rules), **fields})
    return RuleEngine(config, device=DeviceConfig(id="hub", room="living room"))


class Room:
    """Feeds an engine; the wall clock starts at noon and runs with the monotonic one."""

    def __init__(self, engine: RuleEngine, start: datetime = NOON) -> None:
        self.engine = engine
        self.start = start

    def feel(
        self, emotion: str, now: float, faces: int = 1, speech: bool = False, **fields: Any
    ) -> list[str]:
        return topics(self.engine.on_mood(mood(emotion, **fields), now, self.wall(now), faces, speech))

    def wait(self, now: float) -> list[str]:
        return topics(self.engine.tick(now, self.wall(now)))

    def wall(self, now: float) -> datetime:
        return self.start + timedelta(seconds=now)


def topics(actions: list[PlannedAction]) -> list[str]:
    return [action.request.topic for action in actions if isinstance(action.request, MqttRequest)]


def test_a_mood_fires_once_for_as_long_as_it_stays() -> None:
    room = Room(engine(rule()))
    assert room.feel("neutral", 0) == []
    assert room.feel("angry", 1) == ["calm/then"]
    assert room.feel("angry", 2, confidence=0.9) == []
    assert room.wait(100) == []
    assert room.feel("neutral", 101) == []
    assert room.feel("angry", 102) == ["calm/then"]


def test_nothing_happens_before_the_first_mood() -> None:
    assert Room(engine(rule())).wait(10) == []


def test_several_moods_of_one_rule_are_one_stay() -> None:
    room = Room(engine(rule("calm", ("angry", "fear"), **{"for": 5})))
    assert room.feel("angry", 0) == []
    assert room.feel("fear", 3) == []
    assert room.wait(5) == ["calm/then"]
    assert room.feel("angry", 6) == []


def test_a_mood_has_to_last_for_the_given_time() -> None:
    room = Room(engine(rule(**{"for": 5})))
    assert room.feel("angry", 10) == []
    assert room.wait(14.9) == []
    assert room.wait(15) == ["calm/then"]


def test_a_mood_that_comes_back_has_to_last_anew() -> None:
    room = Room(engine(rule(**{"for": 5})))
    room.feel("angry", 0)
    room.feel("neutral", 4)
    room.feel("angry", 5)
    assert room.wait(9) == []
    assert room.wait(10) == ["calm/then"]


def test_a_mood_that_comes_while_the_rule_rests_is_left_out_and_the_next_one_counts() -> None:
    room = Room(engine(rule(cooldown=60, on_exit=[{"mqtt": {"topic": "calm/exit"}}])))
    assert room.feel("angry", 0) == ["calm/then"]
    assert room.feel("neutral", 5) == ["calm/exit"]
    assert room.feel("angry", 50) == []
    assert room.wait(61) == []
    assert room.feel("neutral", 62) == []
    assert room.feel("angry", 63) == ["calm/then"]


def test_a_mood_that_has_not_lasted_long_enough_while_the_rule_rests_is_not_left_out() -> None:
    room = Room(engine(rule(cooldown=60, **{"for": 5})))
    room.feel("angry", 0)
    assert room.wait(5) == ["calm/then"]
    room.feel("neutral", 10)
    assert room.feel("angry", 62) == []
    assert room.wait(67) == ["calm/then"]


def test_a_rule_that_may_be_late_acts_when_its_rest_is_over_if_the_mood_still_lasts() -> None:
    room = Room(engine(rule(cooldown=60, late="fire")))
    assert room.feel("angry", 0) == ["calm/then"]
    room.feel("neutral", 5)
    assert room.feel("angry", 10) == []
    assert room.wait(59.9) == []
    assert room.wait(60) == ["calm/then"]


def test_leaving_answers_the_firing_of_the_stay() -> None:
    room = engine(rule(on_exit=[{"mqtt": {"topic": "calm/exit"}}]))
    fired = room.on_mood(mood("angry"), 0, NOON, 1, False)
    left = room.on_mood(mood("neutral"), 1, NOON, 1, False)
    assert [action.answers for action in fired] == [None]
    assert [action.answers for action in left] == [fired[0].firing]
    assert [action.answers for action in room.preview(mood("angry"), 2.0, NOON)] == [None, None]


def test_low_confidence_waits_for_higher() -> None:
    room = Room(engine(rule(min_confidence=0.7)))
    assert room.feel("angry", 0, confidence=0.69) == []
    assert room.feel("angry", 1, confidence=0.7) == ["calm/then"]


@pytest.mark.parametrize(
    ("clock", "fires"), [(21, False), (22, True), (23, True), (0, True), (6, True), (7, False), (12, False)]
)
def test_hours_over_midnight(clock: int, fires: bool) -> None:
    room = Room(engine(rule(between=["22:00", "07:00"])), start=NOON.replace(hour=clock))
    assert bool(room.feel("angry", 0)) is fires


def test_a_lasting_mood_fires_when_its_hours_begin() -> None:
    room = Room(engine(rule(between=["12:10", "13:00"])))
    assert room.feel("angry", 0) == []
    assert room.wait(599) == []
    assert room.wait(600) == ["calm/then"]


@pytest.mark.parametrize(
    ("only_if", "source", "faces", "speech", "fires"),
    [
        ("face", "face", 1, False, True),
        ("face", "speech", 0, True, False),
        ("speech", "face", 1, False, False),
        ("speech", "speech", 0, True, True),
        ("speech", "face", 1, True, True),
        ("both", "face", 1, False, False),
        ("both", "face", 1, True, True),
        ("both", "fused", 1, False, True),
    ],
)
def test_senses_that_have_to_contribute(
    only_if: str, source: Source, faces: int, speech: bool, fires: bool
) -> None:
    room = Room(engine(rule(only_if=only_if)))
    assert bool(room.feel("angry", 0, faces=faces, speech=speech, source=source)) is fires


def test_leaving_runs_on_exit_once_and_only_if_the_rule_had_fired() -> None:
    leave = [{"mqtt": {"topic": "calm/exit"}}]
    room = Room(engine(rule(on_exit=leave, **{"for": 5})))
    room.feel("angry", 0)
    assert room.feel("neutral", 2) == []
    room.feel("angry", 3)
    room.wait(8)
    assert room.feel("sad", 9) == ["calm/exit"]
    assert room.feel("neutral", 10) == []


def test_an_empty_room_is_a_way_to_leave_and_may_have_rules_itself() -> None:
    calm = rule(on_exit=[{"mqtt": {"topic": "calm/exit"}}])
    room = Room(engine(calm, rule("away", ("none",), only_if="face", min_confidence=0.9)))
    room.feel("angry", 0)
    assert room.feel("none", 1, faces=0, confidence=0.0) == ["calm/exit", "away/then"]


def test_exits_come_before_entries() -> None:
    first = rule("sad", ("sad",), then=[{"mqtt": {"topic": "lamp", "payload": "warm"}}])
    second = rule("angry", on_exit=[{"mqtt": {"topic": "lamp", "payload": "restore"}}])
    room = engine(first, second)
    room.on_mood(mood("angry"), 0, NOON, 1, False)
    planned = room.on_mood(mood("sad"), 1, NOON, 1, False)
    assert [(action.rule, action.phase) for action in planned] == [("angry", "on_exit"), ("sad", "then")]
    assert planned[0].target == planned[1].target
    assert planned[0].firing < planned[1].firing


def in_profile(room: RuleEngine, profile: str, now: float) -> list[PlannedAction]:
    room.set_profile(profile)
    return room.tick(now, NOON)


def test_rules_of_another_profile_rest_and_end_when_the_profile_changes() -> None:
    night = rule("night", profile="night", on_exit=[{"mqtt": {"topic": "night/exit"}}])
    room = engine(night, rule("any"), profile="day")
    assert topics(room.on_mood(mood("angry"), 0, NOON, 1, False)) == ["any/then"]
    assert topics(in_profile(room, "night", 1)) == ["night/then"]
    assert topics(in_profile(room, "day", 2)) == ["night/exit"]


def test_templates_see_mood_device_and_rule() -> None:
    body = {
        "e": "{emotion}",
        "p": "{previous}",
        "c": "{confidence}",
        "r": "{room}",
        "h": "{probabilities.happy}",
    }
    then = [{"http": {"url": "http://host/{rule}/{room}", "json": body, "headers": {"X": "{emotion}"}}}]
    planned = engine(rule(then=then)).on_mood(mood("angry", 0.8149), 0, NOON, 1, False)
    request = planned[0].request
    assert isinstance(request, HttpRequest)
    assert request.url == "http://host/calm/living%20room"
    assert request.body == b'{"e":"angry","p":"neutral","c":0.81,"r":"living room","h":0.02}'
    assert request.headers["X"] == "{emotion}"


def test_a_room_cannot_escape_its_topic_level() -> None:
    config = ActionsConfig.model_validate({"rules": [rule(then=[{"mqtt": {"topic": "a/{room}/b"}}])]})
    engine = RuleEngine(config, device=DeviceConfig(room="x/+/#"))
    assert topics(engine.on_mood(mood("angry"), 0, NOON, 1, False)) == ["a/x----/b"]


def test_a_preview_asks_neither_clock_nor_profile() -> None:
    quiet = rule(profile="night", between=["01:00", "02:00"], **{"for": 60})
    assert topics(engine(quiet).preview(mood("angry"), 0.0, NOON)) == ["calm/then"]
    assert engine(quiet).preview(mood("happy"), 0.0, NOON) == []
