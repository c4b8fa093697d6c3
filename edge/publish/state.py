"""When the state is due and what it says, so that nothing in it jitters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from edge.publish import payloads
from edge.publish.throttle import Throttle
from edge.vocabulary import Mood

__all__ = ["COMING_AND_GOING", "StateFeed"]

COMING_AND_GOING: Final = 1.0
"""Seconds at least between two states that differ in people or speech only."""


class StateFeed:
    """The state's newest payload.

    Confidence, source and times are those of the last accepted change of mood: what fluctuates between
    changes is not published. A repetition is the same payload again, byte for byte.
    """

    def __init__(
        self, *, heartbeat: float, wall: Callable[[], float], monotonic: Callable[[], float]
    ) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._paced: Throttle[payloads.Payload] = Throttle(spacing=COMING_AND_GOING, heartbeat=heartbeat)
        self._accepted: tuple[str, float] | None = None
        self._mood: Mood | None = None
        self._since = 0.0
        self._present: payloads.Present | None = None

    def offer(self, mood: Mood, present: payloads.Present) -> payloads.Payload | None:
        """Take the newest mood; returns the state if it is due now."""
        now = self._monotonic()
        changed = self._accepted != (mood.emotion, mood.since)
        if not changed and self._present == present:
            return self._paced.due(now)
        if changed or self._mood is None:
            self._accepted = (mood.emotion, mood.since)
            self._mood = mood
            self._since = self._wall() - (now - mood.since)
        self._present = present
        payload = payloads.state(self._mood, present=present, now=self._wall(), since=self._since)
        return self._paced.offer(payload, now=now, urgent=changed)

    def due(self, now: float) -> payloads.Payload | None:
        """The state if its turn or its repetition has come."""
        return self._paced.due(now)
