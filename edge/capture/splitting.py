"""One device for several rooms: opened once, its pictures or sound handed to each that is switched on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from edge.capture.mailbox import Mailbox
from edge.capture.output import Output
from edge.capture.status import CaptureSource, CaptureStatus

__all__ = ["SplitSource", "Splitter"]


class Captured(Protocol):
    """A picture or a stretch of sound."""

    @property
    def captured_at(self) -> float:
        """When it was captured."""
        ...


Item = TypeVar("Item", bound=Captured)


class Splitter(Mailbox[Item]):
    """Takes what a device delivers and hands it to every output that is switched on; keeps nothing."""

    def __init__(self, outputs: Sequence[Output[Item]]) -> None:
        super().__init__()
        self.outputs = outputs
        for output in outputs:
            output.switch(False)

    def put(self, item: Item) -> None:
        """Hand on; nobody copies it."""
        for output in self.outputs:
            output.put(item, item.captured_at)

    def clear(self) -> None:
        """Withdraw what waits anywhere."""
        for output in self.outputs:
            output.clear()

    @property
    def dropped(self) -> int:
        """How many items nobody read in time."""
        return sum(output.dropped for output in self.outputs)

    def beat(self) -> None:
        """A sign of life for everyone who is switched on."""
        for output in self.outputs:
            output.beat()


class SplitSource:
    """One user's part of a device: the first to start opens it, the last to stop closes it."""

    def __init__(self, source: CaptureSource, splitter: Splitter[Item], mine: Output[Item]) -> None:
        self._source, self._splitter, self._mine = source, splitter, mine

    def start(self) -> None:
        """Hand on from now on, and open the device where it is not open."""
        self._mine.switch(True)
        self._source.start()

    def stop(self) -> None:
        """Hand on nothing more, and close the device unless somebody else uses it."""
        self._mine.switch(False)
        if not self.in_use:
            self._source.stop()

    def revive(self) -> None:
        """Start the device's thread again if there should be one and is none."""
        self._source.revive()

    @property
    def in_use(self) -> bool:
        """Whether the device itself is open, for whomever."""
        return any(output.on for output in self._splitter.outputs)

    def status(self) -> CaptureStatus:
        """How the device is doing for this user."""
        status = replace(
            self._source.status(),
            delivered=self._mine.delivered,
            dropped=self._mine.dropped,
            last_at=self._mine.last_at,
        )
        return status if self._mine.on else replace(status, state="closed", detail="")
