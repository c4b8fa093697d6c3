"""Which sources the configuration means, ready to be started."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.capture.files.player import ClipPlayer
from edge.capture.files.track import Track
from edge.capture.mailbox import Backlog, Mailbox
from edge.capture.sound.microphone import Microphone
from edge.capture.status import Source
from edge.capture.supervisor import no_heartbeat
from edge.capture.video.camera import Camera
from edge.capture.video.uri import mask, parse_video
from edge.errors import CaptureError
from edge.vocabulary import AudioChunk, Frame

Heartbeat = Callable[[], None]

SOUND_FILE: Final = re.compile(
    r"\.(wav|flac|og[ga]|opus|mp[34]|m4[av]|aac|aiff?|caf|w64|wma|au|amr|mov|mkv|webm|avi|mpe?g|ts|3gp)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Capture:
    """The two senses; None for one that is not wanted. Each is started and stopped on its own."""

    camera: Source | None
    microphone: Source | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Maker:
    """What all sources of one daemon share."""

    frames: Mailbox[Frame]
    chunks: Backlog[AudioChunk]
    width: int
    height: int
    fps: float
    loop: bool
    clock: Callable[[], float]

    def shared(self, path: Path, heartbeat: Heartbeat) -> Capture:
        """One file for both senses."""
        player = self._player(path, "clip", heartbeat, self.frames, self.chunks)
        pictures = Track(player, player.pictures, player.sound, "picture")
        return Capture(pictures, Track(player, player.sound, player.pictures, "sound"))

    def eye(self, source: str, heartbeat: Heartbeat) -> Source:
        """A camera, or a file's pictures."""
        path = file_of_camera(source)
        if path is not None:
            return self._player(path, "camera", heartbeat, self.frames, None)
        return Camera(
            source=source,
            frames=self.frames,
            width=self.width,
            height=self.height,
            fps=self.fps,
            clock=self.clock,
            heartbeat=heartbeat,
        )

    def ear(self, source: str, heartbeat: Heartbeat) -> Source:
        """A microphone, or a file's sound."""
        path = file_of_microphone(source)
        if path is not None:
            return self._player(path, "microphone", heartbeat, None, self.chunks)
        return Microphone(source=source, chunks=self.chunks, clock=self.clock, heartbeat=heartbeat)

    def _player(
        self,
        path: Path,
        name: str,
        heartbeat: Heartbeat,
        frames: Mailbox[Frame] | None,
        chunks: Backlog[AudioChunk] | None,
    ) -> ClipPlayer:
        return ClipPlayer(
            path=path,
            frames=frames,
            chunks=chunks,
            loop=self.loop,
            width=self.width,
            height=self.height,
            fps=self.fps,
            clock=self.clock,
            heartbeat=heartbeat,
            name=name,
        )


def open_capture(
    *,
    camera: str | None,
    microphone: str | None,
    frames: Mailbox[Frame],
    chunks: Backlog[AudioChunk],
    width: int = 640,
    height: int = 480,
    fps: float = 15.0,
    loop: bool = True,
    clock: Callable[[], float] = time.monotonic,
    camera_heartbeat: Heartbeat = no_heartbeat,
    microphone_heartbeat: Heartbeat = no_heartbeat,
) -> Capture:
    """The sources named by `camera.source` and `microphone.source`, not started yet; None leaves one out.

    A file is played at its own speed, in a loop unless told otherwise; one file for both runs on one clock.
    Raises CaptureError for names that no source can have.
    """
    make = _Maker(frames=frames, chunks=chunks, width=width, height=height, fps=fps, loop=loop, clock=clock)
    picture = file_of_camera(camera) if camera is not None else None
    sound = file_of_microphone(microphone) if microphone is not None else None
    if picture is not None and sound is not None and picture.resolve() == sound.resolve():

        def both_beat() -> None:
            camera_heartbeat()
            microphone_heartbeat()

        return make.shared(picture, both_beat)
    return Capture(
        make.eye(camera, camera_heartbeat) if camera is not None else None,
        make.ear(microphone, microphone_heartbeat) if microphone is not None else None,
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
    looks = text.startswith(("/", "./", "../", "~")) or SOUND_FILE.search(text) is not None
    return path if looks or path.is_file() else None
