"""Which sources the configuration means, ready to be started."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from edge.capture.camera import Camera
from edge.capture.mailbox import Backlog, Mailbox
from edge.capture.microphone import Microphone
from edge.capture.player import ClipPlayer
from edge.capture.status import CaptureStatus, Source
from edge.capture.supervisor import no_heartbeat
from edge.capture.uri import mask, parse_video
from edge.emotions import AudioChunk, Frame
from edge.errors import CaptureError

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


class Track:
    """One half of a file that is played for both senses, switched on and off without the other."""

    def __init__(self, player: ClipPlayer, kind: Literal["picture", "sound"]) -> None:
        self._player = player
        self._kind: Literal["picture", "sound"] = kind
        self._mine, self._other = player.pictures, player.sound
        if kind == "sound":
            self._mine, self._other = player.sound, player.pictures  # type: ignore[assignment]
        self._mine.switch(False)

    def start(self) -> None:
        """Hand on this half; the first of the two starts the player."""
        self._mine.switch(True)
        self._player.start()

    def stop(self) -> None:
        """Hand on nothing more; the last of the two stops the player."""
        self._mine.switch(False)
        if not self._other.on:
            self._player.stop()

    def status(self) -> CaptureStatus:
        """How this half is doing."""
        status = replace(
            self._player.status(),
            delivered=self._mine.delivered,
            dropped=self._mine.dropped,
            last_at=self._mine.last_at,
        )
        if not self._mine.on:
            return replace(status, state="closed", detail="")
        if self._kind in self._player.missing:
            return replace(status, state="ended", detail=f"the file has no {self._kind}")
        return status


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
    picture = _file_of_camera(camera)
    sound = _file_of_microphone(microphone)

    def player(path: Path, *, see: bool, hear: bool, name: str, heartbeat: Heartbeat) -> ClipPlayer:
        return ClipPlayer(
            path=path,
            frames=frames if see else None,
            chunks=chunks if hear else None,
            loop=loop,
            width=width,
            height=height,
            fps=fps,
            clock=clock,
            heartbeat=heartbeat,
            name=name,
        )

    def both_beat() -> None:
        camera_heartbeat()
        microphone_heartbeat()

    if picture is not None and sound is not None and picture.resolve() == sound.resolve():
        shared = player(picture, see=True, hear=True, name="clip", heartbeat=both_beat)
        return Capture(Track(shared, "picture"), Track(shared, "sound"))
    eye: Source | None = None
    ear: Source | None = None
    if picture is not None:
        eye = player(picture, see=True, hear=False, name="camera", heartbeat=camera_heartbeat)
    elif camera is not None:
        eye = Camera(
            source=camera,
            frames=frames,
            width=width,
            height=height,
            fps=fps,
            clock=clock,
            heartbeat=camera_heartbeat,
        )
    if sound is not None:
        ear = player(sound, see=False, hear=True, name="microphone", heartbeat=microphone_heartbeat)
    elif microphone is not None:
        ear = Microphone(source=microphone, chunks=chunks, clock=clock, heartbeat=microphone_heartbeat)
    return Capture(eye, ear)


def _file_of_camera(source: str | None) -> Path | None:
    parsed = parse_video(source) if source is not None else None
    return Path(parsed.address) if parsed is not None and parsed.kind == "file" else None


def _file_of_microphone(source: str | None) -> Path | None:
    """The file that is meant; None for a device. Device names hold no scheme, and no path from the root."""
    if source is None:
        return None
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
