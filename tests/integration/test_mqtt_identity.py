"""Many daemons on one broker, and two that claim one name."""

import logging
import time
from collections.abc import Callable

import pytest
from integration.broker import Mosquitto, Witness, eventually
from integration.hub import Hub

MakeHub = Callable[..., Hub]
MakeWitness = Callable[..., Witness]


def test_several_daemons_never_collide(mosquitto: Mosquitto, hub: MakeHub, witness: MakeWitness) -> None:
    seen = witness(mosquitto.port, "emotion-edge/#", "homeassistant/#")
    rooms = ("hall", "attic", "kitchen", "hall-2")
    hubs = [hub(mosquitto.port, room).start() for room in rooms]
    hubs.append(hub(mosquitto.port, "hall", prefix="upstairs", machine="0000bbbb").start())
    for one in hubs:
        one.wait().feel("happy")
    seen.wait_for("/state", len(rooms))
    seen.wait_for("/config", len(hubs))
    seen.settle()
    assert all(one.publisher.connected and not one.publisher.problems() for one in hubs)
    assert len({message.topic for message in seen.on("/config")}) == len(hubs)
    seen.say("emotion-edge/attic/camera/set", "OFF")
    eventually(lambda: hubs[1].commands)
    assert [len(one.commands) for one in hubs] == [0, 1, 0, 0, 0]


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_two_machines_with_one_device_id_name_each_other(
    mosquitto: Mosquitto, hub: MakeHub, caplog: pytest.LogCaptureFixture, protocol: str
) -> None:
    with caplog.at_level(logging.WARNING):
        first = hub(mosquitto.port, machine="0000aaaa", protocol=protocol).start().wait()
        second = hub(mosquitto.port, machine="0000bbbb", protocol=protocol).start().wait()
        eventually(lambda: first.publisher.problems() and second.publisher.problems())
    assert "emotion-edge-hall-0000bbbb also publishes as device 'hall'" in first.publisher.problems()[0]
    assert "emotion-edge-hall-0000aaaa also publishes as device 'hall'" in second.publisher.problems()[0]
    assert "give each device its own device.id" in caplog.text
    assert first.publisher.connected
    assert second.publisher.connected
    assert not first.commands


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_two_with_one_client_id_are_noticed_and_calm_down(
    mosquitto: Mosquitto, hub: MakeHub, protocol: str
) -> None:
    twins = [hub(mosquitto.port, protocol=protocol).start() for _ in range(2)]
    eventually(
        lambda: any(
            "another client connects as emotion-edge-hall-0000aaaa" in problem
            for twin in twins
            for problem in twin.publisher.problems()
        ),
        within=15.0,
        what=str([twin.publisher.status() for twin in twins]),
    )
    before, began = mosquitto.log().count("New connection from"), time.monotonic()
    time.sleep(2.0)
    seconds = time.monotonic() - began
    assert mosquitto.log().count("New connection from") - before <= 6 * seconds


def test_health_tells_of_the_conflict(mosquitto: Mosquitto, hub: MakeHub, witness: MakeWitness) -> None:
    seen = witness(mosquitto.port, "emotion-edge/hall/health")
    first = hub(mosquitto.port, machine="0000aaaa").start().wait()
    first.publisher.publish_health({"status": "ok", "problems": [], "uptime_s": 1})
    hub(mosquitto.port, machine="0000bbbb").start().wait()
    eventually(first.publisher.problems)
    first.publisher.publish_health({"status": "ok", "problems": [], "uptime_s": 2})
    assert [health["status"] for health in seen.wait_for("/health", 2)] == ["ok", "degraded"]
    first.publisher.publish_health({"status": "ok", "problems": [], "uptime_s": 3})
    seen.settle()
    assert len(seen.on("/health")) == 2
