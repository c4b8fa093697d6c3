"""The daemon's components together, in process: switches, devices, mood and reloads; hardware is a fake."""

from __future__ import annotations

import json
import shutil
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from daemon.fakes import Clock, Hardware, heard, seen
from integration.broker import free_port

from edge.capture.status import CaptureStatus
from edge.config import Config
from edge.daemon.components import Components
from edge.daemon.context import Context
from edge.daemon.hub import DaemonHub
from edge.daemon.requests import carry_out
from edge.daemon.switches import ControlRequest
from edge.errors import EdgeError, ModelError
from edge.inference.directories import model_directory
from edge.publish.stats import RunStats

NOON = 1_777_888_800.0


class Bench:
    """Components on fake hardware, with time that stands still."""

    def __init__(self, folder: Path, **sections: Any) -> None:
        self.clock, self.hardware, self.wall = Clock(), Hardware(), NOON
        self.posted: list[object] = []
        context = Context(
            env={"STATE_DIRECTORY": str(folder), "RUNTIME_DIRECTORY": str(folder)},
            clock=self.clock,
            wall=lambda: self.wall,
            post=self.posted.append,
            on_command=lambda _: None,
            stats=RunStats(started=0.0),
            openers=self.hardware.openers(),
        )
        self.components = Components(
            self.config(**sections), context, view=lambda parts, recent: DaemonHub(parts, recent=recent)
        )
        self.components.start()

    @staticmethod
    def config(**sections: Any) -> Config:
        return Config.model_validate({"mqtt": {"enabled": False}, **sections})

    def replace(self, **sections: Any) -> None:
        self.components.replace(self.config(**sections))

    def problems(self) -> list[str]:
        return [str(problem) for problem in self.components.health.problems(self.clock())]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.components.stop()


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder of models that can be damaged."""
    folder = tmp_path / "models"
    shutil.copytree(model_directory(Config().engines), folder)
    return folder


def test_devices_open_at_the_start_and_close_at_the_end(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    assert bench.components.open_now() == {"camera": True, "microphone": True, "actions": True}
    assert bench.hardware.open() == {"camera", "microphone"}
    bench.components.stop()
    assert bench.hardware.open() == set()


def test_the_last_reading_of_a_device_that_was_closed_no_longer_counts(bench: Bench) -> None:
    components = bench.components
    components.rooms[""].mood.see(seen("happy", 100.0), 100.0)
    components.switches.set("camera", False)
    components.apply_switches()
    assert bench.hardware.open() == {"microphone"}
    assert components.rooms[""].mood.faces == 0
    assert "face" not in components.rooms[""].mood.newest
    update = components.rooms[""].mood.hear(heard("sad", 100.1), 100.1)
    assert update.fused is not None
    assert update.fused.sources == ("speech",)


def test_a_request_of_the_control_socket_is_carried_out_before_it_is_answered(bench: Bench) -> None:
    request = ControlRequest("privacy", {"what": "on", "things": ["camera"]})
    carry_out(bench.components, request)
    answer = request.answer.result(0)
    assert (answer["camera"], answer["microphone"]) == (False, True)
    assert answer["reasons"] == {"camera": "switched off"}
    assert bench.hardware.open() == {"microphone"}


def test_the_button_closes_what_is_open_and_opens_when_both_are_closed(bench: Bench) -> None:
    def press() -> set[str]:
        request = ControlRequest("button", {})
        carry_out(bench.components, request)
        request.answer.result(0)
        return bench.hardware.open()

    bench.components.switches.set("camera", False)
    bench.components.apply_switches()
    assert press() == set()
    assert press() == {"camera", "microphone"}
    assert press() == set()


def test_health_is_told_over_the_control_socket_too(bench: Bench) -> None:
    request = ControlRequest("health", {})
    carry_out(bench.components, request)
    told = request.answer.result(0)
    assert told["problems"] == list(bench.components.diagnosis(bench.clock.now)["problems"])
    assert {"status", "face", "speech"} <= told.keys()


def test_health_and_doctor_tell_the_same(bench: Bench) -> None:
    components = bench.components
    bench.hardware.camera.now = CaptureStatus("retrying", "fake", "unplugged")
    components.health.report("configuration", "not reloaded: a mistake")
    told = components.diagnosis(100.0)
    assert told["status"] == "degraded"
    assert told["problems"] == ["configuration: not reloaded: a mistake", "camera: fake: unplugged"]
    assert [str(problem) for problem in components.vitals().problems] == told["problems"]


def test_health_and_doctor_know_the_broker(tmp_path: Path) -> None:
    bench = Bench(tmp_path, mqtt={"host": "127.0.0.1", "port": free_port()})
    told = bench.components.diagnosis(100.0)
    assert set(told["mqtt"]) == {"reconnects", "protocol", "dropped_events"}
    bench.components.stop()


def test_a_reload_that_fails_changes_nothing_and_the_next_takes_full_effect(
    tmp_path: Path, models: Path
) -> None:
    engines = {"directory": str(models)}
    bench = Bench(tmp_path, engines=engines)
    components = bench.components
    before = components.config, components.rooms, components.senses.eyes
    noon = {"schedule": ["00:00-23:59 camera"]}
    (models / "face.onnx").write_bytes(b"damaged")
    with pytest.raises(ModelError):
        bench.replace(engines={**engines, "threads": 3}, privacy=noon, camera={"fps": 5})
    assert (components.config, components.rooms, components.senses.eyes) == before
    assert components.open_now()["camera"], "the schedule of a configuration that was refused is not in force"
    shutil.copy(model_directory(Config().engines) / "face.onnx", models / "face.onnx")
    bench.replace(engines=engines, privacy=noon, metrics={"enabled": True, "port": free_port()})
    assert not components.open_now()["camera"], "the schedule of the next one is"
    assert components.vitals().config.metrics.enabled
    assert bench.problems() == []
    components.stop()


def test_models_that_cannot_be_reopened_refuse_the_reload(tmp_path: Path, models: Path) -> None:
    engines = {"directory": str(models), "backend": "auto"}
    bench = Bench(tmp_path, engines=engines)
    (models / "face.json").unlink()
    with pytest.raises(EdgeError, match="face"):
        bench.replace(engines=engines, privacy={"schedule": ["00:00-23:59"]})
    assert bench.components.open_now()["camera"]
    bench.components.stop()


def test_fewer_pictures_a_second_are_waited_for_with_more_patience_and_the_mood_stays(bench: Bench) -> None:
    components = bench.components
    room = components.rooms[""].mood
    room.see(seen("happy", 100.0, faces=2), 100.0)
    bench.replace(camera={"fps": 0.2})
    assert components.rooms[""].mood is room
    room.tick(114.0)
    assert room.faces == 2
    room.tick(116.0)
    assert room.faces == 0


def test_only_what_changed_is_opened_anew(bench: Bench) -> None:
    components = bench.components
    eyes, room = components.senses.eyes, components.rooms[""].mood
    bench.replace(log={"level": "warning"}, privacy={"schedule": ["03:00-04:00 microphone"]})
    assert (components.senses.eyes, components.rooms[""].mood) == (eyes, room)
    bench.replace(fusion={"rule": "mean"})
    assert components.rooms[""].mood is not room
    assert components.senses.eyes is eyes
    bench.replace(fusion={"rule": "mean"}, camera={"width": 320})
    assert components.senses.eyes is not eyes
    assert bench.hardware.open() == {"camera", "microphone"}


def test_nothing_of_the_senses_before_a_reload_is_kept(bench: Bench) -> None:
    before = weakref.ref(next(iter(bench.components.senses._paces.values())))
    for number in range(3):
        bench.replace(camera={"width": 320 + 16 * number})
    assert before() is None


def test_a_new_device_name_listens_at_its_own_socket(tmp_path: Path, bench: Bench) -> None:
    bench.replace(device={"id": "hall"})
    assert (tmp_path / "hall.sock").exists()
    assert bench.problems() == []


def test_settings_are_taken_over_like_a_reload_and_the_mood_stays(bench: Bench) -> None:
    components = bench.components
    components.rooms[""].mood.see(seen("happy", 100.0), 100.0)
    components.rooms[""].mood.see(seen("happy", 102.0), 102.0)
    assert components.rooms[""].mood.mood.emotion == "happy"
    eyes, before = components.senses.eyes, components.rooms[""].mood.probabilities
    view = components.change_settings({"people": "strongest", "sensitivity": 60})
    assert view["set"] == ["sensitivity", "people"]
    assert components.config.smoothing.enter == pytest.approx(0.40)
    assert components.senses.eyes is eyes
    assert components.rooms[""].mood.mood.emotion == "happy"
    assert components.rooms[""].mood.probabilities == pytest.approx(before)
    assert components.rooms[""].mood.faces == 1


def test_what_can_no_longer_be_had_at_the_start_is_told_and_the_file_counts(
    tmp_path: Path, models: Path
) -> None:
    engines = {"directory": str(models), "face": "face", "speech": "speech"}
    bench = Bench(tmp_path, engines=engines)
    bench.components.change_settings({"rule": "fscore"})
    bench.components.stop()
    card = models / "speech.json"
    card.write_text(json.dumps({**json.loads(card.read_text()), "per_class": {}}))
    again = Bench(tmp_path, engines=engines)
    assert again.components.config.fusion.rule == "loglinear"
    assert any("settings: not used" in problem for problem in again.problems())
    again.components.change_settings({"reset": True})
    assert again.problems() == []
    again.components.stop()


def test_a_reload_keeps_what_people_have_set(bench: Bench) -> None:
    bench.components.change_settings({"rule": "mean"})
    bench.replace(smoothing={"half_life": 2})
    assert (bench.components.config.fusion.rule, bench.components.config.smoothing.half_life) == ("mean", 2)
    bench.components.change_settings({"reset": True})
    assert bench.components.config.fusion.rule == "loglinear"


def test_a_model_that_is_damaged_is_refused_and_nothing_changes(tmp_path: Path, models: Path) -> None:
    bench = Bench(tmp_path, engines={"directory": str(models)})
    (models / "face-small.onnx").write_bytes(b"damaged")
    with pytest.raises(EdgeError, match="face-small"):
        bench.components.change_settings({"face_model": "face-small", "people": "subject"})
    assert bench.components.config.fusion.people == "all"
    assert bench.components.settings.view()["set"] == []
    bench.components.stop()


@pytest.mark.parametrize(
    ("command", "arguments", "says"),
    [
        ("dance", {}, "there are: alert, button, erase-history, health, privacy"),
        ("settings", {"people": "x"}, "must be one of"),
    ],
)
def test_a_request_that_cannot_be_carried_out_is_refused(
    bench: Bench, command: str, arguments: dict[str, str], says: str
) -> None:
    request = ControlRequest(command, arguments)
    carry_out(bench.components, request)
    with pytest.raises(EdgeError, match=says):
        request.answer.result(0)
