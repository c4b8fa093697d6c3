import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge.publish.mqtt.limits import Limits, losses, stated
from edge.publish.mqtt.message import Message, packet_size

STATE = Message("a/state", b"x" * 100, retain=True)


def connack(**values: int) -> Properties:
    properties = Properties(PacketTypes.CONNACK)  # type: ignore[no-untyped-call]
    for name, value in values.items():
        setattr(properties, name, value)
    return properties


def test_a_connack_that_states_nothing_limits_nothing() -> None:
    assert stated(connack()) == stated(None) == Limits()


def test_what_a_connack_states_is_taken_over() -> None:
    found = stated(connack(MaximumPacketSize=2000, RetainAvailable=0, MaximumQoS=0))
    assert found == Limits(packet=2000, retain=False, qos=0)
    assert stated(connack(MaximumQoS=1)).qos == 1


def test_a_message_keeps_what_the_broker_allows() -> None:
    assert Limits().apply(STATE) is STATE
    assert not Limits(retain=False).apply(STATE).retain
    assert Limits(qos=0).apply(STATE).qos == 0
    assert Limits(retain=False).apply(STATE).qos == 1


@pytest.mark.parametrize(("length", "header"), [(10, 2), (200, 3), (20_000, 4)])
def test_the_size_is_that_of_the_whole_packet(length: int, header: int) -> None:
    message = Message("a/b", b"x" * length)
    assert packet_size(message, modern=False) == header + 2 + 3 + 2 + length
    assert packet_size(message, modern=True) > packet_size(message, modern=False)


def test_only_what_is_too_large_is_left_out() -> None:
    size = packet_size(STATE, modern=False)
    assert Limits(size).excess(STATE, modern=False) is None
    assert Limits(size - 1).excess(STATE, modern=False) == size


def test_the_stricter_of_two_limits_counts() -> None:
    assert Limits(100, retain=False).both(Limits(50, qos=0)) == Limits(50, retain=False, qos=0)
    assert Limits().both(Limits(7)) == Limits(7)


def test_losses_are_named_with_their_remedy() -> None:
    assert losses(Limits(), {}, "hub:1883") == []
    found = losses(Limits(2000, retain=False, qos=0), {"ha/config": 6123}, "hub:1883")
    assert [text.split("mosquitto: ")[1].rstrip(")") for text in found] == [
        "retain_available true",
        "max_qos 2",
        "max_packet_size",
    ]
    assert "ha/config (6123 bytes)" in found[2]
