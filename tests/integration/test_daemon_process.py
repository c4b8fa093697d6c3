"""The daemon as a process on the sample clip, seen by independent clients on a real mosquitto."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from integration.broker import Mosquitto, Witness, eventually
from integration.process import DaemonProcess
from jsonschema import Draft202012Validator

from edge.samples import sample_clip

BASE = "emotion-edge/kitchen"


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    mosquitto = Mosquitto(tmp_path_factory.mktemp("broker")).start()
    yield mosquitto
    mosquitto.stop()


def settings(port: int, **more: object) -> dict[str, object]:
    clip = sample_clip()
    return {
        "device__id": "kitchen",
        "camera__source": clip,
        "camera__fps": 5,
        "microphone__source": clip,
        "mqtt__host": "127.0.0.1",
        "mqtt__port": port,
        **more,
    }


@pytest.fixture
def daemon(tmp_path: Path, broker: Mosquitto) -> Iterator[DaemonProcess]:
    process = DaemonProcess(tmp_path, settings(broker.port, mqtt__readings="true"))
    yield process
    process.close()


def validator(name: str) -> Draft202012Validator:
    text = resources.files("edge.publish").joinpath("schemas").joinpath(f"{name}.json").read_text()
    return Draft202012Validator(json.loads(text))


def test_moods_readings_and_health_arrive_and_fit_the_schemas(
    daemon: DaemonProcess, broker: Mosquitto
) -> None:
    with Witness(broker.port, f"{BASE}/#") as witness:
        daemon.start().ready()
        witness.wait_for("/event", within=30)
        witness.wait_for("/speech", within=30)
        seen: dict[str, list[Any]] = {
            name: witness.wait_for(f"{BASE}/{name}", within=20)
            for name in ("state", "event", "face", "speech", "health", "info")
        }
        daemon.send(signal.SIGTERM)
        assert daemon.wait() == 0
        assert daemon.said("STOPPING=1")
        eventually(lambda: witness.payloads("/availability")[-1] == "offline")
    for name, payloads in seen.items():
        for payload in payloads:
            validator(name).validate(payload)
    assert not any(message.retain for message in witness.on("/event"))
    assert witness.payloads("/availability")[0] == "online"
    assert witness.payloads(f"{BASE}/camera")[0] == "ON"


def test_the_debian_client_sees_the_retained_state_of_a_running_daemon(
    daemon: DaemonProcess, broker: Mosquitto
) -> None:
    program = shutil.which("mosquitto_sub")
    if program is None:
        pytest.skip("mosquitto_sub is not installed: apt-get install mosquitto-clients")
    daemon.start().ready()
    eventually(lambda: daemon.logged("mood"), within=30)
    line = subprocess.run(
        [program, "-p", str(broker.port), "-t", f"{BASE}/state", "-C", "1", "-W", "10"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert json.loads(line)["emotion"] in (
        "angry",
        "disgust",
        "fear",
        "happy",
        "sad",
        "surprise",
        "neutral",
        "none",
    )


def test_a_killed_daemon_is_offline_by_its_will(daemon: DaemonProcess, broker: Mosquitto) -> None:
    with Witness(broker.port, f"{BASE}/availability") as witness:
        daemon.start().ready()
        eventually(lambda: witness.payloads("/availability")[-1:] == ["online"])
        daemon.send(signal.SIGKILL)
        eventually(lambda: witness.payloads("/availability")[-1] == "offline", within=15)


def test_sighup_takes_a_valid_configuration_over_and_keeps_the_old_one_otherwise(
    tmp_path: Path, broker: Mosquitto
) -> None:
    config = tmp_path / "config.yaml"
    clip = sample_clip()

    def write(mqtt: str, device: str = "hall") -> None:
        config.write_text(
            f"device: {{id: {device}}}\ncamera: {{source: '{clip}'}}\nmicrophone: {{source: '{clip}'}}\n"
            f"mqtt: {{host: 127.0.0.1, port: {broker.port}{mqtt}}}\n"
        )

    write("")
    daemon = DaemonProcess(tmp_path, config=config)
    try:
        with Witness(broker.port, "emotion-edge/+/availability") as witness:
            daemon.start().ready()
            witness.wait_for("hall/availability")
            write(", prot: 1")
            daemon.send(signal.SIGHUP)
            eventually(lambda: daemon.logged("did you mean"), what="the mistake is named")
            assert not daemon.ended
            write("", device="study")
            daemon.send(signal.SIGHUP)
            assert witness.wait_for("study/availability")[-1] == "online"
            assert witness.payloads("hall/availability")[-1] == "offline"
            assert daemon.said("RELOADING=1") == 2
    finally:
        daemon.close()


def test_a_missing_camera_and_microphone_degrade_but_do_not_kill(tmp_path: Path, broker: Mosquitto) -> None:
    missing = {"camera__source": tmp_path / "gone.mp4", "microphone__source": "no such microphone"}
    daemon = DaemonProcess(tmp_path, settings(broker.port, **missing))
    try:
        with Witness(broker.port, f"{BASE}/health") as witness:
            daemon.start().ready()
            eventually(
                lambda: any(
                    health["status"] == "degraded" and len(health["problems"]) == 2
                    for health in witness.payloads("/health")
                ),
                what="both devices are named in health",
            )
            problems = " ".join(witness.payloads("/health")[-1]["problems"])
            assert "gone.mp4" in problems
            assert "microphone" in problems
        daemon.send(signal.SIGINT)
        assert daemon.wait() == 0
    finally:
        daemon.close()


def test_the_daemon_starts_and_works_without_a_broker_and_publishes_once_there_is_one(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path)
    daemon = DaemonProcess(tmp_path, settings(broker.port))
    try:
        daemon.start().ready()
        eventually(lambda: daemon.logged("daemon.observations: mood"), within=30)
        broker.start()
        with Witness(broker.port, f"{BASE}/#") as witness:
            assert witness.wait_for("/state", within=30)[0]["emotion"]
    finally:
        daemon.close()
        broker.stop()


def test_the_watchdog_is_fed_by_living_stages(tmp_path: Path, broker: Mosquitto) -> None:
    daemon = DaemonProcess(tmp_path, settings(broker.port))
    try:
        daemon.start({"WATCHDOG_USEC": "1000000"}).ready()
        eventually(lambda: daemon.said("WATCHDOG=1") >= 3)
        assert any("STATUS=face onnx" in text for text in daemon.notifications)
    finally:
        daemon.close()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("camera: {sorce: auto}\n", "did you mean 'source'"),
        ("smoothing: {enter: 7}\n", "smoothing.enter"),
        ("mqtt: [1, 2\n", "config.yaml:"),
    ],
)
def test_a_bad_configuration_ends_with_78_and_names_the_place(tmp_path: Path, text: str, named: str) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(text)
    daemon = DaemonProcess(tmp_path, config=config).start()
    try:
        assert daemon.wait(30) == 78
        eventually(lambda: daemon.logged(named), within=5, what="\n".join(daemon.log))
        assert not daemon.logged("Traceback")
    finally:
        daemon.close()
