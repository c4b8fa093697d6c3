"""Moods that come of readings, and how soon and how wrongly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.streams.building import NEUTRAL, NOBODY, Held
from edge.config import Config
from edge.mood.pooling import FusionParameters
from edge.mood.room import RoomMood
from edge.perception.observation import FaceObservation
from edge.vocabulary import LABELS, NONE

__all__ = ["Change", "false_moods", "moods", "reached"]

Change = tuple[float, str]
_SOON: Final = 3.0


def moods(seen: Iterable[FaceObservation], config: Config, parameters: FusionParameters) -> list[Change]:
    """Changes of mood (when, which) that pictures lead to in a room with this configuration."""
    room = RoomMood(config=config, parameters=parameters, now=0.0)
    found: list[Change] = []
    for one in seen:
        update = room.see(one, one.captured_at)
        if update.mood is not None:
            found.append((one.captured_at, update.mood.emotion))
    return found


def reached(plan: Sequence[Held], changes: Sequence[Change], fps: float) -> dict[str, Any]:
    """By emotion: the share of the times it was shown that became the mood, in how many seconds (median),
    and within 3 s; a mood that is there already when the face comes counts at once."""
    waits: dict[str, list[float]] = {label: [] for label in LABELS}
    start = 0.0
    for held in plan:
        end = start + int(held.seconds * fps) / fps
        if held.label not in (NEUTRAL, NOBODY):
            waits[LABELS[held.label]].append(_wait(changes, LABELS[held.label], start, end))
        start = end
    shown = {label: np.array(each) for label, each in waits.items() if each}
    every = np.concatenate(list(shown.values()))
    return {label: _waiting(each) for label, each in shown.items()} | {"all": _waiting(every)}


def _wait(changes: Sequence[Change], label: str, start: float, end: float) -> float:
    """Seconds until the mood; infinite if it does not come in time."""
    before = [mood for at, mood in changes if at < start]
    if before and before[-1] == label:
        return 0.0
    return next((at - start for at, mood in changes if start <= at < end and mood == label), float("inf"))


def _waiting(waits: NDArray[np.float64]) -> dict[str, float | None]:
    median = float(np.median(waits))
    return {
        "shown": len(waits),
        "reached": float(np.isfinite(waits).mean()),
        "within_3_s": float((waits <= _SOON).mean()),
        "median_s": median if np.isfinite(median) else None,
    }


def false_moods(changes: Sequence[Change], minutes: float) -> dict[str, Any]:
    """Moods in a neutral room that are neither neutral nor none, an hour."""
    wrong = [mood for _, mood in changes if mood not in (LABELS[NEUTRAL], NONE)]
    names = {label: wrong.count(label) for label in LABELS if label in wrong}
    return {"minutes": round(minutes, 2), "an_hour": round(len(wrong) * 60 / minutes, 2), "which": names}
