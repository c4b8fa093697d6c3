"""Moods that come of readings, and how soon and how wrongly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.streams.building import NEUTRAL, Held
from edge.config import Config
from edge.mood.pooling import FusionParameters
from edge.mood.room import RoomMood
from edge.perception.observation import FaceObservation
from edge.vocabulary import LABELS, NONE, Reading

Change = tuple[float, str]
Probabilities = NDArray[np.floating[Any]]
_SOON: Final = 3.0


def moods(
    times: Iterable[float],
    probabilities: Probabilities,
    config: Config,
    parameters: FusionParameters,
) -> list[Change]:
    """Changes of mood (when, which) that readings (n, 7) lead to, with a configuration's smoothing."""
    room = RoomMood(config=config, parameters=parameters, now=0.0)
    found: list[Change] = []
    for now, row in zip(times, probabilities, strict=True):
        reading = Reading("face", row.astype(np.float32), 1.0, now)
        update = room.see(FaceObservation(now, (reading,), reading, faces=1), now)
        if update.mood is not None:
            found.append((now, update.mood.emotion))
    return found


def reached(plan: Sequence[Held], changes: Sequence[Change], fps: float) -> dict[str, Any]:
    """By emotion: the share of the times it was shown that became the mood, in how many seconds (median),
    and within 3 s; a mood that is there already when the face comes counts at once."""
    waits: dict[str, list[float]] = {label: [] for label in LABELS}
    start = 0.0
    for held in plan:
        end = start + int(held.seconds * fps) / fps
        if held.label != NEUTRAL:
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
    return {"minutes": minutes, "an_hour": len(wrong) * 60 / minutes, "which": names}


__all__ = ["Change", "Probabilities", "false_moods", "moods", "reached"]
