"""Steadies the fused estimate: a half-life in log space, hysteresis, dwell, and rest after an absence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.config.models import SmoothingConfig
from edge.mood.fusion import Fused
from edge.mood.pooling import Array, log_probabilities, uniform
from edge.vocabulary import LABELS, NONE, Mood, Probabilities, softmax


class LogFilter:
    """Exponential smoothing of log-probabilities with a half-life in seconds; any sampling."""

    def __init__(self, half_life: float) -> None:
        self._half_life = half_life
        self._state: Array | None = None
        self._moment = 0.0

    def update(self, probabilities: Probabilities, now: float) -> Probabilities:
        """The smoothed distribution (7,), in which what was before weighs 0.5 ** (elapsed / half-life)."""
        logs = log_probabilities(probabilities)
        if self._state is None or self._half_life == 0:
            self._state = logs
        else:
            kept = 0.5 ** (max(now - self._moment, 0.0) / self._half_life)
            self._state = kept * self._state + (1.0 - kept) * logs
        self._moment = max(now, self._moment)
        return self.probabilities

    def carry_on(self, before: LogFilter) -> None:
        """Begin where another one is."""
        self._state, self._moment = before._state, before._moment

    @property
    def probabilities(self) -> Probabilities:
        """The present state; uniform before the first reading."""
        return uniform() if self._state is None else softmax(self._state)

    def reset(self) -> None:
        """Forget everything."""
        self._state = None
        self._moment = 0.0


_DOUBT: Final = 1.5
"""Seconds for which the evidence must be gone before a mood counts as doubtful."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When an emotion may become the mood and when it may be left, in probability and seconds."""

    enter: float
    exit: float
    dwell: float


class Smoother:
    """Turns estimates into moods that change only for a reason.

    An emotion becomes the mood when it has been the most probable, at or above its enter threshold,
    for its dwell time, while the mood before is below its exit threshold. In doubt the mood stays.
    """

    def __init__(self, config: SmoothingConfig, *, now: float = 0.0) -> None:
        self._filter = LogFilter(config.half_life)
        self._absence = config.absence
        self._limits = {label: Limits(*config.enter_exit_dwell(label)) for label in LABELS}
        self._seen: float | None = None
        self._candidate: tuple[str, float] | None = None
        self._lost: float | None = None
        self._sure = True
        self._current = Mood(NONE, 0.0, uniform(), "fused", now, now)

    def carry_on(self, before: Smoother) -> None:
        """Begin with the mood and the evidence of another one; from now on these limits decide."""
        self._filter.carry_on(before._filter)
        self._seen, self._current = before._seen, before._current
        self._sure, self._lost = before._sure, before._lost

    @property
    def current(self) -> Mood:
        """The mood as last accepted."""
        return self._current

    @property
    def sure(self) -> bool:
        """Whether the evidence still carries the mood: not once it was below what leaves it for a while, and
        again when it is what enters it."""
        return self._sure

    @property
    def probabilities(self) -> Probabilities:
        """The smoothed distribution (7,), uniform when nobody has been read for a while."""
        return self._filter.probabilities

    def update(self, fused: Fused, now: float | None = None) -> Mood | None:
        """Take an estimate; the new mood if it is accepted. `now` is the newest capture if left out."""
        moment = max(fused.captured_at if now is None else now, self._seen or 0.0)
        rested = self.tick(moment)
        self._seen = moment
        smoothed = self._filter.update(fused.probabilities, moment)
        changed = self._decide(smoothed, fused, moment)
        self._weigh(smoothed, moment)
        return changed or rested

    def tick(self, now: float) -> Mood | None:
        """Time passes without a reading; the mood `none` once the absence has been long enough."""
        if self._seen is None or now - self._seen < self._absence:
            return None
        return self.rest(now)

    def present(self, now: float) -> None:
        """Somebody is there who cannot be judged (turned away, say): postpones `none`, decides nothing."""
        if self._seen is not None:
            self._seen = max(self._seen, now)

    def rest(self, now: float) -> Mood | None:
        """Forget what was read, as when the devices are closed; the mood `none` if that is a change."""
        self._filter.reset()
        self._seen = self._candidate = self._lost = None
        self._sure = True
        if self._current.emotion == NONE:
            return None
        before = self._current
        captured = before.captured_at
        self._current = Mood(NONE, 0.0, uniform(), before.source, now, captured, before.emotion)
        return self._current

    def _decide(self, smoothed: Probabilities, fused: Fused, now: float) -> Mood | None:
        label = self._challenger(smoothed)
        if label is None:
            self._candidate = None
            return None
        if self._candidate is None or self._candidate[0] != label:
            self._candidate = (label, now)
        if now - self._candidate[1] < self._limits[label].dwell:
            return None
        self._candidate = None
        confidence = float(smoothed[LABELS.index(label)])
        previous = self._current.emotion
        self._current = Mood(label, confidence, smoothed, fused.source, now, fused.captured_at, previous)
        return self._current

    def _weigh(self, smoothed: Probabilities, now: float) -> None:
        """Whether the mood in force is still what is read."""
        limits = self._limits.get(self._current.emotion)
        share = 1.0 if limits is None else float(smoothed[LABELS.index(self._current.emotion)])
        if limits is None or share >= limits.enter:
            self._sure, self._lost = True, None
        elif share >= limits.exit:
            self._lost = None
        elif self._lost is None:
            self._lost = now
        elif now - self._lost >= _DOUBT:
            self._sure = False

    def _challenger(self, smoothed: Probabilities) -> str | None:
        """The emotion that would replace the mood now, were it to last."""
        index = int(np.argmax(smoothed))
        label, mood = LABELS[index], self._current.emotion
        if label == mood or smoothed[index] < self._limits[label].enter:
            return None
        held = mood != NONE and smoothed[LABELS.index(mood)] >= self._limits[mood].exit
        return None if held else label
