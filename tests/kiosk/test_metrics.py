"""Metrics made of plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from edge import __version__
from edge.actions.status import ActionStatus
from edge.capture.status import CaptureStatus
from edge.config import Config
from edge.kiosk.metrics import StateCollector
from edge.kiosk.vitals import RoomVitals, Vitals
from edge.publish.health import Problem, StageHealth
from edge.publish.stats import RunStats
from edge.vocabulary import LABELS, Mood

HAPPY = np.array([0.02, 0.02, 0.02, 0.88, 0.02, 0.02, 0.02])
SILENT = StageHealth(0.0, None, None, 0, 0)
BROKER: Mapping[str, Any] = {"connected": True, "reconnects": 2, "dropped_events": 1, "problems": []}


def room(level: str | None = None, faces: int = 2, *, speaking: bool = False) -> RoomVitals:
    return RoomVitals(
        level=level,
        mood=Mood("happy", 0.88, HAPPY, "fused", 1.0, 1.0),
        probabilities=HAPPY,
        faces=faces,
        speaking=speaking,
    )


def vitals(**changes: Any) -> Vitals:
    stats = RunStats(started=0.0, frames=150, faces=120, speech_windows=7)
    stats.moods.update(happy=3, none=1)
    plain = Vitals(
        config=Config.model_validate({"device": {"id": "hall", "room": "Hall"}}),
        uptime=61.5,
        rooms=[room()],
        stages={"face": StageHealth(14.9, 21.5, 40.0, 6, 150, "tensorrt", model="face"), "speech": SILENT},
        devices={
            "camera": (True, CaptureStatus("open", "usb", dropped=6, reopened=1)),
            "microphone": (True, CaptureStatus("retrying", "usb")),
        },
        broker=BROKER,
        actions=ActionStatus(True, 1, 10, 2, 5, 4, 3, 0, ()),
        problems=(),
        stats=stats,
    )
    return replace(plain, **changes)


class Scrape:
    """What a scraper gets, looked up by name and labels."""

    def __init__(self, found: Vitals) -> None:
        registry = CollectorRegistry()
        registry.register(StateCollector(lambda: found))
        self.text = generate_latest(registry).decode()
        self.families = list(text_string_to_metric_families(self.text))
        samples = [sample for family in self.families for sample in family.samples]
        self.samples = [(sample.name, sample.labels, sample.value) for sample in samples]

    def of(self, name: str, /, **labels: str) -> float:
        values = [v for n, found, v in self.samples if n == f"emotion_edge_{name}" and found == labels]
        assert len(values) == 1, f"{name} {labels}: {values}"
        return values[0]

    def names(self) -> set[str]:
        return {name for name, _, _ in self.samples}


def test_the_daemon_names_itself_its_models_and_runtimes() -> None:
    scrape = Scrape(vitals())
    places = {"name": "Emotion Edge", "room": "Hall", "site": ""}
    assert scrape.of("info", version=__version__, device="hall", **places) == 1
    assert scrape.of("stage_info", stage="face", model="face", backend="tensorrt") == 1
    assert scrape.of("stage_info", stage="speech", model="auto", backend="none") == 1
    assert scrape.of("uptime_seconds") == 61.5


def test_exactly_one_mood_is_in_force() -> None:
    scrape = Scrape(vitals())
    moods = {label: scrape.of("mood", emotion=label) for label in (*LABELS, "none")}
    assert moods.pop("happy") == 1
    assert set(moods.values()) == {0}
    assert scrape.of("mood_confidence") == 0.88
    assert scrape.of("mood_probability", emotion="happy") == 0.88
    assert scrape.of("mood_changes_total", emotion="happy") == 3
    assert scrape.of("mood_changes_total", emotion="none") == 1
    assert scrape.of("mood_changes_total", emotion="sad") == 0


def test_what_was_seen_and_heard_is_counted() -> None:
    scrape = Scrape(vitals(rooms=[room(speaking=True)]))
    assert scrape.of("frames_total") == 150
    assert scrape.of("frames_with_face_total") == 120
    assert scrape.of("speech_windows_total") == 7
    assert (scrape.of("faces"), scrape.of("speaking")) == (2, 1)


def test_latencies_are_a_cumulative_histogram() -> None:
    found = vitals()
    for seconds in (0.005, 0.02, 0.021, 0.4, 60.0):
        found.stats.latency.add(seconds)
    scrape = Scrape(found)
    buckets = {
        le: scrape.of("latency_seconds_bucket", le=le) for le in ("0.01", "0.02", "0.03", "0.5", "5.0")
    }
    assert buckets == {"0.01": 1, "0.02": 2, "0.03": 3, "0.5": 4, "5.0": 4}
    assert scrape.of("latency_seconds_bucket", le="+Inf") == scrape.of("latency_seconds_count") == 5
    assert scrape.of("latency_seconds_sum") == 60.446


def test_a_stage_tells_rate_and_latencies_in_seconds_and_nothing_it_does_not_know() -> None:
    scrape = Scrape(vitals())
    assert scrape.of("stage_fps", stage="face") == 14.9
    assert scrape.of("stage_latency_seconds", stage="face", quantile="0.5") == 0.0215
    assert scrape.of("stage_latency_seconds", stage="face", quantile="0.95") == 0.04
    assert scrape.of("stage_results_total", stage="face") == 150
    assert scrape.of("stage_fps", stage="speech") == 0
    assert not any(
        name.endswith("stage_latency_seconds") and labels["stage"] == "speech"
        for name, labels, _ in scrape.samples
    )


def test_a_device_may_be_open_without_delivering() -> None:
    scrape = Scrape(vitals())
    assert scrape.of("device_open", device="camera") == 1
    assert scrape.of("device_delivering", device="camera") == 1
    assert scrape.of("device_open", device="microphone") == 1
    assert scrape.of("device_delivering", device="microphone") == 0
    assert scrape.of("device_retries_total", device="camera") == 1
    assert scrape.of("dropped_total", device="camera") == 6


def test_a_closed_device_does_not_deliver_and_one_not_configured_is_not_listed() -> None:
    scrape = Scrape(vitals(devices={"camera": (False, CaptureStatus("open", "usb"))}))
    assert scrape.of("device_open", device="camera") == 0
    assert scrape.of("device_delivering", device="camera") == 0
    assert 'device="microphone"' not in scrape.text


def test_the_broker_is_told_about_only_where_there_is_to_be_one() -> None:
    scrape = Scrape(vitals())
    assert scrape.of("mqtt_connected") == 1
    assert scrape.of("mqtt_reconnects_total") == 2
    assert scrape.of("mqtt_dropped_events_total") == 1
    assert not any("mqtt" in name for name in Scrape(vitals(broker=None)).names())


def test_actions_are_counted_by_their_end() -> None:
    scrape = Scrape(vitals())
    ends = ("done", "failed", "retried", "superseded", "dropped", "expired")
    assert [scrape.of("actions_total", result=end) for end in ends] == [10, 2, 5, 4, 3, 0]
    assert (scrape.of("actions_enabled"), scrape.of("actions_waiting")) == (1, 1)


def test_health_is_the_gravest_problem() -> None:
    fine = Scrape(vitals())
    assert (fine.of("health", status="ok"), fine.of("problems")) == (1, 0)
    problems = (Problem("camera", "gone"), Problem("face", "stuck", "error"), Problem("camera", "again"))
    bad = Scrape(vitals(problems=problems))
    statuses = [bad.of("health", status=one) for one in ("ok", "degraded", "error")]
    assert statuses == [0, 0, 1]
    assert bad.of("problems") == 3
    assert (bad.of("problem", thing="camera"), bad.of("problem", thing="face")) == (1, 1)


def test_names_follow_the_conventions_and_every_family_has_help() -> None:
    scrape = Scrape(vitals())
    assert all(name.startswith("emotion_edge_") for name in scrape.names())
    assert all(family.documentation for family in scrape.families)
    counters = {family.name for family in scrape.families if family.type == "counter"}
    assert {f"{name}_total" for name in counters} <= scrape.names()
    assert len({family.name for family in scrape.families}) == len(scrape.families)


def test_with_rooms_every_value_of_a_room_says_which() -> None:
    scrape = Scrape(vitals(rooms=[room("living"), room("hall", faces=0)]))
    assert (scrape.of("faces", room="living"), scrape.of("faces", room="hall")) == (2, 0)
    assert scrape.of("mood", room="hall", emotion="happy") == 1
    assert scrape.of("mood_confidence", room="living") == 0.88
