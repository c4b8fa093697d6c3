"""What waits for a worker in the boxes of several devices: one item of each, so that all are served."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

__all__ = ["Gathered", "Gathering"]

Key = TypeVar("Key")
Item = TypeVar("Item")
Item_co = TypeVar("Item_co", covariant=True)


class Box(Protocol[Item_co]):
    """Where the items of one device wait."""

    def get(self, timeout: float | None) -> Item_co | None:
        """The next item; None when there is none within `timeout` seconds."""
        ...

    def __len__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Gathered(Generic[Key, Item]):
    """One item of every device that had one, and all devices that there are now."""

    items: tuple[tuple[Key, Item], ...]
    devices: tuple[Key, ...]


class Gathering(Generic[Key, Item]):
    """The boxes of all devices. `ring` is called by whoever puts something into one, on any thread."""

    def __init__(self) -> None:
        self._boxes: Mapping[Key, Box[Item]] = {}
        self._bell = threading.Event()

    @property
    def ring(self) -> Callable[[], None]:
        """Something waits."""
        return self._bell.set

    @property
    def devices(self) -> tuple[Key, ...]:
        """All devices that there are now."""
        return tuple(self._boxes)

    def replace(self, boxes: Mapping[Key, Box[Item]]) -> None:
        """Other devices from now on; the boxes of those that stay are the same."""
        self._boxes = dict(boxes)
        self._bell.set()

    def get(self, timeout: float | None) -> Gathered[Key, Item] | None:
        """What waits, at most one item of each box; None when nothing comes within `timeout` seconds."""
        if not self._bell.wait(timeout):
            return None
        self._bell.clear()
        boxes = self._boxes
        items = []
        for key, box in boxes.items():
            item = box.get(0)
            if item is not None:
                items.append((key, item))
        if any(len(box) for box in boxes.values()):
            self._bell.set()
        return Gathered(tuple(items), tuple(boxes)) if items else None
