"""Which sources the configuration means, ready to be started."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.capture.mailbox import BoundedQueue, Mailbox
from edge.capture.sound.microphone import Microphone
from edge.capture.status import CaptureSource
from edge.capture.supervisor import no_heartbeat
from edge.capture.video.camera import Camera
from edge.capture.video.uri import mask, parse_video
from edge.config.models import CameraConfig, MicrophoneConfig
from edge.errors import CaptureError
from edge.vocabulary import AudioChunk, Frame

__all__ = ["Capture", "file_of_camera", "file_of_microphone", "open_capture"]

Heartbeat = Callable[[], None]

_SOUND_FILE: Final = re.compile(
    r"\.(wav|flac|og[ga]|opus|mp[34]|m4[av]|aac|aiff?|caf|w64|wma|au|amr|mov|mkv|webm|avi|mpe?g|ts|3gp)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Capture:
    """The two senses; None for one that is not wanted. Each is started and stopped on its own."""

    camera: CaptureSource | None
    microphone: CaptureSource | None


def open_capture(
    camera: CameraConfig,
    microphone: MicrophoneConfig,
    *,
    frames: Mailbox[Frame],
    chunks: BoundedQueue[AudioChunk],
    clock: Callable[[], float] = time.monotonic,
    camera_heartbeat: Heartbeat = no_heartbeat,
    microphone_heartbeat: Heartbeat = no_heartbeat,
) -> Capture:
    """The sources that are configured and enabled, not started yet.

    A file is played at its own speed, in a loop; one file for both runs on one clock.
    Raises CaptureError for names that no source can have.
    """
    picture = file_of_camera(camera.source) if camera.enabled else None
    sound = file_of_microphone(microphone.source) if microphone.enabled else None
    if picture is not None and sound is not None and picture.resolve() == sound.resolve():
        from edge.capture.files.player import FilePlayer
        from edge.capture.files.shared import SharedFileSource

        beats = (camera_heartbeat, microphone_heartbeat)
        player = FilePlayer(
            path=picture,
            limits=camera,
            frames=frames,
            chunks=chunks,
            clock=clock,
            heartbeat=lambda: _all(beats),
        )
        return Capture(SharedFileSource(player, "picture"), SharedFileSource(player, "sound"))
    return Capture(
        _camera(camera, path=picture, frames=frames, clock=clock, heartbeat=camera_heartbeat)
        if camera.enabled
        else None,
        _microphone(
            microphone, limits=camera, path=sound, chunks=chunks, clock=clock, heartbeat=microphone_heartbeat
        )
        if microphone.enabled
        else None,
    )


def _all(calls: tuple[Callable[[], None], ...]) -> None:
    for call in calls:
        call()


def _camera(
    config: CameraConfig,
    *,
    path: Path | None,
    frames: Mailbox[Frame],
    clock: Callable[[], float],
    heartbeat: Heartbeat,
) -> CaptureSource:
    """A camera, or a file's pictures."""
    if path is None:
        return Camera(config=config, frames=frames, clock=clock, heartbeat=heartbeat)
    from edge.capture.files.player import FilePlayer

    return FilePlayer(
        path=path, limits=config, frames=frames, clock=clock, heartbeat=heartbeat, name="camera"
    )


def _microphone(
    config: MicrophoneConfig,
    *,
    limits: CameraConfig,
    path: Path | None,
    chunks: BoundedQueue[AudioChunk],
    clock: Callable[[], float],
    heartbeat: Heartbeat,
) -> CaptureSource:
    """A microphone, or a file's sound."""
    if path is None:
        return Microphone(config=config, chunks=chunks, clock=clock, heartbeat=heartbeat)
    from edge.capture.files.player import FilePlayer

    return FilePlayer(
        path=path, limits=limits, chunks=chunks, clock=clock, heartbeat=heartbeat, name="microphone"
    )


def file_of_camera(source: str) -> Path | None:
    """The file that a `camera.source` names; None for a camera."""
    parsed = parse_video(source)
    return Path(parsed.address) if parsed.kind == "file" else None


def file_of_microphone(source: str) -> Path | None:
    """The file that a `microphone.source` names; None for a device, whose name is no path and no address."""
    text = source.strip()
    if text.startswith("file:"):
        return Path(parse_video(text).address)
    if re.match(r"[a-z][a-z0-9+.-]*://", text, re.IGNORECASE):
        raise CaptureError(
            f"{mask(text)}: microphone.source is auto, a device's name or index, or a file, not an address"
        )
    path = Path(text).expanduser()
    looks = text.startswith(("/", "./", "../", "~")) or _SOUND_FILE.search(text) is not None
    return path if looks or path.is_file() else None
