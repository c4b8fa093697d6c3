"""Several rooms of one daemon: what may stand in `rooms`, and what does not go together there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Final, TypeVar

from pydantic import Field

from edge.config.base import Section, Slug, Text
from edge.config.fusion import FusionConfig, SmoothingConfig
from edge.config.sensors import CameraConfig, MicrophoneConfig
from edge.config.spelling import did_you_mean
from edge.config.topic_words import REFUSED

__all__ = [
    "RoomConfig",
    "RoomFusionConfig",
    "RoomSmoothingConfig",
    "device_of",
    "laid_over",
    "room_problems",
    "shown",
]

Own = TypeVar("Own", bound=Section)

_MOST: Final = 16
_NUMBER: Final = re.compile(r"(?:device:(?://)?)?(\d{1,4})")


class RoomFusionConfig(FusionConfig):
    """Keys of `fusion`; what is left out is as there."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """None by itself: what goes together is seen where it lies over the file's."""
        yield from ()


class RoomSmoothingConfig(SmoothingConfig):
    """Keys of `smoothing`; what is left out is as there."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """None by itself: what goes together is seen where it lies over the file's."""
        yield from ()


class RoomConfig(Section):
    """What has one mood: a room of the house, or a seat."""

    name: Text | None = None
    """Shown to people, and suggested as area in Home Assistant; empty: its id."""
    cameras: dict[Slug, CameraConfig] = Field(default_factory=dict)
    """Keys of `camera`, by a name of your own."""
    microphones: dict[Slug, MicrophoneConfig] = Field(default_factory=dict)
    """Keys of `microphone`, by a name of your own; `camera` names the room's only camera."""
    overlap: list[Slug] = Field(default_factory=list)
    """Cameras that see the same people, who then count once."""
    fusion: RoomFusionConfig | None = None
    """Keys of `fusion` that differ in this room."""
    smoothing: RoomSmoothingConfig | None = None
    """Keys of `smoothing` that differ in this room."""
    profile: Text | None = None
    """Profile of the actions in force here, `none` for no one's; empty: as for all rooms."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """Something has to be sensed, and names have to name something."""
        cameras = any(camera.enabled for camera in self.cameras.values())
        if not cameras and not any(microphone.enabled for microphone in self.microphones.values()):
            yield "", "has neither a camera nor a microphone; give it one under cameras or microphones"
        for place, name in enumerate(self.overlap):
            if name not in self.cameras:
                known = did_you_mean(name, self.cameras) or f"; there are {', '.join(self.cameras) or 'none'}"
                yield f"overlap.{place}", f"this room has no camera {name!r}{known}"
        if len(set(self.overlap)) == 1:
            yield "overlap", "names one camera only; name all that see the same people"
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


def laid_over(base: Own, own: Own | None) -> Own:
    """A section of the file with the keys of a room's own in place of its; single thresholds likewise."""
    if own is None:
        return base
    update = {name: getattr(own, name) for name in own.model_fields_set}
    if "thresholds" in update:
        update["thresholds"] = {**getattr(base, "thresholds", {}), **update["thresholds"]}
    return base.model_copy(update=update)


def room_problems(
    rooms: Mapping[str, RoomConfig], fusion: FusionConfig, smoothing: SmoothingConfig
) -> Iterator[tuple[str, str]]:
    """Dotted key below `rooms` and message of everything that does not go together."""
    for identity, room in rooms.items():
        for name, section in (
            ("fusion", laid_over(fusion, room.fusion)),
            ("smoothing", laid_over(smoothing, room.smoothing)),
        ):
            found = section.conflicts() if getattr(room, name) is not None else ()
            yield from ((f"{identity}.{name}.{key}", message) for key, message in found)
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
