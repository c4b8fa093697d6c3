"""The daemon's HTTP side, which costs nothing where neither the page nor the metrics are wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from edge.config import Config
from edge.kiosk.vitals import Vitals
from edge.publish.health import Problem

if TYPE_CHECKING:
    from edge.kiosk.hub import Hub

__all__ = ["Http", "Server", "open_http"]


class Server(Protocol):
    """Something that listens on a port."""

    def start(self) -> None:
        """Begin to listen."""
        ...

    def stop(self) -> None:
        """End, when the port is free again."""
        ...

    def problems(self) -> Sequence[Problem]:
        """Why it cannot be reached, if so."""
        ...


class Http:
    """The servers that a configuration asks for: none, one or two."""

    def __init__(self, servers: Sequence[Server] = ()) -> None:
        self._servers = servers

    def start(self) -> None:
        """Begin to listen."""
        for server in self._servers:
            server.start()

    def stop(self) -> None:
        """End, when the ports are free again."""
        for server in reversed(self._servers):
            server.stop()

    def problems(self) -> list[Problem]:
        """Why something cannot be reached, if so."""
        return [problem for server in self._servers for problem in server.problems()]


def open_http(
    config: Config, *, hub: Callable[[], Hub], vitals: Callable[[], Vitals], clock: Callable[[], float]
) -> Http:
    """Not listening yet. Raises ConfigError for unusable files."""
    if not (config.kiosk.enabled or config.metrics.enabled):
        return Http()
    from edge.daemon.http_servers import http_servers

    return Http(http_servers(config, hub=hub(), vitals=vitals, clock=clock))
