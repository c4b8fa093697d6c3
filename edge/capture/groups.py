"""Which cameras and microphones of all rooms are one device, one file or one stream; each is opened once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from edge.capture.mailbox import BoundedQueue, Mailbox
from edge.capture.open import Capture, open_capture, sound_source
from edge.capture.output import Output
from edge.capture.splitting import SplitSource, Splitter
from edge.capture.status import CaptureSource
from edge.capture.video.uri import VideoSource, parse_video
from edge.config.models import CameraConfig, MicrophoneConfig
from edge.config.plans import CameraPlan, DevicePlan, MicrophonePlan
from edge.errors import CaptureError
from edge.supervision import no_beat
from edge.vocabulary import AudioChunk, Frame

__all__ = ["Group", "Wiring", "grouped", "open_group"]

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Group:
    """Who uses one device, file or stream."""

    cameras: tuple[CameraPlan, ...]
    microphones: tuple[MicrophonePlan, ...]

    @property
    def users(self) -> tuple[DevicePlan, ...]:
        """All of them."""
        return (*self.cameras, *self.microphones)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """Where pictures and sound go: a box and a heartbeat for each user; `capture` opens the source."""

    frames: Callable[[CameraPlan], Mailbox[Frame]]
    chunks: Callable[[MicrophonePlan], BoundedQueue[AudioChunk]]
    heartbeat: Callable[[DevicePlan], Callable[[], None]]
    clock: Callable[[], float] = time.monotonic
    capture: Callable[..., Capture] = open_capture


def grouped(cameras: Sequence[CameraPlan], microphones: Sequence[MicrophonePlan]) -> tuple[Group, ...]:
    """One group for each source, in the order of the file. Raises CaptureError for what no source can be."""
    users: dict[object, tuple[list[CameraPlan], list[MicrophonePlan]]] = {}
    for camera in cameras:
        picture = _named(camera, partial(parse_video, camera.config.source))
        users.setdefault(_identity(picture), ([], []))[0].append(camera)
    for microphone in microphones:
        source = microphone.config.source
        sound = _named(microphone, partial(sound_source, source, microphone.beside))
        key = ("sound", source.strip()) if sound is None else _identity(sound)
        users.setdefault(key, ([], []))[1].append(microphone)
    return tuple(Group(tuple(eyes), tuple(ears)) for eyes, ears in users.values())


def open_group(group: Group, wiring: Wiring) -> Mapping[DevicePlan, CaptureSource]:
    """The source of each user, not started yet. Raises CaptureError for names that no source can have."""
    frames = [wiring.frames(camera) for camera in group.cameras]
    chunks = [wiring.chunks(microphone) for microphone in group.microphones]
    beats = {user: wiring.heartbeat(user) for user in group.users}
    pictures, picture_beat = _shared(frames, [beats[camera] for camera in group.cameras])
    sound, sound_beat = _shared(chunks, [beats[microphone] for microphone in group.microphones])
    camera, microphone = _settings(group)
    opened = wiring.capture(
        camera,
        microphone,
        frames=pictures,
        chunks=sound,
        clock=wiring.clock,
        camera_heartbeat=picture_beat,
        microphone_heartbeat=sound_beat,
    )
    return {
        **_users(group.cameras, opened.camera, pictures),
        **_users(group.microphones, opened.microphone, sound),
    }


def _settings(group: Group) -> tuple[CameraConfig, MicrophoneConfig]:
    """What the source is opened with; the users of one camera ask for the same."""
    beside = group.microphones[0].beside if group.microphones else "auto"
    camera = (
        group.cameras[0].config if group.cameras else CameraConfig(enabled=False, source=beside or "auto")
    )
    asked = {(one.config.width, one.config.height, one.config.fps) for one in group.cameras}
    if len(asked) > 1:
        labels = " and ".join(one.label for one in group.cameras)
        raise CaptureError(f"{labels} are one camera; give all the same width, height and fps")
    return camera, group.microphones[0].config if group.microphones else MicrophoneConfig(enabled=False)


def _shared(boxes: Sequence[Any], beats: Sequence[Callable[[], None]]) -> tuple[Any, Callable[[], None]]:
    """The one box and heartbeat for the source: a user's own, or what hands on to several."""
    if not boxes:
        return Mailbox(), no_beat
    if len(boxes) == 1:
        return boxes[0], beats[0]
    splitter: Splitter[Any] = Splitter([Output(box, beat) for box, beat in zip(boxes, beats, strict=True)])
    return splitter, splitter.beat


def _users(
    users: Sequence[DevicePlan], source: CaptureSource | None, box: object
) -> dict[DevicePlan, CaptureSource]:
    if source is None:
        return {}
    if isinstance(box, Splitter):
        return {user: SplitSource(source, box, mine) for user, mine in zip(users, box.outputs, strict=True)}
    return dict.fromkeys(users, source)


def _identity(source: VideoSource) -> tuple[str, str]:
    address = str(Path(source.address).resolve()) if source.kind == "file" else source.address
    return source.kind, address


def _named(user: DevicePlan, read: Callable[[], Found]) -> Found:
    """What `read` finds out; its refusal says whose source it is, where there are several."""
    try:
        return read()
    except CaptureError as error:
        place = f"{user.label}: " if "/" in user.label else ""
        raise CaptureError(f"{place}{error}") from error
