"""Pictures let through to the face's worker as it can bear them, and what is told when those are few."""

from __future__ import annotations

import logging
from collections.abc import Callable

from edge.daemon.load import Count, Load
from edge.daemon.paced_mailbox import PacedMailbox
from edge.inference.auto import AUTO
from edge.publish.health import Problem

__all__ = ["Pace"]

_log = logging.getLogger(__name__)


class Pace:
    """Between one camera's box and the worker, whose seconds of work `busy` tells.

    `thing` is what problems are told of, `model` the name of the face's model.
    """

    def __init__(self, frames: PacedMailbox, busy: Callable[[], float], *, thing: str, model: str) -> None:
        self._frames, self._busy = frames, busy
        self._thing, self._model = thing, model
        self._load = Load()
        self.captured: float | None = None
        """Pictures a second that come; None while that is not known."""

    def begin(self) -> None:
        """The camera or its models have been away: let all pictures through."""
        self._load = Load()
        self._frames.pace(None)
        self.captured = None

    def look(self, now: float) -> None:
        """Let fewer pictures through before the face lags; called about once a second."""
        frames, load = self._frames, self._load
        load.look(Count(now, frames.came, frames.taken, self._busy()))
        self.captured = round(load.came, 1)
        if frames.rate != load.rate:
            frames.pace(load.rate)
            let = "all" if load.rate is None else f"{load.rate:.1f} of {load.came:.1f}"
            _log.info("%s: looks at %s pictures a second", self._thing, let)

    def problems(self) -> list[Problem]:
        """That too few pictures are judged, with the remedy."""
        load = self._load
        if not load.behind:
            return []
        smallest = "small" in self._model or self._model == AUTO
        smaller = "" if smallest else "a smaller model (engines.face: face-small) or "
        text = (
            f"{load.taken:.0f} of {load.came:.0f} pictures a second are judged, the computer is too slow for"
            f" more: choose {smaller}fewer pictures (camera.fps: {max(1, round(load.taken))})"
        )
        return [Problem(self._thing, text)]
