"""What is told of health: problems, figures of a stage, and the one word for it all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Payload", "Problem", "Severity", "StageHealth", "Status", "status"]

Status = Literal["ok", "degraded", "error"]
Severity = Literal["degraded", "error"]
Payload = dict[str, object]


@dataclass(frozen=True, slots=True)
class StageHealth:
    """Figures of one stage; None where nothing happened within the window."""

    fps: float
    latency_ms: float | None
    p95_ms: float | None
    dropped: int
    total: int
    backend: str | None = None
    captured_fps: float | None = None
    bandwidth: float | None = None
    model: str | None = None
    unjudged: Mapping[str, int] = field(default_factory=dict)
    """Pictures with faces that were not judged, by reason."""

    def payload(self) -> Payload:
        """As published, without what is unknown."""
        values: Payload = {
            "fps": self.fps,
            "captured_fps": self.captured_fps,
            "latency_ms": self.latency_ms,
            "p95_ms": self.p95_ms,
            "backend": self.backend,
            "dropped": self.dropped,
            "bandwidth_hz": self.bandwidth,
            "unjudged": dict(self.unjudged) or None,
        }
        return {key: value for key, value in values.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it should be: `microphone: no data for 12 s`."""

    thing: str
    text: str
    severity: Severity = "degraded"

    def __str__(self) -> str:
        return f"{self.thing}: {self.text}"


def status(problems: Iterable[Problem]) -> Status:
    """`error` if one problem is, `degraded` if there is any, else `ok`."""
    severities = {problem.severity for problem in problems}
    return "error" if "error" in severities else "degraded" if severities else "ok"
