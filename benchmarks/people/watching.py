"""What the daemon's way of looking makes of a picture of several: numbers and moods by place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import numpy as np

from benchmarks.people.building import FPS, Picture
from edge.config import Config
from edge.mood.people import Person
from edge.mood.pooling import FusionParameters
from edge.mood.room import RoomMood
from edge.perception.face import FacePipeline
from edge.vocabulary import Frame

__all__ = ["Place", "agreement", "joined", "tracked", "watch"]

WARM: Final = 1.0
"""Seconds at the beginning in which nobody can be known yet."""


@dataclass
class Place:
    """One place of the picture over time."""

    numbers: list[int | None] = field(default_factory=list)
    moods: list[str | None] = field(default_factory=list)

    @property
    def switches(self) -> int:
        """How often somebody there got another number."""
        known = [number for number in self.numbers if number is not None]
        return sum(a != b for a, b in pairwise(known))

    @property
    def steady(self) -> float:
        """Share of the pictures with the one most frequent number."""
        after = self.numbers[round(WARM * FPS) :]
        known = Counter(number for number in after if number is not None)
        return max(known.values(), default=0) / max(1, len(after))

    def seconds(self) -> list[str | None]:
        """The mood at the end of every second."""
        return self.moods[round(FPS) - 1 :: round(FPS)]


def watch(pictures: Iterable[Picture], places: int, config: Config) -> list[Place]:
    """Look at pictures as the daemon does; the moods are those of the persons."""
    found = [Place() for _ in range(places)]
    room = RoomMood(config=config, parameters=FusionParameters(), now=0.0)
    with FacePipeline.open(config, clock=lambda: 0.0, thrift=True) as pipeline:
        for count, picture in enumerate(pictures):
            now = count / FPS
            seen = pipeline.process(Frame(picture, now))
            room.see(seen, now)
            here = {one.box for one in seen.detected if one.confirmed}
            for number, place in enumerate(found):
                who = _in_place([one for one in room.people if one.box in here], number, places)
                place.numbers.append(None if who is None else who.number)
                place.moods.append(None if who is None else who.emotion)
    return found


def _in_place(present: Sequence[Person], number: int, places: int) -> Person | None:
    inside = [one for one in present if int((one.box[0] + one.box[2] / 2) * places) == number]
    return max(inside, key=lambda one: one.box[3], default=None)


def agreement(together: Sequence[Place], alone: Sequence[Place]) -> float | None:
    """Share of the seconds in which both ways know a mood and it is the same."""
    pairs = [
        (a, b)
        for here, there in zip(together, alone, strict=True)
        for a, b in zip(here.seconds(), there.seconds(), strict=True)
        if a is not None and b is not None
    ]
    return round(float(np.mean([a == b for a, b in pairs])), 3) if pairs else None


def tracked(places: Sequence[Place]) -> dict[str, Any]:
    """How well everybody was followed."""
    return {
        "under_one_number": [round(place.steady, 3) for place in places],
        "number_switches": sum(place.switches for place in places),
    }


def joined(parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Several compositions as one: mean and worst share, sum of switches."""
    shares = [share for part in parts for share in part["under_one_number"]]
    return {
        "people": len(shares),
        "under_one_number": round(float(np.mean(shares)), 3),
        "worst": min(shares),
        "number_switches": sum(part["number_switches"] for part in parts),
    }
