"""A device's id on the broker, proposed from the name of the machine."""

from __future__ import annotations

import re
from typing import Final

from edge.config.models import DeviceConfig

__all__ = ["proposed_id"]

_LONGEST: Final = 64
_NO_NAMES: Final = ("", "localhost")


def proposed_id(host: str) -> str:
    """`kitchen-hub` for the host Kitchen_Hub.lan; the default where the host has no name of its own."""
    first = host.split(".", 1)[0].lower()
    slug = re.sub(r"[^a-z0-9]+", "-", first)[:_LONGEST].strip("-")
    return DeviceConfig().id if slug in _NO_NAMES else slug
