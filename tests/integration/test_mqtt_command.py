"""`emotion-edge mqtt` against a real broker."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from integration.broker import Mosquitto, Witness, free_port
from integration.hub import Hub

from edge.commands.main import main

MakeHub = Callable[..., Hub]
MakeWitness = Callable[..., Witness]


@pytest.fixture
def config(mosquitto: Mosquitto, tmp_path: Path) -> Path:
    """A configuration for the device hall on the broker."""
    file = tmp_path / "config.yaml"
    file.write_text(f"device:\n  id: hall\nmqtt:\n  host: 127.0.0.1\n  port: {mosquitto.port}\n")
    return file


def test_watch_prints_what_is_published(
    mosquitto: Mosquitto, hub: MakeHub, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = hub(mosquitto.port).start().wait()
    one.feel("happy")
    assert main(["mqtt", "watch", "--config", str(config), "--json", "--count", "2"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["topic"] for line in lines} == {"emotion-edge/hall/availability", "emotion-edge/hall/state"}
    assert all(line["retain"] for line in lines)
    assert main(["mqtt", "watch", "--config", str(config), "--device", "attic", "--duration", "0.2"]) == 0
    assert capsys.readouterr().out == ""


def test_watch_lets_no_message_steer_the_terminal(
    mosquitto: Mosquitto, witness: MakeWitness, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    witness(mosquitto.port).say("emotion-edge/hall/note", "a\x1b[2Jb\nc", retain=True)
    assert main(["mqtt", "watch", "--config", str(config), "--count", "1"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.endswith("emotion-edge/hall/note (retained)  a\N{REPLACEMENT CHARACTER}[2Jb c")


def test_remove_discovery_clears_the_device_message(
    mosquitto: Mosquitto,
    hub: MakeHub,
    witness: MakeWitness,
    config: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    one = hub(mosquitto.port).start().wait()
    one.feel("happy")
    one.stop()
    assert main(["mqtt", "remove-discovery", "--config", str(config), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["cleared"] == ["homeassistant/device/emotion_edge_hall/config"]
    late = witness(mosquitto.port, "homeassistant/#", "emotion-edge/hall/state")
    late.wait_for("/state")
    assert not late.on("/config")


def test_remove_everything_leaves_nothing_retained(
    mosquitto: Mosquitto, hub: MakeHub, witness: MakeWitness, config: Path
) -> None:
    one = hub(mosquitto.port).start().wait()
    one.publisher.publish_info({})
    one.publisher.set_switch("camera", True)
    one.publisher.publish_health({"status": "ok"})
    one.feel("happy")
    one.stop()
    assert main(["mqtt", "remove-discovery", "--config", str(config), "--everything"]) == 0
    late = witness(mosquitto.port, "homeassistant/#", "emotion-edge/#")
    late.say("emotion-edge/end", "now")
    late.wait_for("/end")
    assert [message.topic for message in late.messages] == ["emotion-edge/end"]


def test_an_absent_broker_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    port = free_port()
    file = tmp_path / "config.yaml"
    file.write_text(f"mqtt:\n  host: 127.0.0.1\n  port: {port}\n")
    assert main(["mqtt", "watch", "--config", str(file)]) == 1
    error = capsys.readouterr().err
    assert f"no broker at 127.0.0.1:{port} (Connection refused)" in error
    assert len(error.splitlines()) == 1
