"""The box between camera and models: counts what comes, and lets through as many as are wanted."""

from __future__ import annotations

from edge.capture.mailbox import Mailbox
from edge.capture.video.pacer import Pacer
from edge.vocabulary import Frame

__all__ = ["PacedMailbox"]


class PacedMailbox(Mailbox[Frame]):
    """One slot: the newest picture wins, of those that are let through."""

    def __init__(self) -> None:
        super().__init__()
        self.came = 0
        self.rate: float | None = None
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
