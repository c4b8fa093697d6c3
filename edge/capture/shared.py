"""Half of a file or of a stream: its pictures or its sound, as a source of their own."""

from __future__ import annotations

import random
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from edge.capture.opening import Patience
from edge.capture.output import Half, Output
from edge.capture.source import SupervisedSource
from edge.capture.status import CaptureStatus, State
from edge.vocabulary import AudioChunk, Frame

__all__ = ["Player", "SharedSource"]


class Player(SupervisedSource):
    """What delivers both halves, each into an output of its own; one without a box is not asked for."""

    def __init__(
        self,
        *,
        name: str,
        label: str,
        pictures: Output[Frame],
        sound: Output[AudioChunk],
        clock: Callable[[], float],
        patience: Patience,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.pictures, self.sound = pictures, sound
        super().__init__(
            name=name,
            label=label,
            receivers=[pictures, sound],
            clock=clock,
            heartbeat=self._beat,
            patience=patience,
            jitter=jitter,
        )

    def output(self, half: Half) -> Output[Any]:
        """Where this half goes."""
        return self.pictures if half == "picture" else self.sound

    @abstractmethod
    def trouble(self, half: Half, /) -> tuple[State, str] | None:
        """What is wrong with this half alone while the whole is well."""

    def _wanted(self) -> tuple[Half, ...]:
        """The halves that anybody asks for."""
        halves: tuple[Half, ...] = ("picture", "sound")
        return tuple(half for half in halves if self.output(half).wanted)

    def _beat(self) -> None:
        self.pictures.beat()
        self.sound.beat()


class SharedSource:
    """One half of what a player delivers for both senses, switched on and off without the other."""

    def __init__(self, player: Player, half: Half) -> None:
        self._player = player
        self._half: Half = half
        self._mine = player.output(half)
        self._other = player.output("sound" if half == "picture" else "picture")
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
