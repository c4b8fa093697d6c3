"""What delivers pictures or sound from a thread of its own and is opened again for ever, whatever it is."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Protocol

from edge.capture.backoff import Backoff
from edge.capture.opening import Opening, Patience
from edge.capture.status import CaptureStatus
from edge.capture.supervisor import Supervisor

__all__ = ["Receiver", "SupervisedSource"]


class Receiver(Protocol):
    """Where what is delivered waits for its reader."""

    @property
    def dropped(self) -> int:
        """How many items nobody read in time."""
        ...

    def clear(self) -> None:
        """Forget what waits."""
        ...


class SupervisedSource(ABC):
    """A device, a stream or a file: started, closed, revived and looked after in one way.

    `label` names it without credentials; `receivers` take what it delivers, and stopping empties them.
    """

    def __init__(
        self,
        *,
        name: str,
        label: str,
        receivers: Sequence[Receiver],
        clock: Callable[[], float],
        heartbeat: Callable[[], None],
        patience: Patience | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._receivers = receivers
        self._clock = clock
        self._supervisor = Supervisor(
            name=name,
            source=label,
            read=self._read,
            patience=patience,
            backoff=Backoff(jitter=jitter),
            clock=clock,
            heartbeat=heartbeat,
        )

    def start(self) -> None:
        """Open it from its own thread; does nothing when started already."""
        self._supervisor.start()

    def revive(self) -> None:
        """Start the thread again if there should be one and is none."""
        self._supervisor.revive()

    def stop(self) -> None:
        """Close it and forget what waits to be read."""
        self._supervisor.stop()
        for receiver in self._receivers:
            receiver.clear()

    def status(self) -> CaptureStatus:
        """How it is doing."""
        return self._supervisor.status(self._dropped())

    def _dropped(self) -> int:
        return sum(receiver.dropped for receiver in self._receivers)

    @abstractmethod
    def _read(self, opening: Opening) -> None:
        """Open it, deliver until cancelled, close it. Raises CaptureError."""
