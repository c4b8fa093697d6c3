"""When the state is due and what it says, so that nothing in it jitters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from edge.publish import payloads
from edge.publish.throttle import Throttle
from edge.vocabulary import Mood

__all__ = ["COMING_AND_GOING", "STEP", "StateFeed"]

COMING_AND_GOING: Final = 1.0
"""Seconds at least between two states that differ in people or speech only."""


STEP: Final = 1.0
"""Seconds by which the wall clock has to jump before `since` follows: less is drift, and would jitter."""


class StateFeed:
    """When the state is due, and what it says then.

    Confidence and source are those of the last accepted change of mood: what fluctuates between changes is
    not published. A repetition differs in its `ts` only, unless the wall clock has been set meanwhile (a
    hub without a clock of its own starts in the past): then `since` is corrected as well.
    """

    def __init__(
        self, *, heartbeat: float, wall: Callable[[], float], monotonic: Callable[[], float]
    ) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._throttle: Throttle[tuple[Mood, payloads.Present]] = Throttle(
            spacing=COMING_AND_GOING, heartbeat=heartbeat
        )
        self._accepted: tuple[Mood, payloads.Present] | None = None
        self._since = 0.0

    def offer(self, mood: Mood, present: payloads.Present) -> payloads.Payload | None:
        """Take the newest mood; returns the state if it is due now."""
        now, before = self._monotonic(), self._accepted
        changed = before is None or (before[0].emotion, before[0].since) != (mood.emotion, mood.since)
        if before is not None and not changed:
            if before[1] == present:
                return self.due(now)
            mood = before[0]
        self._accepted = mood, present
        return self._payload(self._throttle.offer(self._accepted, now=now, urgent=changed), now)

    def due(self, now: float) -> payloads.Payload | None:
        """The state if its turn or its repetition has come."""
        return self._payload(self._throttle.due(now), now)

    def _payload(self, told: tuple[Mood, payloads.Present] | None, now: float) -> payloads.Payload | None:
        if told is None:
            return None
        mood, present = told
        wall = self._wall()
        since = wall - (now - mood.since)
        if abs(since - self._since) > STEP:
            self._since = since
        return payloads.state(mood, present=present, now=wall, since=self._since)
