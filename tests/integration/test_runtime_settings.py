"""Settings of a running daemon: over MQTT, by its command, over restarts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import schemas
from integration.broker import Mosquitto, Witness, eventually, free_port
from integration.process import DaemonProcess

from edge.samples import sample_clip

BASE = "emotion-edge/attic"
SETTINGS = f"{BASE}/settings"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    mosquitto = Mosquitto(tmp_path).start()
    yield mosquitto
    mosquitto.stop()


@pytest.fixture
def daemon(tmp_path: Path, broker: Mosquitto) -> Iterator[DaemonProcess]:
    clip = sample_clip()
    process = DaemonProcess(
        tmp_path,
        {
            "device__id": "attic",
            "camera__source": clip,
            "microphone__source": clip,
            "mqtt__host": "127.0.0.1",
            "mqtt__port": broker.port,
        },
    )
    yield process
    process.close()


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    here = {"RUNTIME_DIRECTORY": str(folder), "EMOTION_EDGE_DEVICE__ID": "attic"}
    return subprocess.run(
        [sys.executable, "-m", "edge", "settings", *arguments],
        env={**os.environ, **here},
        capture_output=True,
        text=True,
        check=False,
    )


def newest(witness: Witness) -> dict[str, Any]:
    payload: dict[str, Any] = witness.payloads(SETTINGS)[-1]
    jsonschema.validate(payload, schemas.load("settings") | {"additionalProperties": False})
    return payload


def test_settings_are_told_changed_refused_and_remembered(
    daemon: DaemonProcess, broker: Mosquitto, tmp_path: Path
) -> None:
    with Witness(broker.port, f"{BASE}/#", "homeassistant/#") as witness:
        daemon.start().ready()
        witness.wait_for(SETTINGS)
        assert newest(witness)["set"] == []
        witness.say(f"{SETTINGS}/set", json.dumps({"people": "subject", "sensitivity": 60.0}))
        eventually(lambda: newest(witness)["set"] == ["sensitivity", "people"])
        assert witness.wait_for("/response/settings")[0]["data"]["values"]["people"] == "subject"
        witness.say(f"{SETTINGS}/set", json.dumps({"people": "nobody", "transaction": "t2"}))
        eventually(lambda: len(witness.on("/response/settings")) == 2)
        refusal = witness.payloads("/response/settings")[-1]
        assert (refusal["status"], refusal["transaction"]) == ("error", "t2")
        assert "must be one of all, subject, strongest" in refusal["error"]
        component = witness.payloads("/config")[-1]["components"]["speech_model"]
        assert "speech-small" in component["options"]
        daemon.send(signal.SIGTERM)
        assert daemon.wait() == 0
        daemon.notifications.clear()
        seen = len(witness.on(SETTINGS))
        daemon.start().ready()
        eventually(lambda: len(witness.on(SETTINGS)) > seen)
        assert newest(witness)["people"] == "subject"
        witness.say(f"{SETTINGS}/set", '{"reset": true}')
        eventually(lambda: newest(witness)["set"] == [])
        assert not list(tmp_path.glob("settings-*"))


def test_the_command_shows_changes_and_resets(daemon: DaemonProcess, tmp_path: Path) -> None:
    daemon.start().ready()
    changed = command(tmp_path, "face_model=face-small", "half_life=1.5", "--json")
    assert changed.returncode == 0, changed.stderr
    assert json.loads(changed.stdout)["values"]["face_model"] == "face-small"
    shown = command(tmp_path)
    assert "half_life: 1.5  (set here; the file says 0.8)" in shown.stdout
    refused = command(tmp_path, "sensitivity=200")
    assert refused.returncode == 1
    assert "sensitivity: must be at most 100, got 200" in refused.stderr
    assert json.loads(command(tmp_path, "half_life=", "--json").stdout)["set"] == ["face_model"]
    assert json.loads(command(tmp_path, "--reset", "--json").stdout)["set"] == []


def test_the_page_changes_what_the_daemon_does(daemon: DaemonProcess, tmp_path: Path) -> None:
    port = free_port()
    daemon.start({"EMOTION_EDGE_KIOSK__ENABLED": "true", "EMOTION_EDGE_KIOSK__PORT": str(port)}).ready()

    def ask(body: object = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/settings", data, headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            told: dict[str, Any] = json.loads(answer.read())
        return told

    assert ask()["set"] == []
    assert ask({"people": "strongest"})["values"]["people"] == "strongest"
    assert json.loads(command(tmp_path, "--json").stdout)["values"]["people"] == "strongest"
    with pytest.raises(urllib.error.HTTPError) as refused:
        ask({"profile": "nowhere"})
    assert refused.value.code == 409
    assert ask({"reset": True})["set"] == []


def test_a_damaged_file_is_told_in_health_until_something_is_set(
    daemon: DaemonProcess, broker: Mosquitto, tmp_path: Path
) -> None:
    (tmp_path / "settings-attic.json").write_text("{")
    with Witness(broker.port, f"{BASE}/#") as witness:
        daemon.start().ready()
        eventually(lambda: any("settings-attic.json cannot be used" in p for p in _problems(witness)))
        assert command(tmp_path, "--reset").returncode == 0
        eventually(lambda: not any("settings" in problem for problem in _problems(witness)))


def _problems(witness: Witness) -> list[str]:
    told = witness.payloads("/health")
    return told[-1]["problems"] if told else []
