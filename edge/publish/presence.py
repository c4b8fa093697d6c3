"""How a device makes itself known on the broker, and notices who else does under its name."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final

from edge.publish.homeassistant import OFFLINE, ONLINE
from edge.publish.mqtt.client import ReconnectingClient
from edge.publish.mqtt.message import TEXT, Message, encode
from edge.publish.mqtt.namesakes import Namesakes
from edge.publish.topics import Topics

__all__ = [
    "BIRTH_JITTER",
    "ECHO_WITHIN",
    "IDENTIFY_EVERY",
    "Presence",
    "availability",
    "birth_messages",
    "identification",
    "identity",
]

_log = logging.getLogger(__name__)

BIRTH_JITTER: Final = 3.0
"""Seconds over which devices spread what they send after Home Assistant's birth."""
ECHO_WITHIN: Final = 10.0
"""Seconds within which our own identification has to come back."""
IDENTIFY_EVERY: Final = 30.0
"""Seconds between identifications while another client uses our topics."""


def availability(topics: Topics, word: str) -> Message:
    """`online` or `offline`, retained; the latter is the will as well."""
    return Message(topics.of("availability"), word.encode(), retain=True, content_type=TEXT)


def identification(topics: Topics, client_id: str, instance: str) -> Message:
    """Tells whoever else listens to our requests that we do; two of them are one too many."""
    return Message(
        topics.of("request/identify"), encode({"client": client_id, "instance": instance}), expiry=10
    )


def birth_messages(topics: Topics, client_id: str, instance: str) -> tuple[Message, Message]:
    """The last messages of every connection's start: by then all retained topics are fresh."""
    return availability(topics, ONLINE), identification(topics, client_id, instance)


class Presence:
    """Reacts to Home Assistant's birth and to namesakes, later and on the client's own thread."""

    def __init__(
        self,
        topics: Topics,
        *,
        client_id: str,
        instance: str,
        monotonic: Callable[[], float],
        share: Callable[[], float],
    ) -> None:
        self._topics = topics
        self._client_id, self._instance = client_id, instance
        self._echoed_in = 0
        self._monotonic, self._share = monotonic, share
        self._namesakes = Namesakes(client_id=client_id, device=topics.device)
        self._client: ReconnectingClient | None = None

    def attach(self, client: ReconnectingClient) -> None:
        """Use this client."""
        self._client = client

    def offline_message(self) -> Message:
        """The last message before a clean disconnect."""
        return availability(self._topics, OFFLINE)

    def home_assistant_started(self) -> None:
        """Home Assistant has started: send everything again, in a moment."""
        client = self._client
        if client is not None:
            client.timers.after("birth", BIRTH_JITTER * self._share(), client.outbox.resend)

    def session_taken_over(self) -> None:
        """The broker gave our connection to someone else."""
        self._namesakes.session_taken_over(self._monotonic())

    def echoed(self) -> None:
        """Our own identification came back: the broker lets us hear what is asked of us."""
        if self._client is not None:
            self._echoed_in = self._client.connections

    def identified(self, client: str) -> None:
        """Someone identified itself under our topics."""
        if self._namesakes.identified(client, self._monotonic()):
            _log.warning("%s", self._namesakes.describe(client))
            self._identify_in(0.0)
        else:
            self._identify_in(IDENTIFY_EVERY)

    def problems(self) -> list[str]:
        """Conflicts of names, and a broker that lets us hear nothing."""
        return self._namesakes.problems(self._monotonic()) + self._deafness()

    def _deafness(self) -> list[str]:
        client = self._client
        if client is None or not client.connected or client.age() < ECHO_WITHIN:
            return []
        if client.connections == self._echoed_in or client.listener.shed:
            return []
        return [
            f"mqtt: the broker does not deliver {self._topics.of('request/identify')} to us, so commands"
            f" over MQTT may not arrive: its access list must let us {client.access()}"
        ]

    def _identify_in(self, delay: float) -> None:
        if self._client is not None:
            self._client.timers.after("identify", delay, self._identify)

    def _identify(self) -> None:
        client = self._client
        if client is None or not self._namesakes.others(self._monotonic()):
            return
        client.outbox.send(identification(self._topics, self._client_id, self._instance))
        self._identify_in(IDENTIFY_EVERY)


def identity(client: str, device: str, version: str) -> dict[str, Any]:
    """The answer to `request/identify`."""
    return {"client": client, "device": device, "version": version}
