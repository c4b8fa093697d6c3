"""What doctor finds: shipped models work, and each thing that does not has a remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from integration.broker import Mosquitto

from edge.commands.device_checks import Check
from edge.commands.doctor_checks import examine, healthy
from edge.config import Config
from edge.daemon.control import ControlServer

QUIET: dict[str, Any] = {
    "camera": {"enabled": False},
    "microphone": {"enabled": False},
    "mqtt": {"enabled": False},
    "engines": {"backend": "onnx"},
}


def checks(**sections: Any) -> dict[str, Check]:
    found = list(examine(Config.model_validate({**QUIET, **sections})))
    assert len({check.name for check in found}) == len(found)
    return {check.name: check for check in found}


def test_only_required_findings_decide() -> None:
    assert healthy([Check("camera", False, "none"), Check("model face", True, "", required=True)])
    assert not healthy([Check("camera", True, ""), Check("model face", False, "", required=True)])


def test_a_finding_is_documented_with_its_remedy() -> None:
    check = Check("camera", False, "no camera found", "plug one in", required=True)
    assert check.document() == {
        "name": "camera",
        "ok": False,
        "detail": "no camera found",
        "remedy": "plug one in",
        "required": True,
    }


def test_the_shipped_models_open_and_are_verified() -> None:
    found = checks()
    for name in ("model face", "model speech"):
        assert found[name].ok, found[name].detail
        assert "hash verified" in found[name].detail
    assert found["voice activity"].ok
    assert found["runtime face"].detail.startswith("onnx")
    assert "Python" in found["versions"].detail
    assert "runs models on CPU" in found["ONNX Runtime"].detail


def test_a_provider_that_is_asked_for_and_missing_is_a_fault_with_its_remedy() -> None:
    found = checks(engines={"backend": "xnnpack", "face": "face"})
    assert not found["model face"].ok
    assert "the installed ONNX Runtime does not offer it" in found["model face"].detail


def test_what_is_switched_off_is_no_fault() -> None:
    found = checks()
    for name in ("camera", "microphone", "broker"):
        assert found[name].ok
        assert "switched off" in found[name].detail


def test_missing_models_fail_with_a_remedy(tmp_path: Path) -> None:
    engines = {
        "backend": "onnx",
        "cache": str(tmp_path),
        "face": "nobody",
        "speech": str(tmp_path / "x.onnx"),
    }
    found = checks(engines=engines)
    for name in ("model face", "model speech", "face detector", "runtime nobody"):
        assert found[name].required
        assert not found[name].ok
        assert found[name].remedy
    assert "nobody" in found["model face"].detail
    assert "x.onnx" in found["model speech"].detail
    assert "fetch-detector" in found["face detector"].remedy
    assert not healthy(list(found.values()))


def test_a_damaged_model_is_found_out(tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "engines"
    for name in ("face", "speech"):
        (tmp_path / f"{name}.onnx").write_bytes((shipped / f"{name}.onnx").read_bytes() + b"\0")
        (tmp_path / f"{name}.json").write_bytes((shipped / f"{name}.json").read_bytes())
    found = checks(engines={"backend": "onnx", "directory": str(tmp_path), "face": "face"})
    assert not found["model face"].ok
    assert "sha256" in found["model face"].detail.lower()


@pytest.mark.parametrize("device", ["camera", "microphone"])
def test_a_named_file_must_be_readable(tmp_path: Path, device: str) -> None:
    clip = tmp_path / "clip.mp4"
    missing = checks(**{device: {"source": str(clip)}})[device]
    assert not missing.ok
    assert not missing.required
    assert str(clip) in missing.detail
    assert f"{device}.source" in missing.remedy
    clip.write_bytes(b"x")
    assert checks(**{device: {"source": str(clip)}})[device].ok


def test_a_folder_is_no_source(tmp_path: Path) -> None:
    assert not checks(camera={"source": str(tmp_path)})["camera"].ok


@pytest.mark.parametrize(
    ("device", "source", "named"),
    [
        ("camera", "/dev/video97", "/dev/video97"),
        ("camera", "device:97", "device:97"),
        ("camera", "file:gone.mp4", "gone.mp4"),
        ("microphone", "gone.wav", "gone.wav"),
        ("microphone", "csi://0", "has no sound"),
        ("microphone", "camera", "no network camera"),
        ("microphone", "rstp://me:hunter2@192.0.2.1/sound", "did you mean rtsp://"),
    ],
)
def test_a_source_that_cannot_work_is_named(device: str, source: str, named: str) -> None:
    found = checks(**{device: {"source": source}})[device]
    assert not found.ok
    assert named in found.detail
    assert f"{device}.source" in found.remedy
    assert "hunter2" not in found.detail


def test_a_sound_device_by_name_is_left_to_the_daemon() -> None:
    assert checks(microphone={"source": "USB Audio"})["microphone"].ok


def test_a_stream_is_not_contacted_and_its_password_not_shown() -> None:
    both = checks(camera={"source": "rtsp://me:hunter2@192.0.2.1/stream"}, microphone={"source": "camera"})
    assert both["microphone"].ok
    found = both["camera"]
    assert found.ok
    assert "192.0.2.1" in found.detail
    assert "hunter2" not in found.detail


def test_a_broker_that_lets_us_in_is_fine_and_one_that_does_not_only_a_warning(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path).start()
    address = {"host": "127.0.0.1", "port": broker.port}
    assert checks(mqtt=address)["broker"].ok
    broker.stop()
    found = checks(mqtt=address)["broker"]
    assert not found.ok
    assert not found.required
    assert f"127.0.0.1:{broker.port}" in found.detail
    assert "mqtt" in found.remedy


def test_a_running_daemon_says_how_many_pictures_it_judges(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    remedy = "face: 4 of 15 pictures a second are judged: choose a smaller model"
    health = {"status": "degraded", "problems": [remedy], "face": {"fps": 4.0, "captured_fps": 15.0}}
    server = ControlServer(tmp_path / "hall.sock", lambda command, arguments: health)
    server.start()
    try:
        found = checks(device={"id": "hall"})["running daemon"]
    finally:
        server.stop()
    assert (found.ok, found.detail) == (False, "degraded, 4 of 15 pictures a second are judged")
    assert found.remedy == remedy


def test_where_no_daemon_runs_none_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    assert "running daemon" not in checks(device={"id": "nobody-of-that-name"})
