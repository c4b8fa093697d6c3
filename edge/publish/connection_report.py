"""How the connection to the broker is, for health, logs, metrics and the page."""

from __future__ import annotations

from typing import Any, Final

from edge.config.models import MqttConfig
from edge.publish.mqtt.client import ReconnectingClient
from edge.publish.presence import Presence

__all__ = ["OUTAGE_GRACE", "ConnectionReport"]

OUTAGE_GRACE: Final = 5.0
"""Seconds without a connection after which that is a problem."""


class ConnectionReport:
    """What is known of the client and of those that share its name."""

    def __init__(
        self, client: ReconnectingClient, presence: Presence, config: MqttConfig, client_id: str
    ) -> None:
        self._client, self._presence = client, presence
        self._config, self._client_id = config, client_id

    @property
    def reconnects(self) -> int:
        """Connections after the first."""
        return max(0, self._client.connections - 1)

    def problems(self) -> list[str]:
        """What a human should know about the connection."""
        return self._presence.problems() + self._client.problems()

    def facts(self) -> dict[str, Any]:
        """The part of health that concerns the connection."""
        return {
            "reconnects": self.reconnects,
            "protocol": self._client.protocol,
            "dropped_events": self._client.outbox.dropped,
        }

    def status(self) -> dict[str, Any]:
        """All about the connection, for logs, metrics and the local page."""
        return {
            "connected": self._client.connected,
            "host": self._config.host,
            "port": self._config.port,
            "client": self._client_id,
            **self.facts(),
            "trouble": self._client.trouble,
            "problems": self.problems() + self._outage(),
        }

    def _outage(self) -> list[str]:
        """The lack of a connection as a problem; health, which goes out over it, need not tell."""
        trouble = self._client.trouble
        return [f"mqtt: {trouble}"] if self._client.outage() > OUTAGE_GRACE and trouble else []
