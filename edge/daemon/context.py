"""What the daemon's components are given from outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from edge.daemon.openers import Openers
from edge.daemon.processors import Heard, Seen
from edge.daemon.switches import ControlRequest
from edge.daemon.wall_clock import since_boot
from edge.publish.commands import Command
from edge.publish.stats import RunStats

__all__ = ["Context"]


@dataclass(frozen=True, slots=True)
class Context:
    """Clocks, environment, counts, and the way into the main loop."""

    env: Mapping[str, str]
    clock: Callable[[], float]
    wall: Callable[[], float]
    post: Callable[[Seen | Heard | ControlRequest], None]
    on_command: Callable[[Command], None]
    stats: RunStats
    openers: Openers = field(default_factory=Openers)
    boot: Callable[[], float] = since_boot

    def local_time(self) -> datetime:
        """The wall clock in the local time zone."""
        return datetime.fromtimestamp(self.wall()).astimezone()
