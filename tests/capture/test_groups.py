"""Which cameras and microphones are one source, and how several users share it; the source is a fake."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.capture.groups import Group, Wiring, grouped, open_group
from edge.capture.mailbox import BoundedQueue, Mailbox
from edge.capture.open import Capture
from edge.capture.status import CaptureSource, CaptureStatus
from edge.config import Config
from edge.config.plans import CameraPlan, DevicePlan, room_plans
from edge.errors import CaptureError
from edge.vocabulary import AudioChunk, Frame


class Source:
    """A device that says whether it is open."""

    def __init__(self) -> None:
        self.is_open, self.starts = False, 0

    def start(self) -> None:
        self.starts += not self.is_open
        self.is_open = True

    def stop(self) -> None:
        self.is_open = False

    def revive(self) -> None:
        pass

    def status(self) -> CaptureStatus:
        return CaptureStatus("open" if self.is_open else "closed", "fake")


class Bench:
    """A group that is opened on fakes."""

    def __init__(self, group: Group) -> None:
        self.frames: dict[CameraPlan, Mailbox[Frame]] = {one: Mailbox() for one in group.cameras}
        self.beats: list[str] = []
        self.source = Source()
        self.given: dict[str, Any] = {}
        wiring = Wiring(
            frames=self.frames.__getitem__,
            chunks=lambda _: BoundedQueue[AudioChunk](5),
            heartbeat=self._beat,
            capture=self._capture,
        )
        self.users = open_group(group, wiring)

    def by_room(self, room: str) -> CaptureSource:
        return next(source for plan, source in self.users.items() if plan.room == room)

    def opened(self) -> tuple[bool, int]:
        """Whether the device is open, and how often it was opened."""
        return self.source.is_open, self.source.starts

    def waiting(self) -> set[str]:
        return {plan.room for plan, box in self.frames.items() if len(box)}

    def _beat(self, user: DevicePlan) -> Callable[[], None]:
        return lambda: self.beats.append(user.room)

    def _capture(self, camera: object, microphone: object, **given: Any) -> Capture:
        self.given = given
        return Capture(self.source, None)


def groups(**sections: Any) -> tuple[Group, ...]:
    plans = room_plans(Config.model_validate(sections))
    cameras = [camera for plan in plans for camera in plan.cameras]
    return grouped(cameras, [microphone for plan in plans for microphone in plan.microphones])


def seats(**more: Any) -> dict[str, Any]:
    halves = {"driver": [0, 0, 0.5, 1], "passenger": [0.5, 0, 0.5, 1]}
    return {
        "rooms": {
            name: {"cameras": {"dash": {"source": "0", "region": region, **more}}}
            for name, region in halves.items()
        }
    }


def shape(found: tuple[Group, ...]) -> list[tuple[int, int]]:
    return [(len(group.cameras), len(group.microphones)) for group in found]


def test_one_file_for_both_senses_is_one_source_and_other_devices_are_two(tmp_path: Path) -> None:
    clip = str(tmp_path / "clip.mp4")
    assert shape(groups(camera={"source": clip}, microphone={"source": clip})) == [(1, 1)]
    assert shape(groups(camera={"source": clip}, microphone={"source": "camera"})) == [(1, 1)]
    assert shape(groups()) == [(1, 0), (0, 1)]


def test_a_camera_of_two_seats_is_one_source_however_it_is_written() -> None:
    made = seats()
    made["rooms"]["passenger"]["cameras"]["dash"]["source"] = "device:0"
    assert shape(groups(**made)) == [(2, 0)]


def test_the_first_opens_the_device_and_the_last_closes_it() -> None:
    bench = Bench(*groups(**seats()))
    driver, passenger = bench.by_room("driver"), bench.by_room("passenger")
    driver.start()
    passenger.start()
    assert bench.opened() == (True, 1)
    driver.stop()
    assert bench.opened() == (True, 1)
    assert (driver.status().state, passenger.status().state) == ("closed", "open")
    passenger.stop()
    assert bench.opened() == (False, 1)


def test_pictures_and_heartbeats_go_to_those_who_are_switched_on_alone() -> None:
    bench = Bench(*groups(**seats()))
    put, beat = bench.given["frames"].put, bench.given["camera_heartbeat"]
    frame = Frame(np.zeros((2, 2, 3), np.uint8), 7.0)
    put(frame)
    beat()
    assert (bench.waiting(), bench.beats) == (set(), [])
    bench.by_room("driver").start()
    put(frame)
    beat()
    assert (bench.waiting(), bench.beats) == ({"driver"}, ["driver"])
    assert bench.by_room("driver").status().last_at == 7.0
    bench.by_room("driver").stop()
    assert bench.waiting() == set(), "what waited is forgotten"


def test_users_of_one_camera_who_want_other_pictures_are_refused() -> None:
    cameras = [plan.cameras[0] for plan in room_plans(Config.model_validate(seats()))]
    other = cameras[1].config.model_copy(update={"fps": 3.0})
    driver, passenger = cameras
    changed = CameraPlan(passenger.room, passenger.name, passenger.label, other)
    with pytest.raises(CaptureError, match="driver/dash and camera passenger/dash are one camera"):
        Bench(*grouped([driver, changed], []))
