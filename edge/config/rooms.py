"""Several rooms of one daemon: what may stand in `rooms`, and what does not go together there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Final

from pydantic import Field

from edge.config.base import Section, Slug, Text
from edge.config.fusion import FusionConfig, SmoothingConfig
from edge.config.sensors import CameraConfig, MicrophoneConfig
from edge.config.topic_words import REFUSED

__all__ = ["RoomConfig", "room_problems"]

_MOST: Final = 16
_NUMBER: Final = re.compile(r"(?:device:(?://)?)?(\d{1,4})")


class RoomConfig(Section):
    """What has one mood: a room of the house, or a seat."""

    name: Text | None = None
    """Shown to people, and suggested as area in Home Assistant; empty: its id."""
    cameras: dict[Slug, CameraConfig] = Field(default_factory=dict)
    """Keys of `camera`, by a name of your own."""
    microphones: dict[Slug, MicrophoneConfig] = Field(default_factory=dict)
    """Keys of `microphone`, by a name of your own; `camera` names the room's only camera."""
    fusion: FusionConfig | None = None
    """Empty: as for all rooms."""
    smoothing: SmoothingConfig | None = None
    """Empty: as for all rooms."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """Something has to be sensed, and `camera` has to name one."""
        cameras = any(camera.enabled for camera in self.cameras.values())
        if not cameras and not any(microphone.enabled for microphone in self.microphones.values()):
            yield "", "has neither a camera nor a microphone; give it one under cameras or microphones"
        for name, microphone in self.microphones.items():
            if microphone.source.strip().lower() == "camera" and len(self.cameras) != 1:
                there = "no camera" if not self.cameras else "more than one camera"
                yield (
                    f"microphones.{name}.source",
                    f"camera: the room has {there}; write the address of the one that is meant",
                )


Rooms = Annotated[dict[Slug, RoomConfig], Field(max_length=_MOST)]


def shown(identity: str, room: RoomConfig) -> str:
    """The name of a room for people."""
    return room.name or identity.replace("-", " ").replace("_", " ").capitalize()


def room_problems(rooms: Mapping[str, RoomConfig]) -> Iterator[tuple[str, str]]:
    """Dotted key below `rooms` and message of everything that does not go together."""
    names: dict[str, str] = {}
    for identity, room in rooms.items():
        if identity in REFUSED:
            yield identity, f"{identity!r} is a word of the topics; choose another id for this room"
        name = shown(identity, room).casefold()
        if name in names:
            yield (
                f"{identity}.name",
                f"the room {names[name]!r} is called so, too; give every room a name of its own",
            )
        names.setdefault(name, identity)
    yield from _cameras(rooms)
    yield from _microphones(rooms)


def _cameras(rooms: Mapping[str, RoomConfig]) -> Iterator[tuple[str, str]]:
    """One camera for two rooms, or twice in one, is opened once: each needs its part of the picture."""
    first: dict[str, tuple[str, CameraConfig]] = {}
    seen: dict[tuple[str, object], str] = {}
    for identity, room in rooms.items():
        for name, camera in room.cameras.items():
            place, device = f"{identity}.cameras.{name}", device_of(camera.source)
            if not camera.enabled:
                continue
            again = seen.setdefault((device, camera.region), place)
            other, known = first.setdefault(device, (place, camera))
            if again != place:
                yield (
                    f"{place}.source",
                    f"rooms.{again} looks at the same picture; name another camera, or give each its region",
                )
            elif _asked(known) != _asked(camera):
                yield (
                    place,
                    f"shares its camera with rooms.{other}, which is opened once; "
                    "give both the same width, height and fps",
                )


def _microphones(rooms: Mapping[str, RoomConfig]) -> Iterator[tuple[str, str]]:
    """One microphone for two rooms would make the voice of one the mood of the other, but in a cockpit."""
    first: dict[str, tuple[str, str]] = {}
    for identity, room in rooms.items():
        for name, microphone in room.microphones.items():
            source = microphone.source.strip()
            if not microphone.enabled or source.lower() == "camera":
                continue
            place = f"{identity}.microphones.{name}"
            owner, other = first.setdefault(device_of(source), (identity, place))
            if other == place or (owner != identity and _share_a_camera(rooms[owner], room)):
                continue
            yield (
                f"{place}.source",
                f"rooms.{other} listens there, too; name another sound input, or leave it to one of them "
                "(rooms may share a microphone only where they share a camera)",
            )


def device_of(source: str) -> str:
    """What a source names, so that `0` and `/dev/video0` are the same."""
    text = source.strip()
    number = _NUMBER.fullmatch(text)
    return f"/dev/video{int(number[1])}" if number else "auto" if text.lower() == "auto" else text


def _asked(camera: CameraConfig) -> tuple[int, int, float]:
    return camera.width, camera.height, camera.fps


def _share_a_camera(one: RoomConfig, other: RoomConfig) -> bool:
    theirs = ({device_of(camera.source) for camera in room.cameras.values()} for room in (one, other))
    return bool(set.intersection(*theirs))
