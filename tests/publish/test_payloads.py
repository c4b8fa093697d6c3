from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.publish import payloads
from edge.publish.mqtt.message import encode
from edge.vocabulary import LABELS, Mood, Reading

MOOD = Mood("happy", 0.8149, np.full(7, 1 / 7), "fused", since=98.0, captured_at=100.0, previous="neutral")
READING = Reading("face", np.eye(7)[3], 0.876, 100.0, 0.00689, box=(0.41, 0.22, 0.18, 0.31), track=4)
NOON = 1_795_435_200.12


def test_timestamps_are_utc_with_milliseconds() -> None:
    assert payloads.timestamp(NOON) == "2026-11-23T12:00:00.120+00:00"
    assert payloads.timestamp(0) == "1970-01-01T00:00:00.000+00:00"


def test_state_carries_the_accepted_change() -> None:
    assert payloads.state(MOOD, present=payloads.Present(faces=1, people=1), now=NOON, since=NOON - 7) == {
        "schema": 1,
        "ts": "2026-11-23T12:00:00.120+00:00",
        "emotion": "happy",
        "confidence": 0.81,
        "source": "fused",
        "since": "2026-11-23T11:59:53.120+00:00",
        "previous": "neutral",
        "faces": 1,
        "speech": False,
        "people": 1,
        "sure": True,
    }


def test_event_names_itself_once_and_for_all() -> None:
    event = payloads.event(MOOD, now=NOON, identity="01J")
    assert event["event_type"] == "happy"
    assert event["id"] == "01J"
    assert event["previous"] == "neutral"


def test_a_face_reading_has_a_box_and_no_picture() -> None:
    payload = payloads.reading(READING, now=NOON, backend="onnx")
    assert payload["box"] == [0.41, 0.22, 0.18, 0.31]
    assert payload["latency_ms"] == 6.9
    assert list(payload["probabilities"]) == list(LABELS)
    assert payload["emotion"] == "happy"


def test_a_speech_reading_has_no_box() -> None:
    speech = replace(READING, modality="speech", box=None, track=None)
    assert not {"box", "track"} & set(payloads.reading(speech, now=NOON, backend="onnx"))


def test_a_problem_of_the_connection_degrades_health() -> None:
    fine = {"status": "ok", "problems": [], "uptime_s": 3}
    assert payloads.health(fine, mqtt={}, problems=[])["status"] == "ok"
    degraded = payloads.health(fine, mqtt={}, problems=["mqtt: two of us"])
    assert (degraded["status"], degraded["problems"]) == ("degraded", ["mqtt: two of us"])
    broken = payloads.health({"status": "error", "problems": ["x"]}, mqtt={}, problems=["y"])
    assert (broken["status"], broken["problems"]) == ("error", ["x", "y"])


def test_a_probability_that_is_not_finite_never_leaves() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode({"confidence": float("nan")})


def test_ulids_follow_the_specification() -> None:
    assert payloads.ulid(0, lambda _bits: 0) == "0" * 26
    assert payloads.ulid(1.469918176385e9, lambda _bits: 0).startswith("01ARYZ6S41")
    assert payloads.ulid(0, lambda bits: 2**bits - 1) == "0" * 10 + "Z" * 16


@given(st.floats(0, 2e9), st.floats(0.002, 1e8))
def test_later_ulids_sort_later(first: float, delay: float) -> None:
    assert payloads.ulid(first) < payloads.ulid(first + delay)


def test_two_ulids_of_one_moment_differ() -> None:
    assert len({payloads.ulid(1.0) for _ in range(1000)}) == 1000
