"""What is told of the actions."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ActionStatus"]


@dataclass(frozen=True, slots=True)
class ActionStatus:
    """Counts since the start, and what is wrong now."""

    enabled: bool
    waiting: int
    done: int
    failed: int
    retried: int
    superseded: int
    dropped: int
    expired: int
    problems: tuple[str, ...]
