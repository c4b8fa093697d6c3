"""What `emotion-edge actions test` does: plan for an emotion as if it were felt, and carry it out."""

from __future__ import annotations

import time
from contextlib import ExitStack
from datetime import datetime

import numpy as np

from edge.actions.executor import ActionExecutor
from edge.actions.plan import MqttRequest, PlannedAction
from edge.actions.rules import RuleEngine
from edge.config.models import Config
from edge.config.templates import suggestion
from edge.errors import EdgeError
from edge.vocabulary import LABELS, NONE, Mood

_CONFIDENCE = 0.9


def plan_for(config: Config, emotion: str, *, rule: str | None = None) -> list[PlannedAction]:
    """The actions of all rules for an emotion, or of one rule; hours, pauses and profiles do not count."""
    names = [known.name for known in config.actions.rules]
    if rule is not None and rule not in names:
        raise EdgeError(f"no rule {rule!r}{suggestion(rule, names)}; see `emotion-edge actions list`")
    engine = RuleEngine(config.actions, device=config.device)
    wall = datetime.now().astimezone()
    return engine.preview(sample_mood(emotion), time.monotonic(), wall, only=rule)


def carry_out(
    config: Config, planned: list[PlannedAction], password: str | None, timeout: float
) -> list[str]:
    """Carry the actions out for real; returns what failed. EdgeError without a broker that is needed."""
    from edge.actions.oneshot import broker

    with ExitStack() as stack:
        publish = _no_broker
        if any(isinstance(action.request, MqttRequest) for action in planned):
            publish = stack.enter_context(broker(config.mqtt, password))
        executor = ActionExecutor(config.actions.model_copy(update={"enabled": True}), publish=publish)
        executor.start()
        stack.callback(executor.stop)
        executor.submit(planned)
        finished = executor.drain(timeout)
        return [*executor.status().problems, *([] if finished else [f"not finished within {timeout:g} s"])]


def sample_mood(emotion: str) -> Mood:
    """A clear mood of this emotion, coming from neutral."""
    rest = (1.0 - _CONFIDENCE) / (len(LABELS) - 1)
    shares = np.full(len(LABELS), rest if emotion != NONE else 1.0 / len(LABELS))
    if emotion != NONE:
        shares[LABELS.index(emotion)] = _CONFIDENCE
    return Mood(emotion, _CONFIDENCE, shares, "fused", since=0.0, captured_at=0.0, previous="neutral")


def _no_broker(topic: str, payload: bytes, *, qos: int) -> bool:
    raise AssertionError(f"no message was planned, yet {topic} wants {len(payload)} bytes at {qos}")
