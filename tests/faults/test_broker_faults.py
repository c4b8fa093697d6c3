"""Brokers that die, freeze, refuse, deny and are flooded."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from faults.site import BASE, DEVICE, Site
from integration.broker import Mosquitto, Witness, eventually

from edge.publish.mqtt.client_id import client_id

Outcome = Callable[..., None]


def reconfigured(site: Site, *settings: str, anonymous: bool = True) -> None:
    """Another broker on the same port."""
    site.broker.stop()
    site.broker = Mosquitto(site.folder, *settings, port=site.broker.port, anonymous=anonymous).start()


@pytest.mark.quick_fault
def test_broker_killed_and_back(site: Site, outcome: Outcome) -> None:
    site.broker.kill()
    health = site.log_says("no broker")
    site.broker.start()
    seconds = site.online()
    outcome(lost="readings of the outage; the newest state is sent", health=f"log: {health}", seconds=seconds)


def test_broker_stopped_and_back(site: Site, outcome: Outcome) -> None:
    site.broker.stop()
    site.log_says("broker")
    site.broker.start()
    outcome(lost="readings of the outage", health="log: no broker", seconds=site.online())


def test_broker_killed_five_times_in_a_row(site: Site, outcome: Outcome) -> None:
    for _ in range(5):
        site.broker.kill()
        site.broker.start()
        site.online()
    begin = time.monotonic()
    site.healthy()
    outcome(lost="readings of the outages", health="ok; reconnects counted", since=begin)


def test_broker_frozen_for_8_s(site: Site, outcome: Outcome) -> None:
    with site.frozen(site.broker.pid):
        time.sleep(8)
    begin = time.monotonic()
    site.flows("/face")
    outcome(lost="readings while it stood still", health="log: the broker does not answer", since=begin)


def test_switch_while_the_broker_is_away(site: Site, outcome: Outcome) -> None:
    site.broker.kill()
    assert site.ask("privacy", what="on", things=["camera"])["camera"] is False
    site.broker.start()
    begin = time.monotonic()
    site.online()
    eventually(lambda: site.seen.payloads(f"{BASE}/camera")[-1:] == ["OFF"], what="the broker keeps OFF")
    took = time.monotonic() - begin
    site.ask("privacy", what="off", things=["camera"])
    outcome(
        lost="nothing: the broker keeps OFF afterwards", health="the camera is closed at once", seconds=took
    )


def test_broker_that_demands_a_password_for_a_while(site: Site, outcome: Outcome) -> None:
    passwords = site.folder / "passwords"
    passwords.touch(mode=0o600)
    subprocess.run(["mosquitto_passwd", "-b", str(passwords), "boss", "secret"], check=True)
    reconfigured(site, f"password_file {passwords}", anonymous=False)
    health = site.log_says("refused")
    reconfigured(site)
    outcome(lost="readings of the outage", health=f"log: {health}", seconds=site.online(within=60))


def test_access_list_that_denies_writing(site: Site, outcome: Outcome) -> None:
    access = site.folder / "access"
    access.write_text("topic read #\n")
    access.chmod(0o600)
    reconfigured(site, f"acl_file {access}")
    site.log_says("denies", within=30)
    reconfigured(site)
    begin = time.monotonic()
    site.online(within=60)
    site.healthy()
    outcome(
        lost="what was published meanwhile", health="log: denies a publication, with the remedy", since=begin
    )


def test_access_list_that_denies_reading_commands(site: Site, outcome: Outcome) -> None:
    access = site.folder / "access"
    access.write_text("topic write #\n")
    access.chmod(0o600)
    reconfigured(site, f"acl_file {access}")
    site.log_says("denies", within=30)
    reconfigured(site)
    seconds = site.online(within=60)
    outcome(lost="commands meanwhile", health="log: denies a subscription", seconds=seconds)


def test_broker_with_a_small_packet_limit(site: Site, outcome: Outcome) -> None:
    reconfigured(site, "max_packet_size 900")
    site.online(within=60)
    health = site.health_says("bytes at most", within=30)
    reconfigured(site)
    begin = time.monotonic()
    site.online(within=60)
    site.healthy()
    outcome(lost="the discovery, which is too large", health=health, since=begin)


def test_something_else_than_a_broker_on_the_port(site: Site, outcome: Outcome) -> None:
    port = site.broker.port
    site.broker.kill()
    server = subprocess.Popen(
        ["python3", "-m", "http.server", str(port), "--bind", "127.0.0.1"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=site.folder,
    )
    site.log_says("broker", within=30)
    time.sleep(2)
    server.kill()
    server.wait()
    site.broker.start()
    outcome(lost="readings of the outage", health="log names host and port", seconds=site.online(within=60))


def test_another_client_with_the_same_client_id(site: Site, outcome: Outcome) -> None:
    """Not every broker says why it cuts: after three cuts the name is left to the other."""
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

    from edge.publish.mqtt.client_id import machine_digest

    name = client_id(DEVICE, machine_digest())
    twin = Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=MQTTProtocolVersion.MQTTv5)
    twin.reconnect_delay_set(1, 1)
    twin.connect("127.0.0.1", site.broker.port)
    twin.loop_start()
    begin = time.monotonic()
    said = site.log_says("give each device its own device.id", within=40)
    site.online(within=60)
    took = time.monotonic() - begin
    twin.disconnect()
    twin.loop_stop()
    outcome(lost="readings while thrown out", health=f"log: {said[:160]}", seconds=took)


def test_another_machine_with_the_same_device_id(site: Site, outcome: Outcome) -> None:
    site.seen.say(f"{BASE}/request/identify", json.dumps({"client": "emotion-edge-site-ffffffff"}))
    health = site.health_says("also publishes as device")
    begin = time.monotonic()
    site.healthy(within=120)
    outcome(lost="nothing", health=health, since=begin)


@pytest.mark.parametrize(
    "payload",
    [
        '{"transaction":"\\ud800"}',
        "not JSON",
        "[" * 4000,
        "{" + '"a":1,' * 2000 + '"b":2}',
        '{"transaction":7}',
    ],
    ids=["half a character", "no JSON", "deep", "too long", "wrong kind"],
)
def test_request_with_bad_payload(site: Site, outcome: Outcome, payload: str) -> None:
    connections = site.broker.log().count("New client connected")
    before = site.count("/response/scores")
    begin = time.monotonic()
    site.seen.say(f"{BASE}/request/scores", payload)
    eventually(lambda: site.count("/response/scores") > before, what=f"an answer\n{site.tail()}")
    answer = site.seen.payloads("/response/scores")[-1]
    assert answer["status"] == "error", answer
    assert site.broker.log().count("New client connected") == connections, "the session was cut"
    outcome(lost="nothing", health=f"answered: {answer['error'][:80]}", since=begin)


def test_unknown_and_retained_commands(site: Site, outcome: Outcome) -> None:
    begin = time.monotonic()
    site.seen.say(f"{BASE}/camera/set", "OFF", retain=True)
    site.seen.say(f"{BASE}/toaster/set", "ON")
    site.seen.say(f"{BASE}/camera/set", "MAYBE")
    site.seen.say(f"{BASE}/camera/set", "", retain=True)
    site.seen.settle()
    # To those who are there already a retained message comes as a new one: that is a command like any other.
    site.switch("camera", "ON")
    site.flows("/face")
    outcome(lost="nothing", health="log: unknown switch, ON or OFF", since=begin)


def test_flood_of_requests(site: Site, outcome: Outcome) -> None:
    with Witness(site.broker.port) as flood:
        for number in range(5_000):
            flood.client.publish(f"{BASE}/request/scores", json.dumps({"transaction": str(number)}), 0)
        began = time.monotonic()
        assert site.ask("privacy", what="on", things=["camera"])["camera"] is False
        obeyed = time.monotonic() - began
        site.ask("privacy", what="off", things=["camera"])
        assert obeyed < 5.0
    seconds = site.switch("microphone", "OFF", within=20)
    site.switch("microphone", "ON")
    outcome(
        lost="requests beyond the limit, refused or shed",
        health=f"a switch by the control socket took {obeyed:.1f} s meanwhile",
        seconds=seconds,
    )


def test_home_assistant_forgets_and_starts_again(site: Site, outcome: Outcome) -> None:
    site.seen.say(f"homeassistant/device/emotion_edge_{DEVICE}/config", "", retain=True)
    before = site.count("/config")
    begin = time.monotonic()
    site.seen.say("homeassistant/status", "online")
    eventually(lambda: site.count("/config") > before and site.seen.payloads("/config")[-1], within=20)
    outcome(lost="nothing", health="ok", since=begin)


def test_retained_state_cleared_by_somebody(site: Site, outcome: Outcome) -> None:
    site.seen.say(f"{BASE}/state", "", retain=True)
    begin = time.monotonic()
    site.seen.say("homeassistant/status", "online")
    eventually(lambda: site.seen.payloads(f"{BASE}/state")[-1], within=70, what="the state is there again")
    outcome(lost="nothing", health="ok", since=begin)


def test_broker_that_is_not_there_at_the_start(tmp_path: Path, outcome: Outcome) -> None:
    one = Site(tmp_path)
    try:
        one.daemon.start(one.environment).ready()
        health = one.log_says("no broker")
        one.broker.start()
        seconds = one.online()
        one.flows("/face")
    finally:
        one.close()
    outcome(lost="readings before", health=f"log: {health}", seconds=seconds)
