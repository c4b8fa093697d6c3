"""The publisher on a real mosquitto, in both versions of the protocol: every topic, flag and payload."""

import re
import time
from collections.abc import Callable

import jsonschema
import pytest
import schemas
from integration.broker import AdjustableClock, Mosquitto, Witness, eventually
from integration.hub import Hub, face
from paho.mqtt.enums import MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge.mood.glimpse import Glimpse
from edge.publish.commands import ok

BASE = "emotion-edge/hall"
MakeHub = Callable[..., Hub]
MakeWitness = Callable[..., Witness]

# topic below the base: schema, retained, QoS
CONTRACT = {
    "availability": ("availability", True, 1),
    "state": ("state", True, 1),
    "event": ("event", False, 1),
    "glimpse": ("glimpse", False, 1),
    "face": ("face", False, 0),
    "alert": ("alert", True, 1),
    "health": ("health", True, 0),
    "info": ("info", True, 1),
    "camera": ("switch", True, 1),
    "microphone": ("switch", True, 1),
    "actions": ("switch", True, 1),
    "request/identify": ("request", False, 1),
    "request/scores": ("request", False, 1),
    "response/scores": ("response", False, 1),
}


def speak(one: Hub) -> None:
    """Everything a daemon says."""
    publisher = one.publisher
    publisher.publish_info({"versions": {"python": "3"}, "engines": {}, "fusion": {}})
    for switch in ("camera", "microphone", "actions"):
        publisher.set_switch(switch, True)
    publisher.publish_alert(None)
    publisher.publish_health({"status": "ok", "problems": [], "uptime_s": 12, "face": {"latency_ms": 7.4}})
    one.feel("happy")
    publisher.room().publish_reading(face(), backend="onnx")
    publisher.room().publish_glimpse(Glimpse("surprise", 0.7, "face", 1.0))


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_every_topic_has_its_flags_and_fits_its_schema(
    mosquitto: Mosquitto, hub: MakeHub, witness: MakeWitness, protocol: str
) -> None:
    seen = witness(mosquitto.port, "emotion-edge/#")
    one = hub(mosquitto.port, protocol=protocol, readings=True).start().wait()
    assert one.publisher.status()["protocol"] == protocol
    speak(one)
    seen.say(f"{BASE}/request/scores", '{"transaction":"a7"}')
    eventually(lambda: one.commands)
    one.commands[0].respond(ok(happy=0.9))
    seen.wait_for("response/scores")
    seen.wait_for("/face")
    found = {message.topic.removeprefix(BASE + "/"): message for message in seen.messages}
    assert set(found) == set(CONTRACT)
    for topic, (name, retain, qos) in CONTRACT.items():
        message = found[topic]
        assert (topic, message.retain, message.qos) == (topic, retain, qos)
        for payload in seen.payloads(f"{BASE}/{topic}"):
            jsonschema.validate(payload, schemas.load(name))
    assert seen.payloads("response/scores")[0]["transaction"] == "a7"


def test_mqtt_5_carries_expiry_content_type_and_user_properties(
    mosquitto: Mosquitto, hub: MakeHub, witness: MakeWitness
) -> None:
    seen = witness(mosquitto.port, f"{BASE}/#")
    speak(hub(mosquitto.port).start().wait())
    seen.wait_for("/event")
    state, event, camera = (
        vars(seen.on(f"{BASE}/{name}")[0].properties) for name in ("state", "event", "camera")
    )
    assert 170 <= state["MessageExpiryInterval"] <= 180
    assert event["MessageExpiryInterval"] <= 5
    assert (state["ContentType"], camera["ContentType"]) == ("application/json", "text/plain")
    assert dict(state["UserProperty"]) == {"schema": "1", "device": "hall"}


def test_late_subscribers_see_what_is_retained_and_never_an_event(
    mosquitto: Mosquitto, hub: MakeHub, witness: MakeWitness
) -> None:
    early = witness(mosquitto.port, f"{BASE}/#")
    speak(hub(mosquitto.port, readings=True).start().wait())
    early.wait_for("/face")
    late = witness(mosquitto.port, "emotion-edge/#", "homeassistant/#")
    late.wait_for("/config")
    late.wait_for("/state")
    topics = {message.topic.removeprefix(BASE + "/") for message in late.messages}
    assert topics == {
        "availability",
        "state",
        "health",
        "info",
        "alert",
        "camera",
        "microphone",
        "actions",
        "homeassistant/device/emotion_edge_hall/config",
    }


def test_a_state_that_is_not_repeated_expires(
    mosquitto: Mosquitto, hub: MakeHub, witness: MakeWitness
) -> None:
    one = hub(mosquitto.port, expiry=2, heartbeat=1).start().wait()
    one.feel("sad")
    assert witness(mosquitto.port, f"{BASE}/state").wait_for("/state")[0]["emotion"] == "sad"
    eventually(lambda: not retained_states(mosquitto.port), what="the broker forgets the state")


def retained_states(port: int) -> list[object]:
    """What a client that comes now is told of the state."""
    with Witness(port, f"{BASE}/state", f"{BASE}/availability") as late:
        late.wait_for("/availability")
        late.settle()
        return late.payloads("/state")


def test_the_heartbeat_repeats_the_state_with_a_time_of_its_own(
    mosquitto: Mosquitto, hub: MakeHub, witness: MakeWitness
) -> None:
    seen = witness(mosquitto.port, f"{BASE}/state")
    clock = AdjustableClock()
    one = hub(mosquitto.port, heartbeat=60, monotonic=clock, wall=clock).start().wait()
    one.feel("sad")
    for count in (1, 2, 3):
        seen.wait_for("/state", count)
        one.publisher.tick()
        clock.ahead += 61.0
        one.publisher.tick()
    states = seen.payloads("/state")
    assert len(states) >= 3
    assert all({**state, "ts": None} == {**states[0], "ts": None} for state in states)
    assert len({state["ts"] for state in states}) == len(states)


