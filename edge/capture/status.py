"""How a source is doing, for health and for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

__all__ = ["CaptureSource", "CaptureStatus", "State"]

State = Literal["closed", "opening", "open", "retrying", "ended"]


@dataclass(frozen=True, slots=True)
class CaptureStatus:
    """A moment's view of one source.

    `source` and `detail` carry no credentials; `last_at` is when the last frame or chunk came, on the
    daemon's clock; `dropped` counts what no one read in time and `reopened` the attempts to come back.
    """

    state: State
    source: str
    detail: str = ""
    last_at: float | None = None
    delivered: int = 0
    dropped: int = 0
    reopened: int = 0


class CaptureSource(Protocol):
    """A camera, a microphone or a track of a file, as the daemon sees it."""

    def start(self) -> None:
        """Begin to deliver; does nothing when started already."""
        ...

    def stop(self) -> None:
        """Close the device; returns within about a second and delivers nothing afterwards."""
        ...

    def revive(self) -> None:
        """Start its thread again if there should be one and is none; to be called every second or so."""
        ...

    def status(self) -> CaptureStatus:
        """How it is doing now; may be called from any thread."""
        ...
