"""How the state of what an action drives is read and put back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from edge.config.base import Section, Text

__all__ = ["Kind", "Thing"]

Kind = Literal["zigbee2mqtt", "wled", "home-assistant", "hue"]


class Thing(Section):
    """A light (or more) whose state can be read and put back; presets fill it in."""

    kind: Kind
    """Whose documentation its messages follow."""
    address: Text
    """State topic of zigbee2mqtt, address of the server of the others."""
    entities: list[Text] = Field(default_factory=list)
    """Entities of Home Assistant."""
    transition: Annotated[float, Field(ge=0, le=300)] = 1.0
    """Seconds of fading, there and back."""
    bearer_file: Path | None = None
    """File whose first line is a bearer token."""
    header_files: dict[str, Path] = Field(default_factory=dict)
    """Headers, and the files whose first lines are their values."""
    ca: Path | None = None
    """PEM file of the authority that signed the server's certificate."""
    verify: bool = True
    """False accepts any certificate of the server."""
    server_name: Text | None = None
    """Name in the certificate, where it is not that of the address."""
