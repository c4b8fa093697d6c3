"""Cameras that see the same people: everybody counts once, and keeps the number from camera to camera."""

from __future__ import annotations

import pytest
from mood.test_people import picture

from edge.config import Config
from edge.config.models import SmoothingConfig
from edge.mood.people import People
from edge.mood.pooling import FusionParameters
from edge.mood.room import RoomMood
from edge.vocabulary import LABELS

FACE = tuple[int, float, str | None]
LEFT: FACE = (1, 0.1, "happy")
RIGHT: FACE = (2, 0.7, "angry")


class Watched:
    """A room with cameras that overlap, fed ten pictures a second by each."""

    def __init__(self, *overlap: str) -> None:
        self.people = People(SmoothingConfig(), overlap=overlap)
        self.at = 0.0
        self.told: list[str] = []

    def for_seconds(self, seconds: float, **cameras: tuple[FACE, ...]) -> None:
        for _ in range(int(seconds * 10)):
            self.at += 0.1
            for camera, faces in cameras.items():
                events = self.people.see(picture(self.at, *faces), self.at, camera)
                self.told += [f"{one.kind} {one.person.number}" for one in events]

    @property
    def numbers(self) -> list[int]:
        return [one.number for one in self.people.present]


def test_without_overlap_whom_two_cameras_see_counts_twice() -> None:
    room = Watched()
    room.for_seconds(2, door=(LEFT,), window=(LEFT,))
    assert room.numbers == [1, 2]


def test_somebody_whom_two_cameras_see_counts_once_with_one_mood() -> None:
    room = Watched("door", "window")
    room.for_seconds(3, door=(LEFT,), window=(LEFT,))
    assert room.numbers == [1]
    assert room.people.moods == {"happy": 1}
    assert room.told == ["arrived 1", "changed 1"]


def test_there_are_as_many_as_the_camera_sees_that_sees_most() -> None:
    room = Watched("door", "window")
    room.for_seconds(2, door=(LEFT,), window=())
    room.for_seconds(2, door=(LEFT,), window=(LEFT, RIGHT))
    assert room.numbers == [1, 2]
    room.for_seconds(8, door=(LEFT,), window=(LEFT,))
    assert len(room.numbers) == 1
    assert [one for one in room.told if "left" in one] in (["left 1"], ["left 2"])


def test_the_number_goes_with_who_walks_from_one_camera_to_the_other() -> None:
    room = Watched("door", "window")
    room.for_seconds(3, door=(LEFT,), window=())
    room.for_seconds(2, door=(LEFT,), window=(RIGHT,))
    room.for_seconds(9, door=(), window=(RIGHT,))
    assert room.numbers == [1]
    assert room.people.present[0].camera == "window"
    assert "left 1" not in room.told


def test_a_camera_that_does_not_overlap_counts_by_itself() -> None:
    room = Watched("door", "window")
    room.for_seconds(2, door=(LEFT,), window=(LEFT,), garden=(LEFT,))
    assert len(room.numbers) == 2


def test_people_who_turn_out_to_be_one_leave_one_number_behind() -> None:
    room = Watched("door", "window")
    room.for_seconds(2, door=(LEFT, RIGHT), window=(LEFT,))
    room.for_seconds(9, door=(), window=(LEFT,))
    room.for_seconds(2, door=(RIGHT,), window=(LEFT,))
    assert len(room.numbers) == 1


def test_the_room_takes_one_reading_of_whom_two_cameras_see() -> None:
    def mood_of(*overlap: str, window: bool = True) -> RoomMood:
        room = RoomMood(config=Config(), parameters=FusionParameters(), now=0.0, overlap=overlap)
        for step in range(1, 30):
            room.see(picture(step / 10, LEFT, RIGHT), step / 10, "door")
            if window:
                room.see(picture(step / 10, RIGHT), step / 10, "window")
        return room

    alone, together, apart = mood_of(window=False), mood_of("door", "window"), mood_of()
    assert (alone.faces, together.faces, apart.faces) == (2, 2, 3)
    angry = LABELS.index("angry")
    assert together.probabilities == pytest.approx(alone.probabilities, abs=0.03)
    assert apart.probabilities[angry] > together.probabilities[angry] + 0.05
