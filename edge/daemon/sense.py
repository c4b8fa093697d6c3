"""One camera or microphone of the daemon: its source, the box it fills, and whether it is open."""

from __future__ import annotations

from dataclasses import dataclass, field

from edge.capture.splitting import SplitSource
from edge.capture.status import CaptureSource, CaptureStatus
from edge.config.plans import CameraPlan, DevicePlan
from edge.daemon.health import Meter
from edge.daemon.paced_mailbox import PacedMailbox, SoundBox
from edge.publish.health import Problem

__all__ = ["Sense"]


@dataclass(slots=True)
class Sense:
    """One device, which can be closed and opened again. Used by the main loop only."""

    plan: DevicePlan
    box: PacedMailbox | SoundBox
    source: CaptureSource
    is_open: bool = False
    meter: Meter = field(default_factory=Meter)

    @property
    def kind(self) -> str:
        """`camera` or `microphone`."""
        return "camera" if isinstance(self.plan, CameraPlan) else "microphone"

    def open(self) -> None:
        """Open the device."""
        if not self.is_open:
            self.source.start()
            self.is_open = True

    def close(self) -> None:
        """Close the device; nothing it delivered is kept."""
        if self.is_open:
            self.source.stop()
        self.box.clear()
        self.is_open = False

    def revive(self) -> None:
        """Start its thread again if it is gone."""
        if self.is_open:
            self.source.revive()

    def end(self) -> None:
        """Close the device for good."""
        self.close()
        self.box.close()

    @property
    def status(self) -> CaptureStatus:
        """How the device is doing."""
        return self.source.status()

    @property
    def fails(self) -> bool:
        """Whether the device should deliver something and does not."""
        return self.is_open and self.status.state in ("retrying", "ended")

    @property
    def lent_to_others(self) -> bool:
        """Whether the device is open for another room although it is closed here."""
        return not self.is_open and isinstance(self.source, SplitSource) and self.source.in_use

    def problems(self) -> list[Problem]:
        """What is wrong with the device while it should be open."""
        status = self.status
        if self.is_open and status.state == "retrying":
            return [Problem(self.plan.label, f"{status.source}: {status.detail}")]
        if self.is_open and status.state == "ended":
            return [Problem(self.plan.label, status.detail or f"{status.source} has ended")]
        return []
