"""Heartbeats, rolling figures and the health payload."""

from __future__ import annotations

from threading import Thread

import jsonschema
import pytest
from schemas import load

from edge.daemon.health import Health, Heartbeats, Meter, late
from edge.publish.health import Problem, status
from edge.publish.null_publisher import NullPublisher


def test_only_stages_beyond_their_limit_are_overdue() -> None:
    beats = Heartbeats()
    beats.beat("camera", 10.0)
    beats.beat("face", 14.0)
    beats.beat("other", 0.0)
    assert beats.overdue(15.0, 3.0) == {"camera": 5.0, "other": 15.0}
    beats.beat("camera", 15.0)
    beats.forget("other")
    assert beats.overdue(15.0, 3.0) == {}
    assert beats.ages(16.0) == {"camera": 1.0, "face": 2.0}


def test_a_stage_may_have_a_limit_of_its_own() -> None:
    beats = Heartbeats()
    beats.beat("mqtt", 0.0)
    beats.beat("face", 0.0)
    assert beats.overdue(30.0, 20.0, {"mqtt": 180.0}) == {"face": 30.0}
    assert "mqtt" in beats.overdue(181.0, 20.0, {"mqtt": 180.0})


def test_a_meter_tells_why_faces_were_not_judged_in_the_last_seconds() -> None:
    meter = Meter(window=10.0)
    meter.refused(0.0, ["blurred"])
    for second in range(20, 23):
        meter.refused(float(second), ["dark", "small"] if second == 20 else ["dark"])
    assert meter.snapshot(24.0).payload()["unjudged"] == {"dark": 3, "small": 1}
    assert "unjudged" not in meter.snapshot(60.0).payload()


def test_a_meter_tells_rate_and_percentiles_of_the_last_seconds() -> None:
    meter = Meter(window=10.0)
    meter.record(0.0, 9.0)
    for index in range(101):
        meter.record(20.0 + index * 0.1, index / 1000)
    figures = meter.snapshot(30.0)
    assert (figures.fps, figures.latency_ms, figures.p95_ms) == (10.0, 50.0, 95.0)
    assert figures.total == 102


def test_a_stage_that_stops_slows_down_and_then_tells_nothing() -> None:
    meter = Meter(window=10.0)
    for t in range(5):
        meter.record(float(t), 0.01)
    assert meter.snapshot(4.0).fps == 1.0
    assert meter.snapshot(8.0).fps == 0.5
    assert meter.snapshot(20.0).payload() == {"fps": 0.0, "dropped": 0}


def test_a_meter_forgets_the_oldest_beyond_its_size() -> None:
    meter = Meter(samples=3)
    for latency in (9.0, 0.001, 0.002, 0.003):
        meter.record(1.0, latency)
    assert meter.snapshot(1.0).latency_ms == 2.0
    assert meter.snapshot(1.0).total == 4


def test_a_meter_is_safe_across_threads() -> None:
    meter = Meter()

    def write() -> None:
        for _ in range(2000):
            meter.record(0.0, 0.001)

    writers = [Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        meter.snapshot(0.0)
    assert meter.snapshot(0.0).total == 8000


def test_the_payload_is_that_of_the_contract() -> None:
    health = Health(started=100.0)
    health.face.runs_on("onnx", "face")
    health.face.dropped(3)
    for t in (910.0, 911.0, 912.0):
        health.face.record(t, 0.0074)
    assert health.payload(912.4) == {
        "status": "ok",
        "problems": [],
        "uptime_s": 812,
        "face": {"fps": 0.8, "latency_ms": 7.4, "p95_ms": 7.4, "backend": "onnx", "dropped": 3},
        "speech": {"fps": 0.0, "dropped": 0},
    }


def test_the_payload_fits_the_shipped_schema() -> None:
    health = Health(started=0.0, found=lambda _: late({"x": 3.0}))
    health.report("camera", "gone")
    without_broker = NullPublisher()
    jsonschema.validate(without_broker.health(health.payload(1.0)), load("health"))
    health.face.runs_on("tensorrt", "face")
    health.face.record(1.0, 0.01)
    jsonschema.validate(without_broker.health(health.payload(1.0)), load("health"))


def test_problems_come_and_go_and_the_gravest_leads() -> None:
    stuck: dict[str, float] = {}
    health = Health(started=0.0, found=lambda _: late(stuck))
    health.report("microphone", "no data for 5 s")
    health.report("microphone", "no data for 12 s")
    assert health.payload(1.0)["problems"] == ["microphone: no data for 12 s"]
    assert health.payload(1.0)["status"] == "degraded"
    stuck["face worker"] = 31.2
    payload = health.payload(1.0)
    assert payload["status"] == "error"
    assert payload["problems"] == ["face worker: stuck for 31 s", "microphone: no data for 12 s"]
    stuck.clear()
    health.report("camera", "gone", "error")
    assert [problem.thing for problem in health.problems(1.0)] == ["camera", "microphone"]
    health.clear("camera")
    health.clear("microphone")
    health.clear("never was")
    assert health.payload(1.0)["status"] == "ok"


@pytest.mark.parametrize(
    ("severities", "expected"), [([], "ok"), (["degraded"], "degraded"), (["degraded", "error"], "error")]
)
def test_status_is_that_of_the_gravest_problem(severities: list[str], expected: str) -> None:
    assert status([Problem("x", "y", severity) for severity in severities]) == expected  # type: ignore[arg-type]
