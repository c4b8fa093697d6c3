"""A physical button."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from edge.config.base import Section

__all__ = ["KEYS", "ButtonConfig"]

KEYS: Final = {
    "KEY_ENTER": 28,
    "KEY_SPACE": 57,
    "KEY_MUTE": 113,
    "KEY_POWER": 116,
    "KEY_SLEEP": 142,
    "KEY_PROG1": 148,
    "KEY_PLAYPAUSE": 164,
    "KEY_CAMERA": 212,
    "KEY_MICMUTE": 248,
    "BTN_0": 256,
    "KEY_PRIVACY_SCREEN_TOGGLE": 633,
}
"""Codes of linux/input-event-codes.h."""
_Name = Literal[
    "KEY_ENTER",
    "KEY_SPACE",
    "KEY_MUTE",
    "KEY_POWER",
    "KEY_SLEEP",
    "KEY_PROG1",
    "KEY_PLAYPAUSE",
    "KEY_CAMERA",
    "KEY_MICMUTE",
    "BTN_0",
    "KEY_PRIVACY_SCREEN_TOGGLE",
]


class ButtonConfig(Section):
    """A key of an input device, or a pin."""

    device: Path | None = None
    """Input device, best of /dev/input/by-id."""
    key: _Name | Annotated[int, Field(ge=1, le=0x2FF)] | None = None
    """Its key, by name or code; empty: any."""
    gpio: Annotated[int, Field(ge=0, le=53)] | None = None
    """Or a pin by its BCM number, to ground when pressed; needs gpiozero."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """One button."""
        if self.device is not None and self.gpio is not None:
            yield "gpio", "device and gpio are both set; keep one"
        if self.key is not None and self.device is None:
            yield "key", "belongs to a device; set that as well"

    @property
    def code(self) -> int | None:
        """The key's code; None for any."""
        return KEYS[self.key] if isinstance(self.key, str) else self.key
