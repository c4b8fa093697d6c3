"""Which sources the configuration means, ready to be started."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.capture.mailbox import BoundedQueue, Mailbox
from edge.capture.shared import Player, SharedSource
from edge.capture.sound.microphone import Microphone
from edge.capture.status import CaptureSource
from edge.capture.video.camera import Camera
from edge.capture.video.uri import VideoSource, expanded, parse_video
from edge.config.models import CameraConfig, MicrophoneConfig
from edge.errors import CaptureError
from edge.supervision import no_beat
from edge.vocabulary import AudioChunk, Frame

__all__ = ["Capture", "open_capture", "sound_source"]

Heartbeat = Callable[[], None]

_SOUND_FILE: Final = re.compile(
    r"\.(wav|flac|og[ga]|opus|mp[34]|m4[av]|aac|aiff?|caf|w64|wma|au|amr|mov|mkv|webm|avi|mpe?g|ts|3gp)$",
    re.IGNORECASE,
)
_SOUND_FORMS: Final = "auto, camera, a sound input's name or index, rtsp://…, http://…, or a file"


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
    camera_heartbeat: Heartbeat = no_beat,
    microphone_heartbeat: Heartbeat = no_beat,
) -> Capture:
    """The sources that are configured and enabled, not started yet.

    A file is played at its own speed, in a loop; one file or one network camera for both runs on one clock
    and is opened once. Raises CaptureError for names that no source can have.
    """
    picture = parse_video(camera.source) if camera.enabled else None
    sound = sound_source(microphone.source, camera.source) if microphone.enabled else None
    opening = _Opening(camera, clock, camera_heartbeat, microphone_heartbeat)
    if picture is not None and sound is not None and _same(picture, sound):
        player = opening.player(picture, frames, chunks)
        return Capture(SharedSource(player, "picture"), SharedSource(player, "sound"))
    eye: CaptureSource | None = None
    ear: CaptureSource | None = None
    if picture is not None and picture.kind in ("file", "network"):
        eye = SharedSource(opening.player(picture, frames, None), "picture")
    elif picture is not None:
        eye = Camera(config=camera, frames=frames, clock=clock, heartbeat=camera_heartbeat)
    if sound is not None:
        ear = SharedSource(opening.player(sound, None, chunks), "sound")
    elif microphone.enabled:
        ear = Microphone(config=microphone, chunks=chunks, clock=clock, heartbeat=microphone_heartbeat)
    return Capture(eye, ear)


@dataclass(frozen=True, slots=True)
class _Opening:
    """What players of files and of streams are made with."""

    limits: CameraConfig
    clock: Callable[[], float]
    picture_heartbeat: Heartbeat
    sound_heartbeat: Heartbeat

    def player(
        self, source: VideoSource, frames: Mailbox[Frame] | None, chunks: BoundedQueue[AudioChunk] | None
    ) -> Player:
        """A file or a network camera, with the halves that have a box."""
        alone = "camera" if frames is not None else "microphone"
        name = source.kind if frames is not None and chunks is not None else alone
        if source.kind == "network":
            from edge.capture.network.stream import NetworkStream

            return NetworkStream(
                source=source,
                limits=self.limits,
                frames=frames,
                chunks=chunks,
                clock=self.clock,
                picture_heartbeat=self.picture_heartbeat,
                sound_heartbeat=self.sound_heartbeat,
                name=name,
            )
        from edge.capture.files.player import FilePlayer

        return FilePlayer(
            path=source.address,
            limits=self.limits,
            frames=frames,
            chunks=chunks,
            clock=self.clock,
            picture_heartbeat=self.picture_heartbeat,
            sound_heartbeat=self.sound_heartbeat,
            name=name,
        )


def sound_source(source: str, camera: str) -> VideoSource | None:
    """The file or stream that a `microphone.source` names, `camera` being `camera.source`.

    None for a sound device, whose name is no path and no address. Raises CaptureError for what has no sound.
    """
    text = source.strip()
    if text.lower() == "camera":
        found = parse_video(camera)
        if found.kind not in ("file", "network"):
            raise CaptureError(
                f'microphone.source is "camera", but camera.source is {found.label}, which is no network '
                "camera and no file; name a sound input, `emotion-edge devices` lists them"
            )
        return found
    if text.startswith("file:"):
        return parse_video(text)
    if re.match(r"[a-z][a-z0-9+.-]*://", text, re.IGNORECASE):
        found = parse_video(text)
        if found.kind != "network":
            raise CaptureError(f"{found.label}: has no sound; microphone.source is {_SOUND_FORMS}")
        return found
    path = expanded(text)
    looks = text.startswith(("/", "./", "../", "~")) or _SOUND_FILE.search(text) is not None
    return VideoSource("file", str(path), str(path)) if looks or path.is_file() else None


def _same(picture: VideoSource, sound: VideoSource) -> bool:
    """Whether both name one file or one stream."""
    if picture.kind == sound.kind == "file":
        return Path(picture.address).resolve() == Path(sound.address).resolve()
    return picture.kind == sound.kind and picture.address == sound.address
