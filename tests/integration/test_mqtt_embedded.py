"""The broker of the demonstration, and the fallback to MQTT 3.1.1 that it needs."""

import socket
import threading
from collections.abc import Callable

import pytest
from integration.broker import Witness, free_port
from integration.hub import Hub
from paho.mqtt.enums import MQTTProtocolVersion

from edge.errors import EdgeError
from edge.publish.mqtt.embedded import EmbeddedBroker

pytest.importorskip("amqtt", reason="amqtt is not installed: pip install 'emotion-edge[demo]'")


@pytest.mark.parametrize("protocol", ["auto", EmbeddedBroker.protocol])
def test_the_daemon_speaks_to_it(
    hub: Callable[..., Hub], witness: Callable[..., Witness], protocol: str
) -> None:
    with EmbeddedBroker(port=free_port()) as broker:
        seen = witness(broker.port, "emotion-edge/#", version=MQTTProtocolVersion.MQTTv311)
        one = hub(broker.port, protocol=protocol).start().wait()
        assert one.publisher.status()["protocol"] == "3.1.1"
        one.feel("happy")
        assert seen.wait_for("/state")[0]["emotion"] == "happy"
        one.stop()
        assert seen.wait_for("/availability", 2) == ["online", "offline"]
        seen.close()


def test_a_given_port_is_used_or_refused_by_name() -> None:
    port = free_port()
    with EmbeddedBroker(port=port) as broker:
        assert broker.port == port
        with pytest.raises(EdgeError, match=f"no embedded broker on 127.0.0.1:{port}: .*in use"):
            EmbeddedBroker(port=port).start()


def test_without_a_port_a_free_one_is_found() -> None:
    with EmbeddedBroker() as first, EmbeddedBroker() as second:
        assert first.port != second.port
        for broker in (first, second):
            socket.create_connection((broker.host, broker.port), 1).close()


def test_its_thread_ends_with_it_even_with_clients(witness: Callable[..., Witness]) -> None:
    before = set(threading.enumerate())
    broker = EmbeddedBroker(port=free_port()).start()
    seen = witness(broker.port, "#", version=MQTTProtocolVersion.MQTTv311)
    broker.stop()
    seen.close()
    assert not {thread for thread in set(threading.enumerate()) - before if thread.name == "broker"}
