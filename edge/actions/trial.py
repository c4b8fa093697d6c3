"""What `emotion-edge actions test` does: plan for an emotion as if it were felt, and carry it out."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Final

import numpy as np

from edge.actions.executor import ActionExecutor
from edge.actions.plan import PlannedAction
from edge.actions.rules import RuleEngine
from edge.actions.transports import Publish
from edge.config.models import Config
from edge.config.spelling import did_you_mean
from edge.errors import EdgeError
from edge.vocabulary import LABELS, NONE, Mood

__all__ = ["carry_out", "plan_for", "sample_mood"]

_CONFIDENCE: Final = 0.9


def plan_for(config: Config, emotion: str, *, rule: str | None = None) -> list[PlannedAction]:
    """The actions of all rules for an emotion, or of one rule, and those of their `on_exit`.

    Hours, pauses and profiles do not count.
    """
    names = [known.name for known in config.actions.rules]
    if rule is not None and rule not in names:
        raise EdgeError(f"no rule {rule!r}{did_you_mean(rule, names)}; see `emotion-edge actions list`")
    engine = RuleEngine(config.actions, device=config.device)
    wall = datetime.now().astimezone()
    return engine.preview(sample_mood(emotion), time.monotonic(), wall, only=rule)


def carry_out(config: Config, planned: list[PlannedAction], publish: Publish, timeout: float) -> list[str]:
    """Carry the actions out for real; returns what failed."""
    executor = ActionExecutor(config.actions.model_copy(update={"enabled": True}), publish=publish)
    executor.start()
    try:
        executor.submit(planned)
        finished = executor.drain(timeout)
        return [*executor.status().problems, *([] if finished else [f"not finished within {timeout:g} s"])]
    finally:
        executor.stop()


def sample_mood(emotion: str) -> Mood:
    """A clear mood of this emotion, coming from neutral."""
    rest = (1.0 - _CONFIDENCE) / (len(LABELS) - 1)
    shares = np.full(len(LABELS), rest if emotion != NONE else 1.0 / len(LABELS))
    if emotion != NONE:
        shares[LABELS.index(emotion)] = _CONFIDENCE
    return Mood(emotion, _CONFIDENCE, shares, "fused", since=0.0, captured_at=0.0, previous="neutral")
