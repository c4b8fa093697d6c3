"""Alerts: what a rule shows at once, and the alarms for senses that tell nothing."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from edge.config import templates
from edge.config.base import Section

__all__ = ["LEVELS", "AlarmsConfig", "AlertAction", "Level"]

Level = Literal["notice", "warning", "critical"]
LEVELS: Final[tuple[Level, ...]] = ("notice", "warning", "critical")


class AlertAction(Section):
    """Show an alert: on its topic, on the page, to the command line."""

    level: Level = "warning"
    """How grave it is."""
    message: Annotated[str, Field(max_length=500), AfterValidator(templates.check)] = ""
    """Text for people; empty: the name of the rule."""


class AlarmsConfig(Section):
    """Alarms of their own for an open device that tells nothing."""

    blind: Annotated[float, Field(ge=1, le=86_400)] | None = None
    """Seconds without a judged face while the camera is open; empty: no alarm."""
    deaf: Annotated[float, Field(ge=1, le=86_400)] | None = None
    """Seconds without any sound, quieter than -80 dBFS, while the microphone is open; empty: no alarm."""
    level: Level = "warning"
    """How grave they are."""
