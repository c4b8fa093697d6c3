"""TensorRT's own words: its log, and how far a build has come."""

from __future__ import annotations

import time
from collections.abc import Callable

from edge.inference.tensorrt.bindings import trt

__all__ = ["Log", "Progress", "Report"]

Report = Callable[[str], None]


class Log(trt.ILogger):  # type: ignore[misc, unused-ignore]
    """Keeps error messages for exceptions; passes warnings on to `report`, each one once."""

    def __init__(self, report: Report | None = None, *, verbose: bool = False) -> None:
        trt.ILogger.__init__(self)
        self._report = report
        self._verbose = verbose
        self._said: set[str] = set()
        self.errors: list[str] = []

    def log(self, severity: trt.ILogger.Severity, msg: str) -> None:
        """Called by TensorRT, from any of its threads."""
        levels = trt.ILogger.Severity
        if severity in (levels.ERROR, levels.INTERNAL_ERROR):
            self.errors.append(msg.strip())
        wanted = severity == levels.WARNING or (self._verbose and severity != levels.VERBOSE)
        if self._report and wanted and msg not in self._said:
            self._said.add(msg)
            self._report(msg.strip())

    def take(self, otherwise: str) -> str:
        """The errors since the last call, or `otherwise` when there were none."""
        text, self.errors = "; ".join(self.errors), []
        return text or otherwise


class Progress(trt.IProgressMonitor):  # type: ignore[misc, unused-ignore]
    """Reports the share done, at most every `interval` seconds; `cancelled` ends the build."""

    def __init__(
        self,
        report: Report,
        *,
        cancelled: Callable[[], bool] = lambda: False,
        interval: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        trt.IProgressMonitor.__init__(self)
        self._report = report
        self._cancelled = cancelled
        self._interval = interval
        self._clock = clock
        self._next = clock() + interval
        self._phases: dict[str, tuple[int, int]] = {}

    @property
    def share(self) -> float:
        """0 to 1: steps done of the outermost phase, and of the running step what inner phases did."""
        share = 0.0
        for steps, done in reversed(self._phases.values()):
            share = min(1.0, (done + share) / steps)
        return share

    def phase_start(self, phase_name: str, parent_phase: str | None, num_steps: int) -> None:  # noqa: ARG002
        """A phase begins, inside those already running."""
        self._phases[phase_name] = (max(1, num_steps), 0)

    def step_complete(self, phase_name: str, step: int) -> bool:
        """One step of a phase is done; False ends the build."""
        steps, _ = self._phases.get(phase_name, (1, 0))
        self._phases[phase_name] = (steps, step + 1)
        now = self._clock()
        if now >= self._next:
            self._next = now + self._interval
            self._report(f"{self.share:4.0%} {phase_name}")
        return not self._cancelled()

    def phase_finish(self, phase_name: str) -> None:
        """A phase is over."""
        self._phases.pop(phase_name, None)
