"""The commands as a user types them: output, exit codes, and mistakes without tracebacks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
import soundfile

from edge.samples import sample_clip
from edge.vocabulary import LABELS

ANALYZE_KEYS = {
    "file",
    "duration_s",
    "frames_read",
    "frames_with_face",
    "speech_windows",
    "face",
    "speech",
    "fused",
    "summary",
    "elapsed_s",
}


def command(*arguments: object, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "edge", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def document(*arguments: object) -> Any:
    done = command(*arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_analyze_reads_the_sample_with_both_senses(tmp_path: Path) -> None:
    found = document(
        "analyze", sample_clip(), "--json", "--csv", tmp_path / "t.csv", "--plot", tmp_path / "t.png"
    )
    assert found.keys() >= ANALYZE_KEYS
    assert found["frames_with_face"] > 0.5 * found["frames_read"]
    assert found["speech_windows"] == len(found["speech"]) > 3
    assert any(set(point["sources"]) == {"face", "speech"} for point in found["fused"])
    for reading in (*found["face"], *found["speech"], *found["fused"]):
        assert list(reading["probabilities"]) == list(LABELS)
        assert sum(reading["probabilities"].values()) == pytest.approx(1, abs=2e-3)
    assert all(0 <= value <= 1 for reading in found["face"] for value in reading["box"])
    assert (tmp_path / "t.csv").read_text().startswith("t,kind,emotion")
    assert (tmp_path / "t.png").stat().st_size > 10_000


def test_a_picture_without_a_face_and_silence_give_no_reading(tmp_path: Path) -> None:
    picture, sound = tmp_path / "grey.png", tmp_path / "silence.wav"
    cv2.imwrite(str(picture), np.full((480, 640), 128, np.uint8))
    soundfile.write(sound, np.zeros(48_000), 16_000)
    for file, duration in ((picture, None), (sound, 3.0)):
        found = document("analyze", file, "--json")
        assert found["face"] == found["speech"] == found["fused"] == []
        assert found["summary"]["emotion"] == "none"
        assert found["duration_s"] == duration


@pytest.mark.parametrize(
    ("name", "content", "named"),
    [("empty.mp4", b"", "empty"), ("text.wav", b"these are words, not sound\n" * 20, "text.wav")],
)
def test_a_file_that_is_none_is_named_without_a_traceback(
    tmp_path: Path, name: str, content: bytes, named: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    done = command("analyze", file, "--json")
    assert done.returncode == 1
    assert named in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_truncated_video_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    ffmpeg = [
        "ffmpeg",
        "-v",
        "error",
        "-i",
        str(sample_clip()),
        "-c",
        "copy",
        "-f",
        "mpegts",
        str(tmp_path / "w.ts"),
    ]
    try:
        subprocess.run(ffmpeg, check=True)
    except FileNotFoundError:
        pytest.skip("ffmpeg is not installed: apt-get install ffmpeg")
    whole = (tmp_path / "w.ts").read_bytes()
    (tmp_path / "cut.ts").write_bytes(whole[: len(whole) // 3])
    found = document("analyze", tmp_path / "cut.ts", "--json")
    with av.open(str(sample_clip())) as film:
        assert 0 < found["frames_read"] < film.streams.video[0].frames


def test_doctor_names_every_part_and_a_remedy_for_what_is_missing() -> None:
    done = command("doctor", "--json")
    found = json.loads(done.stdout)
    assert done.returncode == (0 if found["ok"] else 1)
    names = {check["name"] for check in found["checks"]}
    assert names >= {"model face", "model speech", "face detector", "camera", "microphone", "broker"}
    assert all(check["remedy"] for check in found["checks"] if not check["ok"])


def test_a_model_that_is_not_the_one_of_its_card_is_refused(tmp_path: Path) -> None:
    from edge.config.resources import resource

    for file in resource("engines").glob("*.*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    with (tmp_path / "face.onnx").open("ab") as model:
        model.write(b"tampered")
    asked = {"EMOTION_EDGE_ENGINES__DIRECTORY": str(tmp_path), "EMOTION_EDGE_ENGINES__FACE": "face"}
    done = subprocess.run(
        [sys.executable, "-m", "edge", "analyze", str(sample_clip())],
        env={**os.environ, **asked},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "face.onnx" in done.stderr
    assert "Traceback" not in done.stderr


def test_check_config_masks_secrets_and_counts_overrides(tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text(
        "mqtt: {username: hub, password: hunter2}\ncamera: {source: 'rtsp://me:secret@cam/1'}\n"
    )
    done = command("check-config", "--config", config, "--json")
    assert done.returncode == 0
    assert "hunter2" not in done.stdout
    assert "secret@" not in done.stdout
    assert json.loads(done.stdout)["config"]["mqtt"]["username"] == "hub"


def test_devices_lists_both_kinds_even_when_there_are_none() -> None:
    assert document("devices", "--json").keys() == {"video", "audio"}


def test_wrong_usage_ends_with_2() -> None:
    assert command("analyse", "x").returncode == 2


def test_the_demonstration_stops_by_itself_and_sums_up() -> None:
    done = command("demo", "--duration", 6)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.strip().splitlines()
    assert lines[0].startswith("broker: 127.0.0.1:")
    summary = json.loads(lines[-1])
    assert summary.keys() == {"duration_s", "frames", "faces", "speech_windows", "moods", "latency_ms"}
    assert summary["frames"] > 0
    assert summary["latency_ms"]["p50"] > 0


def test_ctrl_c_ends_the_demonstration_cleanly() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "edge", "demo"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("ready"):
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert json.loads(out.strip().splitlines()[-1])["duration_s"] >= 0
    assert "Traceback" not in err


def test_bench_measures_a_daemon_of_its_own() -> None:
    figures = document("bench", "--seconds", 3, "--json")
    assert figures["latency_ms"]["p50"] > 0
    assert 0 < figures["cpu_share"] < 4
    assert figures["rss_mb"] > 20
    assert figures["fps"] > 0
