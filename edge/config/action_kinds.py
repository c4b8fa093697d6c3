"""What an action may be: a message, a call, a datagram, a program."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from edge.config import templates
from edge.config.base import Port, Section, Text, also_written_as

__all__ = ["CommandAction", "HttpAction", "MqttAction", "Payload", "UdpAction"]


@also_written_as(type=["boolean", "number"])
def _scalar_as_text(value: object) -> object:
    return json.dumps(value) if isinstance(value, bool | int | float) else value


_Template = AfterValidator(templates.check)
_Tree = AfterValidator(templates.check_tree)
Payload = Annotated[str | dict[str, object] | list[object], BeforeValidator(_scalar_as_text), _Tree]


def _header_name(name: str) -> str:
    if re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name) is None:
        raise ValueError(f"{name!r} is not the name of a header; names have letters, digits and hyphens")
    if name.lower() in ("content-length", "transfer-encoding", "connection"):
        raise ValueError(f"{name} is set by the call itself; remove it")
    return name


def _header_value(value: str) -> str:
    if not value.isprintable():
        raise ValueError("a header must be one line without control characters")
    return value


_HeaderName = Annotated[str, AfterValidator(_header_name)]
_HeaderValue = Annotated[str, AfterValidator(_header_value)]


class MqttAction(Section):
    """Publish once; never retained."""

    topic: Annotated[str, Field(min_length=1, pattern=r"^[^#+\x00]+$"), _Template]
    """Topic without wildcards."""
    payload: Payload = ""
    """Text, or an object or list that is sent as JSON."""
    qos: Literal[0, 1] = 1
    """0 at most once, 1 at least once."""


class HttpAction(Section):
    """Call a URL once."""

    url: Annotated[str, Field(pattern=r"^https?://[^\s/]"), _Template]
    """http:// or https:// address."""
    method: Literal["GET", "POST", "PUT"] = "POST"
    """Request method."""
    headers: dict[_HeaderName, _HeaderValue] = Field(default_factory=dict)
    """Extra headers, such as Authorization."""
    json_body: Annotated[object | None, _Tree] = Field(default=None, alias="json")
    """Body, sent as JSON."""
    bearer_file: Path | None = None
    """File whose first line is a bearer token; a bare name is looked up among the service's credentials."""
    timeout: Annotated[float, Field(gt=0, le=60)] = 5.0
    """Seconds for the whole call, from the connection to the end of the answer."""
    ca: Path | None = None
    """PEM file of the authority that signed the server's certificate; empty: those of the system."""
    verify: bool = True
    """False accepts any certificate: whoever is on the way can read the token and pose as the server."""
    header_files: dict[_HeaderName, Path] = Field(default_factory=dict)
    """Headers whose values are the first lines of files, as of `bearer_file`."""
    server_name: Text | None = None
    """Name that the certificate bears, where it is not that of the address."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """An authority is for verifying with."""
        if self.ca is not None and not self.verify:
            yield "verify", "ca and verify: false exclude each other; keep one"


class UdpAction(Section):
    """Send a datagram; nobody tells whether it arrived."""

    address: IPv4Address | IPv6Address
    """Address of the thing, as a number: a name would have to be looked up."""
    port: Port
    """Where it listens."""
    payload: Payload
    """Text, or an object or list that is sent as JSON."""


class CommandAction(Section):
    """Run a program: an argument list, never a shell."""

    argv: Annotated[list[Annotated[str, _Template]], Field(min_length=1)]
    """Program and its arguments."""
    timeout: Annotated[float, Field(gt=0, le=300)] = 10.0
    """Seconds until it is ended."""
