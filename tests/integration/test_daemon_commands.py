"""What can be asked of a running daemon: switches, restart, privacy, requests."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from integration.broker import Mosquitto, Witness, eventually
from integration.process import DaemonProcess

from edge.samples import sample_clip

BASE = "emotion-edge/attic"


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


def test_a_switch_closes_the_device_and_it_stays_closed_after_a_restart(
    daemon: DaemonProcess, broker: Mosquitto
) -> None:
    with Witness(broker.port, f"{BASE}/#") as witness:
        daemon.start().ready()
        witness.wait_for(f"{BASE}/camera")
        witness.say(f"{BASE}/camera/set", "OFF")
        eventually(lambda: witness.payloads(f"{BASE}/camera")[-1] == "OFF")
        assert daemon.logged("camera closed")
        eventually(lambda: [state["faces"] for state in witness.payloads("/state")][-1:] == [0])
        daemon.send(signal.SIGTERM)
        assert daemon.wait() == 0
        seen = len(witness.on("/state"))
        daemon.notifications.clear()
        daemon.log.clear()
        daemon.start().ready()
        eventually(lambda: len(witness.on("/state")) > seen)
        assert witness.payloads(f"{BASE}/camera")[-1] == "OFF"
        assert not daemon.logged("camera opened")
        assert daemon.logged("microphone opened")


def test_a_restart_request_re_executes_the_daemon_in_place(daemon: DaemonProcess, broker: Mosquitto) -> None:
    with Witness(broker.port, f"{BASE}/#") as witness:
        daemon.start().ready()
        assert daemon.process is not None
        pid = daemon.process.pid
        witness.wait_for(f"{BASE}/availability")
        witness.say(f"{BASE}/request/restart", json.dumps({"transaction": "t1"}))
        answer = witness.wait_for("/response/restart")[0]
        assert (answer["status"], answer["transaction"]) == ("ok", "t1")
        eventually(lambda: daemon.said("READY=1") == 2, within=30)
        assert not daemon.ended
        assert daemon.process.pid == pid
        eventually(lambda: witness.payloads("/availability")[-2:] == ["offline", "online"])


def test_the_privacy_command_closes_both_devices_of_the_running_daemon(
    daemon: DaemonProcess, broker: Mosquitto, tmp_path: Path
) -> None:
    daemon.start().ready()
    environment = {**os.environ, "RUNTIME_DIRECTORY": str(tmp_path), "EMOTION_EDGE_DEVICE__ID": "attic"}

    def privacy(word: str) -> dict[str, object]:
        done = subprocess.run(
            [sys.executable, "-m", "edge", "privacy", word, "--json"],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        answer: dict[str, object] = json.loads(done.stdout)
        return answer

    closed = privacy("on")
    assert (closed["camera"], closed["microphone"]) == (False, False)
    with Witness(broker.port, f"{BASE}/+") as witness:
        eventually(lambda: witness.payloads(f"{BASE}/camera")[-1:] == ["OFF"])
        eventually(lambda: witness.payloads(f"{BASE}/microphone")[-1:] == ["OFF"])
    opened = privacy("off")
    assert (opened["camera"], opened["microphone"]) == (True, True)


def test_requests_are_answered_with_scores_health_and_errors(
    daemon: DaemonProcess, broker: Mosquitto
) -> None:
    with Witness(broker.port, f"{BASE}/#") as witness:
        daemon.start().ready()
        witness.wait_for("/event", within=30)
        for name in ("scores", "doctor", "dance"):
            witness.say(f"{BASE}/request/{name}", json.dumps({"transaction": name}))
        scores = witness.wait_for("/response/scores")[0]
        assert sum(scores["data"]["fused"].values()) == pytest.approx(1, abs=1e-3)
        assert witness.wait_for("/response/doctor")[0]["data"]["uptime_s"] >= 0
        assert witness.wait_for("/response/dance")[0]["status"] == "error"
