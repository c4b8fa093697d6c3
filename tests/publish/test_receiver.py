import json
import queue
from typing import Any

import pytest
from paho.mqtt.client import MQTTMessage
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge.publish.commands import Command, ok
from edge.publish.mqtt.message import Message
from edge.publish.receiver import CommandReceiver
from edge.publish.topics import Topics

BASE = "emotion-edge/hall"
OURS = "emotion-edge-hall-1"
INSTANCE = "00aa"


class Listener:
    def __init__(self, *, busy: bool = False) -> None:
        self.commands: list[Command] = []
        self.sent: list[Message] = []
        self.namesakes: list[str] = []
        self.births = 0
        self.echoes: list[int] = []
        self.busy = busy
        self.inbox = CommandReceiver(
            Topics("emotion-edge", "hall"),
            identity={"client": OURS},
            on_command=self.take,
            on_birth=self.born,
            on_namesake=self.namesakes.append,
            on_echo=lambda: self.echoes.append(1),
            instance=INSTANCE,
            send=self.sent.append,
        )

    def take(self, command: Command) -> None:
        if self.busy:
            raise queue.Full
        self.commands.append(command)

    def born(self) -> None:
        self.births += 1

    def hear(
        self, topic: str, payload: str, *, retain: bool = False, properties: Properties | None = None
    ) -> None:
        message = MQTTMessage(topic=topic.encode())
        message.payload = payload.encode()
        message.retain = retain
        message.properties = properties
        self.inbox.receive(message)

    def answers(self) -> list[dict[str, Any]]:
        return [json.loads(message.payload) for message in self.sent]


def asking(topic: str, correlation: bytes | None = None) -> Properties:
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.ResponseTopic = topic
    if correlation is not None:
        properties.CorrelationData = correlation
    return properties


def test_a_switch_becomes_a_command() -> None:
    listener = Listener()
    listener.hear(f"{BASE}/camera/set", "OFF")
    (command,) = listener.commands
    assert (command.kind, command.name, command.on) == ("set", "camera", False)


def test_switches_that_were_kept_on_the_broker_become_a_command_only_as_they_were_kept() -> None:
    listener = Listener()
    listener.hear(f"{BASE}/unstored", '{"camera": false}')
    listener.hear(f"{BASE}/unstored", "", retain=True)
    listener.hear(f"{BASE}/unstored", "{", retain=True)
    assert listener.commands == []
    listener.hear(f"{BASE}/unstored", '{"camera": false}', retain=True)
    (command,) = listener.commands
    assert (command.kind, command.arguments) == ("unstored", {"switches": {"camera": False}})


def test_settings_become_a_command_that_is_answered() -> None:
    listener = Listener()
    listener.hear(f"{BASE}/settings/set", '{"people": "subject", "transaction": "t1"}')
    (command,) = listener.commands
    assert (command.kind, command.arguments) == ("settings", {"people": "subject"})
    command.respond(ok())
    assert listener.sent[0].topic == f"{BASE}/response/settings"
    assert listener.answers()[0]["transaction"] == "t1"


@pytest.mark.parametrize("payload", ["[1]", "subject", '{"people": "all", "transaction": 3}'])
def test_malformed_settings_are_refused_with_a_response(payload: str) -> None:
    listener = Listener()
    listener.hear(f"{BASE}/settings/set", payload)
    assert listener.answers()[0]["status"] == "error"
    assert not listener.commands


def test_a_request_is_answered_on_the_response_topic_with_its_transaction() -> None:
    listener = Listener()
    listener.hear(f"{BASE}/request/doctor", '{"transaction":"a7","deep":true}')
    (command,) = listener.commands
    assert command.arguments == {"deep": True}
    command.respond(ok(checks=3))
    assert listener.sent[0].topic == f"{BASE}/response/doctor"
    assert not listener.sent[0].retain
    assert listener.answers() == [{"status": "ok", "data": {"checks": 3}, "transaction": "a7"}]


@pytest.mark.parametrize("topic", ["camera/set", "request/restart"])
def test_whatever_was_retained_is_ignored(topic: str) -> None:
    listener = Listener()
    listener.hear(f"{BASE}/{topic}", "ON", retain=True)
    assert not listener.commands
    assert not listener.sent