def test_raw_readings_are_opt_in_and_half_a_second_apart(
    mosquitto: Mosquitto, hub: MakeHub, witness: MakeWitness
) -> None:
    seen = witness(mosquitto.port, "emotion-edge/+/face")
    began = time.monotonic()
    clock = AdjustableClock()
    quiet, loud = (
        hub(mosquitto.port, name, machine=name, readings=name == "loud", monotonic=clock).start().wait()
        for name in ("quiet", "loud")
    )
    for _ in range(50):
        for one in (quiet, loud):
            one.publisher.room().publish_reading(face(), backend="onnx")
            one.publisher.tick()
        clock.ahead += 0.03
    seen.wait_for("loud/face", 3)
    seen.settle()
    assert 3 <= len(seen.on("loud/face")) <= 1 + (time.monotonic() - began + clock.ahead) / 0.5
    assert not seen.on("quiet/face")


def test_none_is_a_state_and_no_event(mosquitto: Mosquitto, hub: MakeHub, witness: MakeWitness) -> None:
    seen = witness(mosquitto.port, f"{BASE}/#")
    one = hub(mosquitto.port).start().wait()
    one.feel("none", previous="happy", faces=0)
    assert seen.wait_for("/state")[0]["emotion"] == "none"
    one.feel("happy", previous="none")
    assert [event["event_type"] for event in seen.wait_for("/event")] == ["happy"]


def test_a_clean_stop_says_offline_and_sends_no_will(
    mosquitto: Mosquitto, hub: MakeHub, witness: MakeWitness
) -> None:
    seen = witness(mosquitto.port, f"{BASE}/availability")
    one = hub(mosquitto.port).start().wait()
    seen.wait_for("/availability")
    assert one.publisher.stop()
    eventually(lambda: "Client emotion-edge-hall-0000aaaa disconnected" in mosquitto.log())
    seen.settle()
    assert seen.payloads("/availability") == ["online", "offline"]


def test_commands_arrive_and_retained_ones_do_not(
    mosquitto: Mosquitto, hub: MakeHub, witness: MakeWitness
) -> None:
    remote = witness(mosquitto.port)
    remote.say(f"{BASE}/camera/set", "OFF", retain=True)
    remote.say(f"{BASE}/request/restart", "{}", retain=True)
    one = hub(mosquitto.port).start().wait()
    remote.say(f"{BASE}/microphone/set", "OFF")
    remote.say(f"{BASE}/actions/set", "ON")
    eventually(lambda: len(one.commands) == 2)
    assert [(command.kind, command.name, command.on) for command in one.commands] == [
        ("set", "microphone", False),
        ("set", "actions", True),
    ]


def test_the_daemon_listens_to_nothing_but_what_it_is_asked(mosquitto: Mosquitto, hub: MakeHub) -> None:
    hub(mosquitto.port).start().wait()
    eventually(lambda: "Received SUBSCRIBE" in mosquitto.log())
    subscribed = re.findall(r"^\S+ \t(\S+) \(QoS (\d)\)$", mosquitto.log(), re.MULTILINE)
    switches = [(f"{BASE}/{name}/set", "1") for name in ("camera", "microphone", "actions")]
    beside = [
        (f"{BASE}/settings/set", "1"),
        (f"{BASE}/alert/ack", "1"),
        (f"{BASE}/unstored", "1"),
        (f"{BASE}/request/+", "0"),
        ("homeassistant/status", "1"),
    ]
    assert subscribed == [*switches, *beside]


def test_requests_of_mqtt_5_are_answered_where_they_ask(
    mosquitto: Mosquitto, hub: MakeHub, witness: MakeWitness
) -> None:
    seen = witness(mosquitto.port, "apps/#", f"{BASE}/response/#")
    one = hub(mosquitto.port).start().wait()
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.ResponseTopic = "apps/me"
    properties.CorrelationData = b"42"
    seen.say(f"{BASE}/request/doctor", "{}", properties=properties)
    eventually(lambda: one.commands)
    one.commands[0].respond(ok(ok=True))
    seen.wait_for("apps/me")
    assert vars(seen.messages[0].properties)["CorrelationData"] == b"42"
    assert not seen.on("/doctor")


def test_home_assistants_birth_brings_everything_again(
    mosquitto: Mosquitto, hub: MakeHub, witness: MakeWitness
) -> None:
    seen = witness(mosquitto.port, f"{BASE}/#", "homeassistant/#", version=MQTTProtocolVersion.MQTTv5)
    one = hub(mosquitto.port).start().wait()
    one.feel("sad")
    seen.wait_for("/state")
    seen.messages.clear()
    seen.say("homeassistant/status", "online")
    seen.wait_for("/config", within=4.0)
    seen.wait_for("/state")
    seen.wait_for("/availability")
    assert not seen.on("/event")


def test_another_prefix_moves_all_topics(mosquitto: Mosquitto, hub: MakeHub, witness: MakeWitness) -> None:
    seen = witness(mosquitto.port, "#")
    one = hub(mosquitto.port, prefix="moods").start().wait()
    one.feel("sad")
    seen.wait_for("moods/hall/state")
    assert {message.topic.split("/")[0] for message in seen.messages} == {"moods", "homeassistant"}
    assert seen.on("moods_hall/config")
