"""The daemon's HTTP side, which costs nothing where neither the page nor the metrics are wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from edge.config import Config
from edge.daemon.health import Heartbeats
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

    def revive(self) -> None:
        """Start its thread again if it is gone."""
        ...

    def problems(self) -> Sequence[Problem]:
        """Why it cannot be reached, if so."""
        ...


class Http:
    """The servers that a configuration asks for: none, one or two."""

    def __init__(self, heartbeats: Heartbeats, servers: Sequence[Server] = ()) -> None:
        self._heartbeats, self._servers = heartbeats, servers

    def start(self) -> None:
        """Begin to listen."""
        for server in self._servers:
            server.start()

    def stop(self) -> None:
        """End, when the ports are free again."""
        for server in reversed(self._servers):
            server.stop()
        for name in ("kiosk", "metrics"):
            self._heartbeats.forget(name)

    def revive(self) -> None:
        """Start threads again that are gone."""
        for server in self._servers:
            server.revive()

    def problems(self) -> list[Problem]:
        """Why something cannot be reached, if so."""
        return [problem for server in self._servers for problem in server.problems()]


def open_http(
    config: Config,
    *,
    hub: Callable[[], Hub],
    vitals: Callable[[], Vitals],
    clock: Callable[[], float],
    heartbeats: Heartbeats,
) -> Http:
    """Not listening yet. Raises ConfigError for unusable files."""
    if not (config.kiosk.enabled or config.metrics.enabled):
        return Http(heartbeats)
    from edge.daemon.http_servers import http_servers

    return Http(
        heartbeats, http_servers(config, hub=hub(), vitals=vitals, clock=clock, heartbeats=heartbeats)
    )