def test_clearing_a_retained_switch_is_no_command() -> None:
    listener = Listener()
    listener.hear(f"{BASE}/camera/set", "")
    assert not listener.commands


@pytest.mark.parametrize("payload", ["{", "[]", '{"transaction":7}'])
def test_a_malformed_request_is_answered_with_an_error(payload: str) -> None:
    listener = Listener()
    listener.hear(f"{BASE}/request/doctor", payload)
    assert not listener.commands
    assert listener.answers()[0]["status"] == "error"


def test_an_unknown_command_is_answered_with_an_error_and_its_transaction() -> None:
    listener = Listener()
    listener.hear(f"{BASE}/request/sing", '{"transaction":"a7"}')
    (answer,) = listener.answers()
    assert (answer["status"], answer["transaction"]) == ("error", "a7")
    assert listener.sent[0].topic == f"{BASE}/response/sing"


def test_a_busy_daemon_says_so() -> None:
    listener = Listener(busy=True)
    listener.hear(f"{BASE}/request/doctor", "{}")
    listener.hear(f"{BASE}/camera/set", "ON")
    assert [answer["status"] for answer in listener.answers()] == ["error"]


def test_the_response_goes_where_mqtt_5_asks_with_its_correlation() -> None:
    listener = Listener()
    listener.hear(f"{BASE}/request/doctor", "{}", properties=asking("apps/me", b"\x00\xff"))
    listener.commands[0].respond(ok())
    assert (listener.sent[0].topic, listener.sent[0].correlation) == ("apps/me", b"\x00\xff")


@pytest.mark.parametrize("topic", ["apps/#", "apps/+/x", "$SYS/broker", ""])
def test_a_response_topic_nobody_may_publish_to_is_not_used(topic: str) -> None:
    listener = Listener()
    listener.hear(f"{BASE}/request/doctor", "{}", properties=asking(topic))
    listener.commands[0].respond(ok())
    assert listener.sent[0].topic == f"{BASE}/response/doctor"


def test_an_answer_that_is_not_json_becomes_an_error() -> None:
    listener = Listener()
    listener.hear(f"{BASE}/request/scores", '{"transaction":"a7"}')
    listener.commands[0].respond(ok(happy=float("nan")))
    (answer,) = listener.answers()
    assert (answer["status"], answer["transaction"]) == ("error", "a7")


def test_home_assistants_birth_counts_only_when_it_happens() -> None:
    listener = Listener()
    listener.hear("homeassistant/status", "online", retain=True)
    listener.hear("homeassistant/status", "offline")
    assert listener.births == 0
    listener.hear("homeassistant/status", "online")
    assert listener.births == 1


def test_our_own_identification_is_an_echo() -> None:
    listener = Listener()
    listener.hear(f"{BASE}/request/identify", json.dumps({"client": OURS, "instance": INSTANCE}))
    assert listener.echoes
    assert not listener.namesakes


@pytest.mark.parametrize(
    "identification", [{"client": "emotion-edge-hall-2"}, {"client": OURS, "instance": "ffff"}]
)
def test_another_process_that_identifies_itself_is_a_namesake(identification: dict[str, str]) -> None:
    listener = Listener()
    listener.hear(f"{BASE}/request/identify", json.dumps(identification))
    assert listener.namesakes == [identification["client"]]
    assert not listener.sent
    assert not listener.echoes


@pytest.mark.parametrize("name", ["identify", "scores"])
@pytest.mark.parametrize("payload", ['{"transaction":"\\ud800"}', '{"client":"\\udfff"}', '{"\\ud800":1}'])
def test_half_a_character_is_refused_with_a_response(name: str, payload: str) -> None:
    listener = Listener()
    listener.hear(f"{BASE}/request/{name}", payload)
    assert not listener.commands
    assert not listener.namesakes
    (answer,) = listener.answers()
    assert (answer["status"], listener.sent[0].qos) == ("error", 0)
    assert "surrogate" in answer["error"]


def test_asking_who_is_there_is_answered() -> None:
    listener = Listener()
    listener.hear(f"{BASE}/request/identify", '{"transaction":"a7"}')
    assert listener.answers()[0]["data"] == {"client": OURS}
