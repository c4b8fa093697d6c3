"""Requests by the thousand: people's switches are obeyed meanwhile, and nothing false is left behind."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from integration.broker import Mosquitto, Witness, eventually
from integration.process import DaemonProcess

from benchmarks.flood.sender import Flood, flood_process
from edge.daemon.control_client import ask
from edge.samples import sample_clip

BASE = "emotion-edge/attic"
RATE = 10_000
FOR_EVER = 600.0


@pytest.fixture
def daemon(tmp_path: Path, mosquitto: Mosquitto) -> Iterator[DaemonProcess]:
    clip = sample_clip()
    settings = {
        "device__id": "attic",
        "camera__source": clip,
        "camera__fps": 5,
        "microphone__source": clip,
        "mqtt__host": "127.0.0.1",
        "mqtt__port": mosquitto.port,
    }
    process = DaemonProcess(tmp_path, settings).start()
    yield process.ready()
    process.close()


@contextmanager
def flooding(port: int, topic: str, qos: int) -> Iterator[None]:
    """A flood from another process for as long as the block lasts; it is really one."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    flood = Flood("127.0.0.1", port, f"{BASE}/{topic}", b"{}", RATE, FOR_EVER, qos)
    process = context.Process(target=flood_process, args=(flood, there), daemon=True)
    process.start()
    assert here.recv() == "ready"
    here.send("go")
    assert here.recv() == "flooding"
    yield
    assert process.is_alive()
    here.send("stop")
    assert here.recv() >= RATE / 10
    process.join()


@pytest.mark.parametrize(("topic", "qos"), [("request/doctor", 0), ("request/reload", 1), ("lamp/set", 1)])
def test_a_flood_keeps_nobody_from_switching(
    mosquitto: Mosquitto, daemon: DaemonProcess, tmp_path: Path, topic: str, qos: int
) -> None:
    with Witness(mosquitto.port, f"{BASE}/camera", f"{BASE}/microphone", f"{BASE}/health") as witness:
        witness.wait_for("/microphone")
        with flooding(mosquitto.port, topic, qos):
            if topic.startswith("request/"):
                eventually(
                    lambda: any("a flood arrives" in str(health) for health in witness.payloads("/health"))
                )
            ask(tmp_path / "attic.sock", "privacy", {"what": "on", "things": ["camera"]})
            eventually(lambda: witness.payloads("/camera")[-1] == "OFF")
            witness.say(f"{BASE}/microphone/set", "OFF")
            eventually(lambda: witness.payloads("/microphone")[-1] == "OFF")
            ask(tmp_path / "attic.sock", "privacy", {"what": "off", "things": ["camera"]})
        with Witness(mosquitto.port, f"{BASE}/camera", f"{BASE}/microphone") as late:
            eventually(lambda: late.payloads("/camera")[-1:] == ["ON"])
            eventually(lambda: late.payloads("/microphone")[-1:] == ["OFF"])
        assert witness.payloads("/health")[-1]["mqtt"]["reconnects"] == 0
        eventually(lambda: witness.payloads("/health")[-1]["status"] == "ok", within=30.0)


def test_a_flooded_daemon_stops_when_asked(mosquitto: Mosquitto, daemon: DaemonProcess) -> None:
    with (
        Witness(mosquitto.port, f"{BASE}/availability") as witness,
        flooding(mosquitto.port, "request/reload", 1),
    ):
        witness.wait_for("/availability")
        daemon.send(signal.SIGTERM)
        assert daemon.wait(60.0) == 0
        eventually(lambda: witness.payloads("/availability")[-1] == "offline")
