from __future__ import annotations

import json
import random

import pytest
from integration.broker import Mosquitto

from benchmarks.fleet.__main__ import main
from benchmarks.fleet.virtual_hub import Behaviour, VirtualHub
from edge.publish.mqtt.message import Message


def hub(number: int = 21, changes: float = 60.0) -> VirtualHub:
    return VirtualHub(number, Behaviour(changes=changes), random.Random(1))


def test_a_hub_is_named_by_site_and_room() -> None:
    device = hub().device
    assert (device.id, device.site, device.room) == ("site01-room1-000021", "site01", "room1")
    assert len({VirtualHub(n, Behaviour(), random.Random(n)).device.id for n in range(2000)}) == 2000


def test_a_hub_announces_itself_like_a_daemon() -> None:
    topics = [message.topic.removeprefix(hub().topics.base) for message in hub().birth_messages(0.0, 0.0)]
    assert topics == ["/availability", hub().topics.discovery, "/camera", "/microphone", "/actions", "/state"]


def test_a_hub_changes_its_mood_as_often_as_it_is_told_and_beats_once_a_minute() -> None:
    lively, said = hub(changes=6.0), list[Message]()
    list(lively.birth_messages(0.0, 0.0))
    now = 0.0
    while now < 3600:
        now = lively.next_at
        said += lively.due_messages(now, now)
    kinds = [message.topic.rsplit("/", 1)[-1] for message in said]
    assert 300 < kinds.count("event") < 420
    assert 59 <= kinds.count("health") <= 61
    assert kinds.count("state") == kinds.count("event") + kinds.count("health")
    assert not any(message.retain for message in said if message.topic.endswith("/event"))


def test_a_small_fleet_loses_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    broker = Mosquitto(tmp_path_factory.mktemp("fleet"), "max_queued_messages 0").start()
    arguments = ["--hubs", "20", "--seconds", "2", "--changes", "120"]
    try:
        code = main([*arguments, "--broker", f"127.0.0.1:{broker.port}", "--json"])
    finally:
        broker.stop()
    report = json.loads(capsys.readouterr().out)
    assert code == 0, report
    assert (report["connected"], report["lost"], report["lost_connections"]) == (20, 0, 0)
    assert report["sent"] == report["received"] > 40
    assert 0.0 < report["latency_ms"]["p50"] <= report["latency_ms"]["p99"] <= report["latency_ms"]["max"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--hubs", "0"], "greater than zero"), (["--broker", "nowhere"], "--broker is HOST:PORT")],
)
def test_a_wrong_option_is_named(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main(arguments) == 1
    assert message in capsys.readouterr().err
