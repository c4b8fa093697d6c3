"""Half of a file or of a stream: its pictures or its sound, as a source of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

from edge.capture.output import Half, Output
from edge.capture.status import CaptureStatus, State
from edge.vocabulary import AudioChunk, Frame

__all__ = ["Player", "SharedSource"]


class Player(Protocol):
    """What delivers both halves."""

    pictures: Output[Frame]
    sound: Output[AudioChunk]

    def start(self) -> None:
        """Begin; does nothing when started already."""
        ...

    def revive(self) -> None:
        """Start its thread again if there should be one and is none."""
        ...

    def stop(self) -> None:
        """Close what it reads."""
        ...

    def status(self) -> CaptureStatus:
        """How it is doing as a whole."""
        ...

    def trouble(self, half: Half, /) -> tuple[State, str] | None:
        """What is wrong with this half alone while the whole is well."""
        ...


class SharedSource:
    """One half of what a player delivers for both senses, switched on and off without the other."""

    def __init__(self, player: Player, half: Half) -> None:
        self._player = player
        self._half: Half = half
        outputs = (player.pictures, player.sound)
        self._mine: Output[Any]
        self._other: Output[Any]
        self._mine, self._other = outputs if half == "picture" else outputs[::-1]
        self._mine.switch(False)

    def start(self) -> None:
        """Hand on this half; the first of the two starts the player."""
        self._mine.switch(True)
        self._player.start()

    def revive(self) -> None:
        """Start the player's thread again if there should be one and is none."""
        self._player.revive()

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
        trouble = self._player.trouble(self._half)
        return status if trouble is None else replace(status, state=trouble[0], detail=trouble[1])
