"""What the API may be asked to do, and what it answers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from edge.config.base import Slug
from edge.config.settings import DeviceSettings
from edge.kiosk.answer import Answer

__all__ = [
    "AcknowledgeRequest",
    "SessionRequest",
    "SessionView",
    "SettingsRequest",
    "SettingsView",
    "SwitchRequest",
]


class SwitchRequest(Answer):
    """Open or close a device, or let actions act or rest."""

    room: str | None = None
    """Null: every room."""
    name: Literal["camera", "microphone", "actions"]
    """What to switch."""
    on: bool
    """True opens."""


class SettingsRequest(DeviceSettings):
    """Some settings, null for as in the file, or as for all rooms; or `reset` alone."""

    room: Slug | None = None
    """Null: all rooms, but for what is set for one of them alone."""
    reset: Literal[True] | None = None
    """Everything as in the file."""


class SettingsView(Answer):
    """What may be tuned while the daemon runs."""

    room: str | None = None
    """Null: for all rooms."""
    values: dict[str, str | int | float]
    """What counts now."""
    file: dict[str, str | int | float]
    """What the configuration file says."""
    set: list[str]
    """Keys that are set on top of it."""
    choices: dict[str, list[str]]
    """What can be chosen, by key."""
    rooms: dict[str, dict[str, str | int | float]] | None = None
    """What is set for each room alone, where there are several."""
    not_stored: str | None = None
    """Why it would not survive a restart."""


class AcknowledgeRequest(Answer):
    """Somebody has noticed."""

    cause: Annotated[str, Field(max_length=128)] | None = None
    """Which alert; null: all of them."""


class SessionRequest(Answer):
    """A token, exchanged for a cookie."""

    token: Annotated[str, Field(min_length=1, max_length=512)]
    """As in the token file."""


class SessionView(Answer):
    """What the cookie allows."""

    may_steer: bool
    """True: switches, settings and erasing too."""
