"""The box between a camera and the models: counts what comes, and lets through as many as are wanted."""

from __future__ import annotations

from collections.abc import Callable

from edge.capture.mailbox import BoundedQueue, Mailbox
from edge.capture.video.pacer import Pacer
from edge.vocabulary import AudioChunk, Frame

__all__ = ["PacedMailbox", "SoundBox"]

_BACKLOG = 100


class PacedMailbox(Mailbox[Frame]):
    """One slot: the newest picture wins, of those that are let through; `ring` tells of each."""

    def __init__(self, ring: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self.came = self.taken = 0
        self.rate: float | None = None
        self._ring = ring
        self._pacer = Pacer(None)

    def pace(self, rate: float | None) -> None:
        """Let through so many pictures a second from now on; None for all."""
        if rate != self.rate:
            self.rate, self._pacer = rate, Pacer(rate)

    def put(self, item: Frame) -> None:
        """Count a picture; keep it if it is due."""
        self.came += 1
        if self._pacer.due(item.captured_at):
            super().put(item)
            self._ring()

    def get(self, timeout: float | None = None) -> Frame | None:
        """The newest picture, which counts as taken."""
        frame = super().get(timeout)
        self.taken += frame is not None
        return frame


class SoundBox(BoundedQueue[AudioChunk]):
    """What a microphone delivers, some seconds of it; `ring` is called when something is there."""

    def __init__(self, ring: Callable[[], None] = lambda: None) -> None:
        super().__init__(_BACKLOG)
        self._ring = ring

    def put(self, item: AudioChunk) -> None:
        """Add the newest stretch of sound."""
        super().put(item)
        self._ring()
