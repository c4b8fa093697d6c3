"""Half a file: its pictures or its sound, as a source of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from edge.capture.files.player import FilePlayer, Output
from edge.capture.status import CaptureStatus

__all__ = ["SharedFileSource"]


class SharedFileSource:
    """One half of a file that is played for both senses, switched on and off without the other."""

    def __init__(self, player: FilePlayer, kind: Literal["picture", "sound"]) -> None:
        self._player = player
        self._kind = kind
        outputs = (player.pictures, player.sound)
        self._mine: Output[Any]
        self._other: Output[Any]
        self._mine, self._other = outputs if kind == "picture" else outputs[::-1]
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
