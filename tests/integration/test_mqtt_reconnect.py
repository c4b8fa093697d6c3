"""Brokers that are absent, die and come back; daemons that die."""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from integration.broker import AdjustableClock, Mosquitto, Witness, eventually, free_port
from integration.hub import Hub

from edge.publish.mqtt.disconnect import ReconnectDelays
from edge.publish.room_publisher import EVENT_LIFETIME

BASE = "emotion-edge/hall"
RECONNECTED_WITHIN = 15.0
MakeHub = Callable[..., Hub]
MakeWitness = Callable[..., Witness]


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_after_a_restart_of_the_broker_only_the_newest_is_sent(
    mosquitto: Mosquitto, hub: MakeHub, witness: MakeWitness, protocol: str
) -> None:
    clock = AdjustableClock()
    one = hub(mosquitto.port, protocol=protocol, delays=ReconnectDelays(), monotonic=clock).start().wait()
    one.publisher.set_switch("camera", True)
    before = witness(mosquitto.port, f"{BASE}/event")
    one.feel("happy")
    before.wait_for("/event")
    before.say(f"{BASE}/actions/set", "ON")
    eventually(lambda: one.commands, what="what the broker said before, an acknowledgement too, is read")
    mosquitto.kill()
    eventually(lambda: not one.publisher.connected)
    one.feel("sad", previous="happy")
    clock.ahead += EVENT_LIFETIME + 0.5
    one.feel("angry", previous="sad")
    one.publisher.set_switch("camera", False)
    mosquitto.start()
    seen = witness(mosquitto.port, "emotion-edge/#", "homeassistant/#")
    assert seen.wait_for("/state", within=RECONNECTED_WITHIN)[-1]["emotion"] == "angry"
    seen.wait_for("/availability")
    seen.wait_for("/event")
    seen.settle()
    assert {state["emotion"] for state in seen.payloads("/state")} == {"angry"}
    assert [event["event_type"] for event in seen.payloads("/event")] == ["angry"]
    assert set(seen.payloads(f"{BASE}/camera")) == {"OFF"}
    assert seen.payloads("/availability")[-1] == "online"
    assert seen.on("/config")
    assert one.publisher.reconnects == 1
    assert one.publisher.status()["dropped_events"] == 1


def test_nothing_waits_for_a_broker_that_is_not_there(
    hub: MakeHub, witness: MakeWitness, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port()
    with caplog.at_level(logging.WARNING):
        one = hub(port).start()
        for emotion in ("happy", "sad", "angry") * 100:
            one.feel(emotion)
        eventually(lambda: "no broker" in caplog.text)
    assert f"127.0.0.1:{port}" in caplog.text
    assert caplog.text.count("no broker") == 1
    trouble = one.publisher.status()["trouble"]
    assert trouble and "mqtt.host" in trouble
    broker = Mosquitto(tmp_path, port=port).start()
    try:
        one.wait()
        assert witness(port, f"{BASE}/state").wait_for("/state")[0]["emotion"] == "angry"
        assert one.publisher.status()["trouble"] is None
    finally:
        broker.stop()


def test_stopping_without_a_broker_takes_no_time(hub: MakeHub) -> None:
    one = hub(free_port()).start()
    eventually(lambda: one.publisher.status()["trouble"])
    assert one.publisher.stop()


def test_a_broker_that_never_answers_is_left_and_stopping_is_still_quick(hub: MakeHub) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        one = hub(silent.getsockname()[1], protocol="5").start()
        silent.settimeout(10)
        connection, _ = silent.accept()
        assert connection.recv(1) == b"\x10"  # CONNECT
        assert not one.publisher.connected
        assert one.publisher.stop()
        connection.close()


def test_a_frozen_broker_does_not_hold_the_daemon_back(mosquitto: Mosquitto, hub: MakeHub) -> None:
    one = hub(mosquitto.port).start().wait()
    os.kill(mosquitto.pid, signal.SIGSTOP)
    try:
        for number in range(1500):
            one.feel("happy" if number % 2 else "sad")
        assert one.publisher.stop(timeout=0.5)
    finally:
        os.kill(mosquitto.pid, signal.SIGCONT)


def test_a_killed_daemon_is_reported_by_its_will(mosquitto: Mosquitto, witness: MakeWitness) -> None:
    seen = witness(mosquitto.port, f"{BASE}/availability")
    program = (
        "import sys, time; sys.path.insert(0, 'tests'); from integration.hub import Hub;"
        f"Hub({mosquitto.port}).start().wait(); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", program], cwd=Path(__file__).parents[2])
    try:
        assert seen.wait_for("/availability")[-1] == "online"
    finally:
        process.kill()
        process.wait()
    assert seen.wait_for("/availability", 2) == ["online", "offline"]
    assert seen.messages[-1].retain


def test_no_thread_is_left_behind(mosquitto: Mosquitto, hub: MakeHub) -> None:
    before = set(threading.enumerate())
    one = hub(mosquitto.port).start().wait()
    mosquitto.kill()
    eventually(lambda: not one.publisher.connected)
    mosquitto.start()
    one.wait()
    one.stop()
    assert set(threading.enumerate()) <= before


def test_the_hand_over_takes_little_of_the_caller(mosquitto: Mosquitto, hub: MakeHub) -> None:
    one = hub(mosquitto.port).start().wait()
    took = []
    for number in range(200):
        started = time.thread_time()
        one.feel("happy" if number % 2 else "sad")
        took.append(time.thread_time() - started)
    assert sorted(took)[100] < 0.005
