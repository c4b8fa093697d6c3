"""Devices of several rooms open and close behind switches while the workers live on, on fake devices."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from daemon.fakes import FakeDevice, Hardware
from integration.broker import eventually

from edge.capture.status import CaptureStatus
from edge.config import Config
from edge.config.models import CameraConfig
from edge.config.plans import CameraPlan, room_plans
from edge.daemon.health import Health, Heartbeats
from edge.daemon.openers import Openers
from edge.daemon.paced_mailbox import PacedMailbox
from edge.daemon.processors import Heard, Seen
from edge.daemon.sense import Sense
from edge.daemon.senses import Senses
from edge.errors import CaptureError, EngineError
from edge.vocabulary import Frame

FRAME = Frame(np.zeros((4, 4, 3), np.uint8), 1.0)


class Made:
    """Senses of a configuration, and what they are made of."""

    def __init__(self, openers: Openers | None = None, **sections: object) -> None:
        self.config = Config.model_validate(sections)
        self.health, self.heartbeats = Health(started=0.0), Heartbeats()
        self.found: list[Seen | Heard] = []
        self.senses = Senses(
            engines=self.config.engines,
            plans=room_plans(self.config),
            health=self.health,
            heartbeats=self.heartbeats,
            clock=lambda: 5.0,
            emit=self.found.append,
            openers=openers,
        )

    def one(self, room: str = "", kind: str = "camera") -> Sense:
        (found,) = self.senses.of(room, kind)
        return found

    def reload(self, **sections: object) -> None:
        self.config = Config.model_validate(sections)
        self.senses.prepare(self.config.engines, room_plans(self.config))()

    def problems(self) -> list[str]:
        return [str(problem) for problem in self.senses.problems()]


def sense() -> tuple[Sense, FakeDevice]:
    device = FakeDevice()
    plan = CameraPlan("", "camera", "camera", CameraConfig())
    return Sense(plan, PacedMailbox(), device), device


def rooms(*names: str, **more: Any) -> dict[str, Any]:
    made = {name: {"cameras": {"eye": {"source": f"{name}.mp4"}}} for name in names}
    return {"rooms": {**made, **more}}


def test_a_device_is_opened_and_closed_and_nothing_it_delivered_is_kept() -> None:
    subject, device = sense()
    subject.open()
    assert device.is_open
    subject.box.put(FRAME)  # type: ignore[arg-type]
    subject.close()
    subject.close()
    assert (subject.is_open, device.is_open, len(subject.box)) == (False, False, 0)
    subject.end()
    assert subject.box.closed


def test_a_lost_device_is_a_problem_only_while_it_should_be_open() -> None:
    subject, device = sense()
    device.now = CaptureStatus("retrying", "usb camera", "unplugged")
    assert subject.problems() == []
    subject.open()
    assert [str(problem) for problem in subject.problems()] == ["camera: usb camera: unplugged"]
    device.now = replace(device.now, state="ended", detail="")
    assert [str(problem) for problem in subject.problems()] == ["camera: usb camera has ended"]
    device.now = replace(device.now, state="open")
    assert subject.problems() == []


def test_models_that_do_not_open_are_an_error_of_the_worker() -> None:
    def broken(*_: object) -> Any:
        raise EngineError("no such model")

    made = Made(replace(Hardware().openers(), faces=broken))
    made.senses.start()
    assert made.senses.settled(10.0)
    (problem,) = made.senses.problems()
    assert (problem.thing, problem.text, problem.severity) == ("face", "no such model", "error")
    made.senses.stop()
    assert "face" not in {thread.name for thread in threading.enumerate()}


def test_having_neither_sense_is_the_gravest_problem() -> None:
    made = Made(camera={"enabled": False}, microphone={"enabled": False})
    (problem,) = made.senses.problems()
    assert problem.severity == "error"
    assert made.senses.settled(0.0), "there is nothing to wait for"
    made.senses.start()
    made.senses.stop()


def test_one_sense_alone_is_fine(tmp_path: Path) -> None:
    made = Made(camera={"source": str(tmp_path / "clip.mp4")}, microphone={"enabled": False})
    assert [sense.kind for sense in made.senses.all()] == ["camera"]
    assert made.problems() == []


def test_a_source_that_cannot_be_is_refused_at_once() -> None:
    with pytest.raises(CaptureError, match="no network camera"):
        Made(microphone={"source": "camera"})


def test_a_source_that_cannot_be_names_its_room() -> None:
    with pytest.raises(CaptureError, match=r"^camera den/eye: rstp://x: unknown kind of source"):
        Made(**rooms("hall", den={"cameras": {"eye": {"source": "rstp://x"}}}))


def test_a_closed_device_is_no_late_stage() -> None:
    made = Made(Hardware().openers())
    for stage in ("camera", "face"):
        made.heartbeats.beat(stage, 1.0)
    made.senses.start()
    made.senses.switch(made.one(), False)
    assert "camera" not in made.heartbeats.ages(5.0)
    assert "face" in made.heartbeats.ages(5.0)
    made.senses.stop()
    assert made.heartbeats.ages(5.0) == {}


def test_drops_are_carried_to_the_meters() -> None:
    hardware = Hardware()
    made = Made(hardware.openers())
    hardware.camera.now = replace(hardware.camera.now, dropped=7)
    made.senses.measure(1.0)
    assert made.health.face.snapshot(0.0).dropped == 7
    assert made.health.speech.snapshot(0.0).dropped == 0


def overloaded(model: str, **sections: object) -> Made:
    """A camera of 15 pictures a second, of which 4 are judged, for a minute."""
    made = Made(Hardware().openers(), microphone={"enabled": False}, engines={"face": model}, **sections)
    made.senses.start()
    made.senses.settled(10.0)
    made.senses.switch(made.one(), True)
    box = made.one().box
    assert isinstance(box, PacedMailbox)
    see = made.senses.workers._see
    assert see is not None
    for second in range(60):
        box.came, box.taken, see.busy = 15 * second, 4 * second, float(second)
        made.senses.measure(float(second))
    return made


@pytest.fixture
def ended() -> Any:
    made: list[Made] = []

    def keep(one: Made) -> Made:
        made.append(one)
        return one

    yield keep
    for one in made:
        one.senses.stop()


def test_an_overload_is_told_with_its_figures_and_the_remedy(ended: Callable[[Made], Made]) -> None:
    made = ended(overloaded("face"))
    (problem,) = made.senses.problems()
    assert str(problem).startswith("face: 4 of 15 pictures a second are judged")
    assert "engines.face: face-small" in problem.text
    assert "camera.fps: 4" in problem.text
    assert made.health.face.snapshot(60.0).payload()["captured_fps"] == 15.0
    box = made.one().box
    assert isinstance(box, PacedMailbox)
    assert box.rate == pytest.approx(3.2)


def test_who_has_the_smaller_model_already_is_told_of_fewer_pictures_only(
    ended: Callable[[Made], Made],
) -> None:
    (problem,) = ended(overloaded("face-small")).senses.problems()
    assert "face-small" not in problem.text
    assert "camera.fps: 4" in problem.text


def test_a_closed_camera_is_no_overload_and_begins_with_all_pictures(ended: Callable[[Made], Made]) -> None:
    made = ended(overloaded("face"))
    made.senses.switch(made.one(), False)
    assert made.problems() == []
    box = made.one().box
    assert isinstance(box, PacedMailbox)
    assert box.rate is None
    made.senses.measure(61.0)
    assert "captured_fps" not in made.health.face.snapshot(60.0).payload()


def test_a_reload_closes_what_is_gone_opens_what_is_new_and_leaves_the_others_alone() -> None:
    made = Made(Hardware().openers(), **rooms("hall", "den"))
    made.senses.start()
    hall, den = made.one("hall"), made.one("den")
    for one in (hall, den):
        made.senses.switch(one, True)
    worker = made.senses.workers._see
    made.reload(**rooms("hall", "attic"))
    assert made.one("hall") is hall
    assert hall.is_open
    assert not den.is_open
    assert den.box.closed
    assert not made.one("attic").is_open, "it is opened by the switches alone"
    assert made.senses.workers._see is worker, "the models are not opened again"
    made.senses.stop()
    assert not hall.is_open


def test_a_camera_that_is_set_otherwise_is_another_and_a_device_that_is_called_otherwise_is_not() -> None:
    made = Made(Hardware().openers())
    before = made.one()
    made.reload(device={"id": "attic"})
    assert made.one() is before
    made.reload(device={"id": "attic"}, camera={"width": 320})
    assert made.one() is not before


def test_workers_come_and_go_with_the_devices() -> None:
    made = Made(Hardware().openers(), **rooms("hall"))
    made.senses.start()
    names = {thread.name for thread in threading.enumerate()}
    assert ("face" in names, "speech" in names) == (True, False)
    made.reload(**rooms(hall={"microphones": {"desk": {}}}))
    names = {thread.name for thread in threading.enumerate()}
    assert ("face" in names, "speech" in names) == (False, True)
    made.senses.stop()


def test_pictures_of_all_rooms_reach_the_one_worker_and_know_their_room() -> None:
    made = Made(Hardware().openers(), **rooms("hall", "den"))
    made.senses.start()
    for name in ("hall", "den"):
        made.one(name).box.put(FRAME)  # type: ignore[arg-type]
    eventually(lambda: len(made.found) == 2)
    assert {one.camera.room for one in made.found if isinstance(one, Seen)} == {"hall", "den"}
    made.senses.stop()
