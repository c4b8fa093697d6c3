"""How the daemon is: heartbeats of its stages, rolling figures, and the health payload."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from threading import Lock
from typing import Final

import numpy as np

from edge.publish.health import Payload, Problem, Severity, StageHealth, status

WINDOW_S: Final = 10.0
"""Rates and latencies are those of this many seconds …"""
SAMPLES: Final = 512
"""… and of this many events at most."""

_WINDOWS: Final = 40
"""Windows of speech over which the bandwidth of a microphone is told, in steps of so many Hz."""
_STEP: Final = 250.0


class Heartbeats:
    """When each stage last ran, on the monotonic clock. Safe across threads."""

    def __init__(self) -> None:
        self._stamps: dict[str, float] = {}
        self._lock = Lock()

    def beat(self, stage: str, now: float) -> None:
        """The stage is alive."""
        with self._lock:
            self._stamps[stage] = now

    def of(self, stage: str, clock: Callable[[], float]) -> Callable[[], None]:
        """What a stage calls to show that it is alive."""
        return lambda: self.beat(stage, clock())

    def forget(self, stage: str) -> None:
        """The stage has ended on purpose."""
        with self._lock:
            self._stamps.pop(stage, None)

    def ages(self, now: float) -> dict[str, float]:
        """Seconds since each stage's last beat."""
        with self._lock:
            return {stage: max(now - stamp, 0.0) for stage, stamp in self._stamps.items()}

    def overdue(
        self, now: float, limit: float, exceptions: Mapping[str, float] | None = None
    ) -> dict[str, float]:
        """Age of the stages that did not beat within `limit` seconds, or a limit of their own."""
        limits = exceptions or {}
        return {stage: age for stage, age in self.ages(now).items() if age > limits.get(stage, limit)}


class Meter:
    """Counts what a stage did and how long it took. Safe across threads."""

    def __init__(self, *, window: float = WINDOW_S, samples: int = SAMPLES) -> None:
        self._window = window
        self._events: deque[tuple[float, float]] = deque(maxlen=samples)
        self._lock = Lock()
        self._dropped = 0
        self._total = 0
        self._captured: float | None = None
        self._bands: deque[float] = deque(maxlen=_WINDOWS)
        self._refused: deque[tuple[float, str]] = deque(maxlen=samples)
        self._backend: str | None = None
        self._model: str | None = None

    def record(self, now: float, latency: float) -> None:
        """One result at `now`, `latency` seconds after its capture."""
        with self._lock:
            self._events.append((now, latency))
            self._total += 1

    def dropped(self, total: int) -> None:
        """How many inputs were skipped since the start."""
        with self._lock:
            self._dropped = total

    def captured(self, rate: float | None) -> None:
        """How many inputs a second there are; None for unknown."""
        with self._lock:
            self._captured = rate

    def reaches(self, bandwidth: float | None) -> None:
        """How far up a window of a voice reached, in Hz; None where there was none."""
        if bandwidth is not None:
            with self._lock:
                self._bands.append(bandwidth)

    def refused(self, now: float, reasons: Iterable[str]) -> None:
        """Why faces of a picture were not judged, each reason once."""
        with self._lock:
            self._refused.extend((now, reason) for reason in reasons)

    def runs_on(self, backend: str, model: str) -> None:
        """Name the runtime and the model in use."""
        with self._lock:
            self._backend, self._model = backend, model

    @property
    def backend(self) -> str | None:
        """The runtime in use, None before the first."""
        return self._backend

    @property
    def model(self) -> str | None:
        """The model in use, None before the first."""
        return self._model

    def snapshot(self, now: float) -> StageHealth:
        """The figures of the last seconds."""
        with self._lock:
            recent = [event for event in self._events if now - event[0] <= self._window]
            band = round(float(np.median(self._bands)) / _STEP) * _STEP if self._bands else None
            refused = Counter(reason for when, reason in self._refused if now - when <= self._window)
            counts = StageHealth(
                0.0, None, None, self._dropped, self._total, self._backend, self._captured, band, self._model,
                dict(refused),
            )  # fmt: skip
        if not recent:
            return counts
        median, high = np.percentile([latency * 1000.0 for _, latency in recent], [50, 95])
        return replace(
            counts,
            fps=_rate([when for when, _ in recent], now),
            latency_ms=round(float(median), 1),
            p95_ms=round(float(high), 1),
        )


def _rate(moments: Sequence[float], now: float) -> float:
    """Events a second between the first and now, so that a stage that stops slows down at once."""
    span = max(now, moments[-1]) - moments[0]
    return round((len(moments) - 1) / span, 1) if span > 0 else 0.0


class Health:
    """Collects figures and problems and tells them as one payload. Safe across threads.

    `found` asks everything that knows its own problems, such as a lost device or a late heartbeat.
    """

    def __init__(
        self, *, started: float, found: Callable[[float], Iterable[Problem]] = lambda _now: ()
    ) -> None:
        self.face = Meter()
        self.speech = Meter()
        self._started = started
        self._found = found
        self._reported: dict[str, Problem] = {}
        self._lock = Lock()

    def report(self, thing: str, text: str, severity: Severity = "degraded") -> None:
        """Something is wrong with a thing; replaces what was wrong with it before."""
        with self._lock:
            self._reported[thing] = Problem(thing, text, severity)

    def clear(self, thing: str) -> None:
        """The thing works again."""
        with self._lock:
            self._reported.pop(thing, None)

    def problems(self, now: float) -> tuple[Problem, ...]:
        """All present problems, reported and found, the gravest first, then in the order they came."""
        with self._lock:
            reported = tuple(self._reported.values())
        return tuple(sorted((*reported, *self._found(now)), key=lambda problem: problem.severity != "error"))

    def uptime(self, now: float) -> float:
        """Seconds since the daemon started."""
        return max(now - self._started, 0.0)

    def payload(self, now: float) -> Payload:
        """The daemon's health; the publisher adds the connection's part."""
        problems = self.problems(now)
        return {
            "status": status(problems),
            "problems": [str(problem) for problem in problems],
            "uptime_s": int(self.uptime(now)),
            "face": self.face.snapshot(now).payload(),
            "speech": self.speech.snapshot(now).payload(),
        }


def late(overdue: Mapping[str, float]) -> list[Problem]:
    """The problems that late heartbeats are."""
    return [Problem(stage, f"stuck for {age:.0f} s", "error") for stage, age in sorted(overdue.items())]
