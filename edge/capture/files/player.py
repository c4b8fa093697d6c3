"""Plays a file as if it were a camera and a microphone: at its own speed, in a loop, on one clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from edge.capture.files.clip import Clip
from edge.capture.mailbox import Backlog, Mailbox
from edge.capture.session import Patience, Session
from edge.capture.status import CaptureStatus
from edge.capture.supervisor import Supervisor, no_heartbeat
from edge.capture.video.pixels import Size
from edge.errors import CaptureError
from edge.vocabulary import AudioChunk, Frame

T = TypeVar("T")

LATE = 0.5
"""Seconds behind schedule after which the schedule is moved instead of caught up with."""

STILL_PERIOD = 0.2
"""Seconds between repetitions of a picture, unless a lower rate is asked for."""

PATIENCE = Patience(opening=60.0, silence=600.0)
"""Files may pause for long between two pictures."""


class Output(Generic[T]):
    """One half of what is played: its box, a switch, and its counts."""

    def __init__(self, box: Backlog[T] | None) -> None:
        self._box = box
        self._lock = threading.Lock()
        self._on = box is not None
        self.delivered = 0
        self.last_at: float | None = None

    @property
    def on(self) -> bool:
        """Whether what is played is handed on."""
        return self._on

    @property
    def dropped(self) -> int:
        """How many items nobody read in time."""
        return self._box.dropped if self._box is not None else 0

    def switch(self, on: bool) -> None:
        """Hand on or not; nothing comes after switching off, and what waited is forgotten."""
        with self._lock:
            self._on = on and self._box is not None
            if not on and self._box is not None:
                self._box.clear()

    def forget(self) -> None:
        """Withdraw what waits."""
        if self._box is not None:
            self._box.clear()

    def put(self, item: T, at: float) -> None:
        """Hand on, when switched on."""
        with self._lock:
            if self._on and self._box is not None:
                self._box.put(item)
                self.delivered += 1
                self.last_at = at


class ClipPlayer:
    """Delivers the frames and the sound of a file, stamped with `clock`.

    Without `frames` or `chunks` that half is not read. With `loop` the file begins again at its end without a
    gap; without, the state becomes `ended`. `realtime=False` delivers as fast as the file can be read.
    `width`, `height` and `fps` are upper limits.
    """

    def __init__(
        self,
        *,
        path: str | Path,
        frames: Mailbox[Frame] | None = None,
        chunks: Backlog[AudioChunk] | None = None,
        realtime: bool = True,
        loop: bool = True,
        width: int = 640,
        height: int = 480,
        fps: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        heartbeat: Callable[[], None] = no_heartbeat,
        name: str = "clip",
    ) -> None:
        self._path = path
        self._wanted = (frames is not None, chunks is not None)
        self.pictures = Output(frames)
        self.sound = Output(chunks)
        self.missing: frozenset[str] = frozenset()
        self._realtime = realtime
        self._loop = loop
        self._size = Size(width, height)
        self._fps = fps
        self._clock = clock
        self._supervisor = Supervisor(
            name=name,
            source=str(path),
            read=self._read,
            patience=PATIENCE,
            clock=clock,
            heartbeat=heartbeat,
        )

    def start(self) -> None:
        """Play from the beginning, in a thread of its own; does nothing when playing already."""
        self._supervisor.start()

    def stop(self) -> None:
        """Stop playing and forget what waits."""
        self._supervisor.stop()
        for output in (self.pictures, self.sound):
            output.forget()

    def status(self) -> CaptureStatus:
        """How it is playing."""
        return self._supervisor.status(self.pictures.dropped + self.sound.dropped)

    def _read(self, session: Session) -> None:
        pictures, sound = self._wanted
        clip = Clip(self._path, pictures=pictures, sound=sound, size=self._size, fps=self._fps)
        found = {"picture": clip.has_video, "sound": clip.has_audio}
        self.missing = frozenset(name for name, there in found.items() if not there)
        if not any(found.values()):
            raise CaptureError(f"{self._path}: the file has no {'picture' if pictures else 'sound'}")
        session.opened(_describe(clip))
        base: float | None = None
        while not session.cancelled:
            base = self._play(clip, session, base)
            if not self._loop:
                return

    def _play(self, clip: Clip, session: Session, start: float | None) -> float:
        """Play once from the moment `start` (as soon as read); the moment at which the next round begins."""
        base, end = start, self._clock()
        step = max(STILL_PERIOD if clip.is_image else 1 / (clip.fps or 25.0), 1 / (self._fps or 1e3))
        for item in clip:
            base = self._clock() - item.captured_at if base is None else base
            base = self._due(base, item.captured_at, session)
            if session.cancelled:
                break
            self._deliver(item, base + item.captured_at, session)
            length = step if isinstance(item, Frame) else 0.0
            end = max(end, base + item.captured_at + length)
        return end

    def _due(self, base: float, at: float, session: Session) -> float:
        """Wait for the moment of an item; `base`, moved when playing has fallen far behind."""
        if not self._realtime:
            return base
        ahead = base + at - self._clock()
        if ahead > 0:
            session.wait(ahead)
        return base - ahead if ahead < -LATE else base

    def _deliver(self, item: Frame | AudioChunk, at: float, session: Session) -> None:
        if isinstance(item, Frame):
            self.pictures.put(Frame(item.image, at), at)
        else:
            self.sound.put(AudioChunk(item.samples, at), at)
        session.alive()


def _describe(clip: Clip) -> str:
    if clip.is_image:
        return "a picture"
    parts = ["picture"] * clip.has_video + ["sound"] * clip.has_audio
    length = f", {clip.duration:.1f} s" if clip.duration else ""
    return " and ".join(parts) + length
