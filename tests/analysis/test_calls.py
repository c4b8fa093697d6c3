"""Calls whose two sides are known: machine voices on the left and on the right."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from edge.analysis.analyze import analyze
from edge.analysis.channels import Channels
from edge.config import Config
from edge.errors import CaptureError

AGENT = "Good morning, this is the service desk, how can I help you today, please tell me."
CALLER = "My parcel has not arrived and nobody calls me back, I want my money now, do you hear."
RATE = 8000


def said(folder: Path, voice: str, text: str) -> np.ndarray:
    if shutil.which("espeak-ng") is None:
        pytest.skip("espeak-ng is not installed: apt-get install espeak-ng")
    file = folder / f"{voice}.wav"
    subprocess.run(["espeak-ng", "-v", voice, "-s", "165", "-w", str(file), text], check=True)
    samples, rate = soundfile.read(file)
    moments = np.arange(0, len(samples), rate / RATE)
    return np.asarray(np.interp(moments, np.arange(len(samples)), samples))


def placed(sound: np.ndarray, at: float, seconds: float) -> np.ndarray:
    track = np.zeros(int(seconds * RATE))
    start = int(at * RATE)
    track[start : start + len(sound)] = sound
    return track


@pytest.fixture(scope="module")
def call(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("call")
    agent = placed(said(folder, "en-us+m3", AGENT), 0.5, 14)
    caller = placed(said(folder, "en-us+f2", CALLER), 7.0, 14)
    file = folder / "call.wav"
    soundfile.write(file, np.stack([agent, caller], 1), RATE, subtype="ULAW")
    return file


def judged(file: Path, channels: Channels) -> dict[str, list[tuple[float, float]]]:
    recording = analyze(file, Config(), channels=channels)
    return {
        speaker.id: [(w.start, w.reading.captured_at) for w in recording.spoken if w.speaker == speaker.id]
        for speaker in recording.speakers
    }


def test_each_side_of_a_call_is_a_speaker_and_no_window_holds_the_other(call: Path) -> None:
    found = judged(call, "auto")
    assert list(found) == ["left", "right"]
    assert len(found["left"]) > 3
    assert all(0 <= start < end < 6.9 for start, end in found["left"])
    assert len(found["right"]) > 3
    assert all(6.8 < start < end <= 14 for start, end in found["right"])


def test_one_side_alone_is_judged_when_asked_for(call: Path) -> None:
    found = judged(call, "right")
    assert list(found) == ["right"]
    assert found["right"] == judged(call, "split")["right"]


def test_the_document_tells_every_speaker_apart(call: Path) -> None:
    document: Any = analyze(call, Config()).document(0.0)
    left, right = document["speakers"]
    assert 4 < left["talk_s"] < 6.5
    assert left["turns"] == right["turns"] == 1
    assert left["talk_s"] + left["silence_s"] == pytest.approx(14, abs=0.2)
    assert left["overlap_s"] == 0
    assert right["syllables_per_s"] == pytest.approx(23 / right["talk_s"], rel=0.2)
    assert left["last_quarter"]["shares"] == {}
    assert {point["speaker"] for point in document["speech"]} == {"left", "right"}
    assert document["bandwidth_hz"] == 4000
    assert document["schema"] == 2
    assert document["options"]["baseline"] == 0.55
    assert len(document["speech"]) == document["speech_windows"] == len(document["fused"])
    voice, ears = sorted(document["models"])
    assert (voice.split("-")[0], ears) == ("speech", "vad"), "the speech model that is fastest here"


def test_the_same_voice_on_both_sides_is_one_speaker(call: Path, tmp_path: Path) -> None:
    sound, rate = soundfile.read(call)
    mono = sound.mean(axis=1)
    file = tmp_path / "both.wav"
    soundfile.write(file, np.stack([mono, 0.8 * mono], 1), rate)
    assert list(judged(file, "auto")) == ["mix"]


@pytest.mark.parametrize("channels", ["split", "left", "right"])
def test_a_side_that_a_file_does_not_have_is_named(call: Path, tmp_path: Path, channels: Channels) -> None:
    sound, rate = soundfile.read(call)
    file = tmp_path / "mono.wav"
    soundfile.write(file, sound[:, 0], rate)
    with pytest.raises(CaptureError, match=rf"mono\.wav: has one channel.*{channels}"):
        analyze(file, Config(), channels=channels)
