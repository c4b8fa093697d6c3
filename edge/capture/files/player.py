"""Plays a file as if it were a camera and a microphone: at its own speed, in a loop, on one clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from edge.capture.files.media_file import MediaFile
from edge.capture.mailbox import BoundedQueue, Mailbox
from edge.capture.opening import Opening, Patience
from edge.capture.output import Half, Output
from edge.capture.shared import Player
from edge.capture.status import State
from edge.capture.video.pixels import Size
from edge.config.models import CameraConfig
from edge.errors import CaptureError
from edge.supervision import no_beat
from edge.vocabulary import AudioChunk, Frame

__all__ = ["FilePlayer", "scheduled"]

_LATE: Final = 0.5
"""Seconds behind schedule after which the schedule is moved instead of caught up with."""

_STILL_PERIOD: Final = 0.2
"""Seconds between repetitions of a picture, unless a lower rate is asked for."""

_PATIENCE: Final = Patience(opening=60.0, silence=600.0)
"""Files may pause for long between two pictures."""


class FilePlayer(Player):
    """Delivers the frames and the sound of a file over and over, stamped with `clock`, without a gap between.

    Without `frames` or `chunks` that half is not read. `limits` bounds size and rate of the pictures.
    """

    def __init__(
        self,
        *,
        path: str | Path,
        limits: CameraConfig,
        frames: Mailbox[Frame] | None = None,
        chunks: BoundedQueue[AudioChunk] | None = None,
        clock: Callable[[], float] = time.monotonic,
        picture_heartbeat: Callable[[], None] = no_beat,
        sound_heartbeat: Callable[[], None] = no_beat,
        name: str = "file",
    ) -> None:
        self._path = path
        self._limits = limits
        self._missing: frozenset[str] = frozenset()
        super().__init__(
            name=name,
            label=str(path),
            pictures=Output(frames, picture_heartbeat),
            sound=Output(chunks, sound_heartbeat),
            clock=clock,
            patience=_PATIENCE,
        )

    def trouble(self, half: Half) -> tuple[State, str] | None:
        """That the file does not have this half."""
        return ("ended", f"the file has no {half}") if half in self._missing else None

    def _read(self, opening: Opening) -> None:
        pictures, sound = self.pictures.wanted, self.sound.wanted
        limits = self._limits
        size = Size(limits.width, limits.height)
        file = MediaFile(self._path, pictures=pictures, sound=sound, size=size, fps=limits.fps, planar=True)
        found = {"picture": file.has_video, "sound": file.has_audio}
        self._missing = frozenset(name for name, there in found.items() if not there)
        if not any(found.values()):
            raise CaptureError(f"{self._path}: the file has no {'picture' if pictures else 'sound'}")
        opening.opened(_describe(file))
        base: float | None = None
        while not opening.cancelled:
            base = self._play(file, opening, base)

    def _play(self, file: MediaFile, opening: Opening, start: float | None) -> float:
        """Play once from the moment `start` (as soon as read); the moment at which the next round begins."""
        base, end = start, self._clock()
        step = max(_STILL_PERIOD if file.is_image else 1 / (file.fps or 25.0), 1 / self._limits.fps)
        for item in file:
            base = self._clock() - item.captured_at if base is None else base
            ahead, base = scheduled(base, item.captured_at, self._clock())
            if opening.wait(ahead):
                break
            self._deliver(item, base + item.captured_at, opening)
            length = step if isinstance(item, Frame) else 0.0
            end = max(end, base + item.captured_at + length)
        return end

    def _deliver(self, item: Frame | AudioChunk, at: float, opening: Opening) -> None:
        if isinstance(item, Frame):
            self.pictures.put(replace(item, captured_at=at), at)
        else:
            self.sound.put(AudioChunk(item.samples, at), at)
        opening.alive()


def scheduled(base: float, at: float, now: float) -> tuple[float, float]:
    """Seconds until an item of media time `at` is due, and the moment at which playing counts as begun.

    That moment, `base`, is moved when playing has fallen far behind: what was missed is not made up for.
    """
    ahead = base + at - now
    return max(0.0, ahead), base - ahead if ahead < -_LATE else base


def _describe(file: MediaFile) -> str:
    if file.is_image:
        return "a picture"
    parts = ["picture"] * file.has_video + ["sound"] * file.has_audio
    length = f", {file.duration:.1f} s" if file.duration else ""
    return " and ".join(parts) + length
