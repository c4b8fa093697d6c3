"""Devices that open and close behind switches while the workers live on; devices and stages are fakes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType

import pytest

from edge.capture.mailbox import BoundedQueue
from edge.capture.status import CaptureStatus
from edge.config import Config
from edge.daemon.health import Health, Heartbeats, Meter
from edge.daemon.senses import Sense, Senses
from edge.daemon.worker import Worker
from edge.errors import CaptureError, EngineError

WAIT = 10.0


class Device:
    """A camera that delivers nothing by itself."""

    def __init__(self, events: list[str]) -> None:
        self.events = events
        self.now = CaptureStatus("open", "usb camera")

    def start(self) -> None:
        self.events.append("start")

    def revive(self) -> None:
        self.events.append("revive")

    def stop(self) -> None:
        self.events.append("stop")

    def status(self) -> CaptureStatus:
        return self.now


class Looking:
    """A stage that has nothing to say."""

    problem: str | None = None

    def process(self, item: str) -> None:
        pass

    def __enter__(self) -> Looking:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


def sense(
    events: list[str], *, source: bool = True, stage: Callable[[], Looking] = Looking
) -> tuple[Sense[str], Device]:
    device = Device(events)
    box: BoundedQueue[str] = BoundedQueue(4)
    worker = Worker(name="face", inlet=box, open_processor=stage, beat=lambda: None)
    return Sense("camera", box, device if source else None, worker, Meter()), device


def senses(health: Health | None = None, heartbeats: Heartbeats | None = None, **sections: object) -> Senses:
    return Senses(
        config=Config.model_validate(sections),
        health=health or Health(started=0.0),
        heartbeats=heartbeats or Heartbeats(),
        clock=lambda: 5.0,
        emit=lambda _: None,
    )


def test_a_device_is_opened_and_closed_once_and_nothing_it_delivered_is_kept() -> None:
    events: list[str] = []
    subject, _ = sense(events)
    subject.open()
    subject.open()
    assert subject.is_open
    subject.box.put("picture")
    subject.close()
    subject.close()
    assert events == ["start", "stop"]
    assert (subject.is_open, len(subject.box)) == (False, 0)
    subject.open()
    subject.box.put("picture")
    assert events == ["start", "stop", "start"]
    assert len(subject.box) == 1


def test_a_sense_that_is_not_configured_never_opens() -> None:
    subject, _ = sense([], source=False)
    subject.open()
    assert not subject.is_open
    assert subject.status.state == "closed"
    assert subject.problems() == []


def test_the_end_closes_device_box_and_worker() -> None:
    events: list[str] = []
    subject, _ = sense(events)
    subject.worker.start()
    subject.open()
    assert subject.worker.settled.wait(WAIT)
    subject.stop()
    assert events == ["start", "stop"]
    assert subject.box.closed
    assert "face" not in {thread.name for thread in threading.enumerate()}


def test_a_lost_device_is_a_problem_only_while_it_should_be_open() -> None:
    subject, device = sense([])
    device.now = replace(device.now, state="retrying", detail="unplugged")
    assert subject.problems() == []
    subject.open()
    assert [str(problem) for problem in subject.problems()] == ["camera: usb camera: unplugged"]
    device.now = replace(device.now, state="ended", detail="")
    assert [str(problem) for problem in subject.problems()] == ["camera: usb camera has ended"]
    device.now = replace(device.now, state="open")
    assert subject.problems() == []


def test_models_that_do_not_open_are_an_error_of_the_worker() -> None:
    def broken() -> Looking:
        raise EngineError("no such model")

    subject, _ = sense([], stage=broken)
    subject.worker.start()
    assert subject.worker.settled.wait(WAIT)
    (problem,) = subject.problems()
    assert (problem.thing, problem.text, problem.severity) == ("face", "no such model", "error")
    subject.stop()


def test_having_neither_sense_is_the_gravest_problem() -> None:
    subject = senses(camera={"enabled": False}, microphone={"enabled": False})
    (problem,) = subject.problems()
    assert problem.severity == "error"
    assert subject.settled(0.0), "there is nothing to wait for"
    subject.start()
    subject.stop()


def test_one_sense_alone_is_fine(tmp_path: Path) -> None:
    subject = senses(camera={"source": str(tmp_path / "clip.mp4")}, microphone={"enabled": False})
    assert subject.camera.source is not None
    assert subject.microphone.source is None
    assert subject.problems() == []


def test_a_source_that_cannot_be_is_refused_at_once() -> None:
    with pytest.raises(CaptureError, match="no network camera"):
        senses(microphone={"source": "camera"})


def test_a_closed_device_is_no_late_stage(tmp_path: Path) -> None:
    heartbeats = Heartbeats()
    subject = senses(heartbeats=heartbeats, camera={"source": str(tmp_path / "clip.mp4")})
    heartbeats.beat("camera", 1.0)
    heartbeats.beat("face", 1.0)
    assert subject.switch("camera", False) == "face"
    assert heartbeats.ages(5.0) == {"face": 4.0}
    assert subject.switch("microphone", False) == "speech"
    subject.stop()
    assert heartbeats.ages(5.0) == {}


def test_drops_are_carried_to_the_meters() -> None:
    health = Health(started=0.0)
    subject = senses(health, camera={"enabled": False}, microphone={"enabled": False})
    device = Device([])
    device.now = replace(device.now, dropped=7)
    subject.camera.source = device
    subject.measure(1.0)
    assert health.face.snapshot(0.0).dropped == 7
    assert health.speech.snapshot(0.0).dropped == 0


def overloaded(model: str, tmp_path: Path) -> tuple[Senses, Health]:
    """A camera of 15 pictures a second, of which 4 are judged, for a minute."""
    health = Health(started=0.0)
    subject = senses(
        health,
        camera={"source": str(tmp_path / "clip.mp4")},
        microphone={"enabled": False},
        engines={"face": model},
    )
    subject.camera.source = Device([])
    subject.switch("camera", True)
    for second in range(60):
        subject._pace._frames.came, subject.camera.worker.taken = 15 * second, 4 * second
        subject.camera.worker.busy = float(second)
        subject.measure(float(second))
    return subject, health


def test_an_overload_is_told_with_its_figures_and_the_remedy(tmp_path: Path) -> None:
    subject, health = overloaded("face", tmp_path)
    (problem,) = subject.problems()
    assert str(problem).startswith("face: 4 of 15 pictures a second are judged")
    assert "engines.face: face-small" in problem.text
    assert "camera.fps: 4" in problem.text
    assert health.face.snapshot(60.0).payload()["captured_fps"] == 15.0
    assert subject._pace._frames.rate == pytest.approx(3.2)


def test_who_has_the_smaller_model_already_is_told_of_fewer_pictures_only(tmp_path: Path) -> None:
    subject, _ = overloaded("face-small", tmp_path)
    (problem,) = subject.problems()
    assert "face-small" not in problem.text
    assert "camera.fps: 4" in problem.text


def test_a_closed_camera_is_no_overload_and_begins_with_all_pictures(tmp_path: Path) -> None:
    subject, health = overloaded("face", tmp_path)
    subject.switch("camera", False)
    assert subject.problems() == []
    assert subject._pace._frames.rate is None
    assert "captured_fps" not in health.face.snapshot(60.0).payload()
