"""What arrives from the broker: switches, requests and Home Assistant's birth."""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from paho.mqtt.client import MQTTMessage

from edge.config.bounded_json import parse_json
from edge.publish.commands import (
    Command,
    CommandError,
    Response,
    failed,
    ok,
    parse_request,
    parse_set,
    parse_settings,
)
from edge.publish.mqtt.message import Message, Qos, encode
from edge.publish.topics import Topics

__all__ = ["CommandReceiver"]

_LONGEST_NAME: Final = 128
_log = logging.getLogger(__name__)


class CommandReceiver:
    """Turns messages into commands for the daemon; runs on paho's thread and never waits.

    Whatever was retained is ignored: it would be carried out again after every restart. Only what the daemon
    itself has left there, switches that could not be stored, is read.
    """

    def __init__(
        self,
        topics: Topics,
        *,
        identity: dict[str, Any],
        instance: str,
        on_command: Callable[[Command], None],
        on_birth: Callable[[], None],
        on_namesake: Callable[[str], None],
        on_echo: Callable[[], None],
        send: Callable[[Message], object],
    ) -> None:
        self._topics = topics
        self._identity, self._instance = identity, instance
        self._on_command, self._on_birth = on_command, on_birth
        self._on_namesake, self._on_echo = on_namesake, on_echo
        self._send = send
        self.levels: frozenset[str] = frozenset()
        """The rooms that there are; others' switches are refused."""
        self._watched: frozenset[str] = frozenset()
        self._tell: Callable[[str, bytes], None] = lambda _topic, _payload: None

    def watch(self, topics: frozenset[str], tell: Callable[[str, bytes], None]) -> None:
        """Pass the messages of these topics on, retained or not."""
        self._tell, self._watched = tell, topics

    def receive(self, message: MQTTMessage) -> None:
        """Take one message."""
        topic, payload = message.topic, bytes(message.payload)
        if topic in self._watched:
            self._tell(topic, payload)
            return
        if topic == self._topics.birth:
            if payload == b"online" and not message.retain:
                self._on_birth()
            return
        if topic == self._topics.of("unstored"):
            if message.retain and payload:
                self._unstored(payload)
            return
        if message.retain:
            if payload:
                _log.warning(
                    "retained command on %r ignored: clear it by an empty retained message there", topic
                )
            return
        below = topic.removeprefix(self._topics.base + "/")
        if below.endswith("settings/set"):
            self._settings(below.removesuffix("settings/set").rstrip("/"), payload, message)
        elif below.endswith("/set"):
            self._set(below.removesuffix("/set"), payload)
        elif below == "alert/ack":
            self._acknowledge(payload)
        elif below.startswith("request/"):
            self._request(below.removeprefix("request/"), payload, message)

    def _set(self, name: str, payload: bytes) -> None:
        if not payload:
            return
        try:
            self._on_command(Command("set", name, on=parse_set(name, payload, self.levels)))
        except CommandError as error:
            _log.warning("mqtt: %s", error)
        except queue.Full:
            _log.warning("mqtt: too many commands at once; %s/set dropped", name)

    def _settings(self, level: str, payload: bytes, message: MQTTMessage) -> None:
        """Settings for all rooms, or for the one of this level."""
        transaction = None
        if not payload:
            return
        try:
            changes, transaction = parse_settings(payload, level, self.levels)
            respond = self._responder("settings", transaction, message)
            self._on_command(Command("settings", "settings", arguments=changes, respond=respond))
        except CommandError as error:
            self._responder("settings", error.transaction, message, qos=0)(failed(str(error)))
        except queue.Full:
            busy = failed("too many commands at once; ask again later")
            self._responder("settings", transaction, message, qos=0)(busy)

    def _unstored(self, payload: bytes) -> None:
        """An own word of before: switches that could not be stored."""
        try:
            self._on_command(Command("unstored", "unstored", arguments={"switches": parse_json(payload)}))
        except (ValueError, queue.Full) as error:
            _log.warning("mqtt: what is kept on %s does not count: %s", self._topics.of("unstored"), error)

    def _acknowledge(self, payload: bytes) -> None:
        cause = payload[:_LONGEST_NAME].decode("utf-8", "replace").strip().removeprefix("{}")
        try:
            self._on_command(Command("ack", cause))
        except queue.Full:
            _log.warning("mqtt: too many commands at once; alert/ack dropped")

    def _request(self, name: str, payload: bytes, message: MQTTMessage) -> None:
        if not payload and name not in ("", "identify"):
            payload = b"{}"
        transaction = None
        try:
            arguments, transaction = parse_request(name, payload)
            respond = self._responder(name, transaction, message)
            if name == "identify":
                self._identify(arguments, respond)
            else:
                self._on_command(
                    Command("request", name, arguments=arguments, transaction=transaction, respond=respond)
                )
        except CommandError as error:
            self._responder(name, error.transaction, message, qos=0)(failed(str(error)))
        except queue.Full:
            busy = failed("too many commands at once; ask again later")
            self._responder(name, transaction, message, qos=0)(busy)

    def _identify(self, arguments: dict[str, Any], respond: Callable[[Response], None]) -> None:
        client, instance = arguments.get("client"), arguments.get("instance", self._instance)
        if not isinstance(client, str):
            respond(ok(**self._identity))
        elif client == self._identity["client"] and instance == self._instance:
            self._on_echo()
        else:
            self._on_namesake(client[:_LONGEST_NAME])

    def _responder(
        self, name: str, transaction: str | None, message: MQTTMessage, *, qos: Qos = 1
    ) -> Callable[[Response], None]:
        properties = message.properties
        asked = getattr(properties, "ResponseTopic", None)
        correlation = getattr(properties, "CorrelationData", None)
        topic = (
            asked if isinstance(asked, str) and _publishable(asked) else self._topics.of(f"response/{name}")
        )

        def respond(response: Response) -> None:
            self._send(_answer(Message(topic, b"", qos, correlation=correlation), response, transaction))

        return respond


def _answer(envelope: Message, response: Response, transaction: str | None) -> Message:
    try:
        payload = encode(response.payload(transaction))
    except (TypeError, ValueError) as error:
        _log.warning("mqtt: answer on %s cannot be written as JSON: %s", envelope.topic, error)
        payload = encode(failed("the answer cannot be written as JSON").payload(transaction))
    return replace(envelope, payload=payload)


def _publishable(topic: str) -> bool:
    return topic != "" and topic[0] != "$" and not set(topic) & set("#+\0")
