"""Short surprises, on plain values."""

from __future__ import annotations

import numpy as np

from edge.mood.fusion import Fused
from edge.mood.glimpse import Glimpse, Glimpses
from edge.vocabulary import LABELS

STEP = 0.1


def fused(emotion: str, at: float) -> Fused:
    p = np.full(7, 0.02)
    p[LABELS.index(emotion)] = 0.88
    return Fused(p, "face", at, ("face",))


def told(
    glimpses: Glimpses, *shown: tuple[str, float], mood: str = "neutral", start: float = 0.0
) -> list[Glimpse]:
    found, at = [], start
    for emotion, seconds in shown:
        for _ in range(round(seconds / STEP)):
            glimpse = glimpses.take(fused(emotion, at), mood)
            if glimpse is not None:
                found.append(glimpse)
            at += STEP
    return found


def test_a_surprise_of_less_than_a_second_is_told_once_and_soon() -> None:
    (glimpse,) = told(Glimpses(), ("neutral", 2.0), ("surprise", 0.7), ("neutral", 2.0))
    assert (glimpse.emotion, glimpse.source) == ("surprise", "face")
    assert 2.2 <= glimpse.captured_at <= 2.6
    assert glimpse.confidence >= 0.6


def test_a_single_reading_or_another_emotion_is_none() -> None:
    assert told(Glimpses(), ("neutral", 2.0), ("surprise", 0.1), ("neutral", 1.0), ("fear", 2.0)) == []


def test_a_surprise_that_is_the_mood_or_goes_on_is_not_told_again() -> None:
    assert told(Glimpses(), ("neutral", 1.0), ("surprise", 2.0), mood="surprise") == []
    assert len(told(Glimpses(), ("neutral", 1.0), ("surprise", 30.0))) == 1


def test_a_face_that_flickers_gives_one_in_some_seconds() -> None:
    flicker = [("surprise", 0.6), ("neutral", 0.6)] * 10
    assert len(told(Glimpses(), ("neutral", 1.0), *flicker)) == 4


def test_after_a_rest_the_time_before_does_not_count() -> None:
    glimpses = Glimpses()
    told(glimpses, ("neutral", 2.0), ("surprise", 0.1))
    glimpses.rest()
    assert told(glimpses, ("neutral", 1.0), start=60.0) == []
