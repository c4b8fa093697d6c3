"""The page, metrics and history: what is shown to people and kept for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field

from edge.config.base import Port, Section, Text, also_written_as

__all__ = ["HistoryConfig", "KioskConfig", "KioskTlsConfig", "MetricsConfig", "is_loopback"]

_UNITS: Final = {"m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}
_LONGEST: Final = 366 * 86_400


@also_written_as(type="string", pattern=r"^\d+(\.\d+)?[mhdw]$")
def _seconds(value: object) -> object:
    """`7d` as seconds; anything else is left for the type to refuse."""
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([mhdw])", value.strip())
    if found is None:
        raise ValueError("must be a span such as 12h, 7d or 4w")
    return float(found[1]) * _UNITS[found[2]]


def _network(text: str) -> str:
    try:
        ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f"must be an address or a network such as 10.0.0.0/24, got {text!r}") from None
    return text


Span = Annotated[float, BeforeValidator(_seconds), Field(ge=60, le=_LONGEST)]
Network = Annotated[str, AfterValidator(_network)]


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class HistoryConfig(Section):
    """Moods of the past on disk: never pictures, sound or anybody's number."""

    keep: Span | None = None
    """How long: `12h`, `7d`, `4w`. Empty: nothing is stored."""


class KioskTlsConfig(Section):
    """HTTPS of the page."""

    certificate: Path | None = None
    """Certificate chain, PEM."""
    key: Path | None = None
    """Its private key, PEM."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """Both or neither."""
        if (self.certificate is None) != (self.key is None):
            yield "key", "certificate and key belong together: set both or neither"


class KioskConfig(Section):
    """The local web page."""

    enabled: bool = False
    """Serve it."""
    host: Text = "127.0.0.1"
    """Address to listen on; beyond this machine only with a token and TLS, or behind a trusted proxy."""
    port: Port = 8780
    """Port of the page."""
    allowed_hosts: list[Text] = Field(default_factory=list)
    """Names, besides addresses and the machine's own, under which the page may be asked for: `hub.lan`."""
    view_token_file: Path | None = None
    """File whose first line lets a viewer see the page."""
    steer_token_file: Path | None = None
    """File whose first line lets a viewer switch and erase, too."""
    tls: KioskTlsConfig = KioskTlsConfig()
    """HTTPS."""
    trusted_proxies: list[Network] = Field(default_factory=list)
    """Addresses of reverse proxies that end TLS and authenticate, such as Home Assistant's ingress."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """Nobody but this machine sees the page without a token, and no token travels in the clear."""
        if not self.enabled or is_loopback(self.host) or self.trusted_proxies:
            return
        if self.view_token_file is None and self.steer_token_file is None:
            yield (
                "host",
                f"{self.host} shows the page to the network: set a token file",
            )
        if self.tls.certificate is None:
            yield "host", f"{self.host} shows the page to the network: set tls.certificate and tls.key"


class MetricsConfig(Section):
    """Prometheus metrics."""

    enabled: bool = False
    """Serve them."""
    host: Text = "127.0.0.1"
    """Address to listen on."""
    port: Port = 9780
    """Port of the metrics."""
    allowed_hosts: list[Text] = Field(default_factory=list)
    """Names, besides addresses and the machine's own, under which it may be asked: `hub.lan`."""
