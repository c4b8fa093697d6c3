"""Brokers that take less than others: packets of a limited size, no retained messages, QoS 0 only."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from integration.broker import Mosquitto, Witness, eventually
from integration.hub import Hub

MakeHub = Callable[..., Hub]
MakeWitness = Callable[..., Witness]
MakeBroker = Callable[..., Mosquitto]
PROTOCOLS = pytest.mark.parametrize("protocol", ["5", "3.1.1"])
DISCOVERY = "homeassistant/device/emotion_edge_hall/config"


@pytest.fixture
def broker(tmp_path: Path, request: pytest.FixtureRequest) -> MakeBroker:
    """Makes brokers with lines of mosquitto.conf and stops them."""

    def make(*settings: str) -> Mosquitto:
        made = Mosquitto(tmp_path, *settings).start()
        request.addfinalizer(made.stop)
        return made

    return make


@PROTOCOLS
def test_moods_arrive_where_the_discovery_message_is_too_large(
    broker: MakeBroker, hub: MakeHub, witness: MakeWitness, protocol: str, caplog: pytest.LogCaptureFixture
) -> None:
    small = broker("max_packet_size 2000")
    seen = witness(small.port, "emotion-edge/#", "homeassistant/#")
    with caplog.at_level(logging.WARNING):
        one = hub(small.port, protocol=protocol).start()
        one.feel("happy")
        assert seen.wait_for("/state")[-1]["emotion"] == "happy"
        eventually(lambda: any(DISCOVERY in problem for problem in one.publisher.problems()))
    (problem,) = one.publisher.problems()
    assert "is not published: raise its limit (mosquitto: max_packet_size)" in problem
    assert "another client" not in caplog.text
    assert not seen.on("/config")
    if protocol == "3.1.1":
        assert f"was lost (right after {DISCOVERY} with" in caplog.text
    else:
        assert "packets of 2000 bytes at most" in problem
        assert small.log().count("as emotion-edge-hall") == 1


@PROTOCOLS
@pytest.mark.parametrize(
    ("settings", "lost"),
    [
        (["retain_available false"], ["retains nothing"]),
        (["max_qos 0"], ["offers QoS 0 only"]),
        (["retain_available false", "max_qos 0"], ["retains nothing", "offers QoS 0 only"]),
    ],
)
def test_a_broker_without_retained_messages_or_qos_is_used_as_it_is(
    broker: MakeBroker,
    hub: MakeHub,
    witness: MakeWitness,
    protocol: str,
    settings: list[str],
    lost: list[str],
) -> None:
    limited = broker(*settings)
    seen = witness(limited.port, "emotion-edge/#")
    one = hub(limited.port, protocol=protocol).start().wait()
    one.feel("happy")
    assert seen.wait_for("/state")[-1]["emotion"] == "happy"
    problems = one.publisher.problems()
    assert [text for text in lost if not any(text in problem for problem in problems)] == []
    assert len(problems) == len(lost)
    seen.say("emotion-edge/hall/camera/set", "OFF", qos=0)
    eventually(lambda: one.commands)
    assert one.publisher.connected


def test_the_will_is_still_sent_where_it_may_not_be_retained(
    broker: MakeBroker, hub: MakeHub, witness: MakeWitness
) -> None:
    limited = broker("retain_available false")
    seen = witness(limited.port, "emotion-edge/hall/availability")
    hub(limited.port, machine="0000aaaa").start().wait()
    hub(limited.port, machine="0000aaaa", delays=None).start()
    assert "offline" in seen.wait_for("/availability", 2)


def test_a_broker_whose_limits_are_lifted_gets_everything_again(
    broker: MakeBroker, hub: MakeHub, witness: MakeWitness, tmp_path: Path
) -> None:
    small = broker("max_packet_size 2000", "retain_available false")
    one = hub(small.port).start().wait()
    assert len(one.publisher.problems()) == 2
    small.kill()
    eventually(lambda: "no broker" in (one.publisher.status()["trouble"] or ""))
    free = Mosquitto(tmp_path, port=small.port).start()
    try:
        one.wait()
        assert one.publisher.problems() == []
        witness(free.port, DISCOVERY).wait_for("/config")
    finally:
        free.stop()


def test_the_brokers_keep_alive_is_used(broker: MakeBroker, hub: MakeHub) -> None:
    impatient = broker("max_keepalive 10")
    one = hub(impatient.port, keepalive=60, protocol="5").start().wait()
    eventually(
        lambda: "Received PINGREQ from emotion-edge-hall" in impatient.log(),
        within=12.0,
        what="a ping within 10 s",
    )
    assert one.publisher.connected


def test_brackets_of_an_address_are_taken_off(tmp_path: Path, hub: MakeHub) -> None:
    broker = Mosquitto(tmp_path, host="::1").start()
    try:
        hub(broker.port, host="[::1]").start().wait()
    finally:
        broker.stop()
