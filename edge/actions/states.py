"""The newest states that things have told over MQTT."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Final

from edge.config.bounded_json import parse_json

__all__ = ["States"]

_ANSWER_WITHIN: Final = 1.5
"""Seconds a lamp is given to tell its state."""
_MOST_KEYS: Final = 200
"""What a lamp tells has fewer; whoever invents new ones each time does not fill the memory."""


class States:
    """Filled by the broker's thread, read by those of the actions."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[int, dict[str, Any]]] = {}
        self._changed = threading.Condition()

    def heard(self, topic: str, payload: bytes) -> None:
        """Take one message; what is no JSON object is no state."""
        try:
            state = parse_json(payload)
        except ValueError:
            return
        if not isinstance(state, dict):
            return
        with self._changed:
            count, known = self._told.get(topic, (0, {}))
            both = {**known, **state}
            self._told[topic] = (count + 1, both if len(both) <= _MOST_KEYS else state)
            self._changed.notify_all()

    def newest(self, topic: str) -> Mapping[str, Any] | None:
        """The state as told so far; None if nothing was."""
        with self._changed:
            return self._told[topic][1] if topic in self._told else None

    def count(self, topic: str) -> int:
        """How often a state was told."""
        with self._changed:
            return self._told[topic][0] if topic in self._told else 0

    def after(self, topic: str, count: int, within: float = _ANSWER_WITHIN) -> Mapping[str, Any] | None:
        """The state told after the `count`-th, or else the newest one; waits for at most `within` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._told.get(topic, (0, {}))[0] > count, within)
        return self.newest(topic)
