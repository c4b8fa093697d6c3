"""Files that are odd, but not wrong, give what the plain file gives: through `analyze`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile
from PIL import Image
from speech import say

from edge.capture.files.media_file import MediaFile
from edge.samples import sample_clip
from edge.vocabulary import Frame

RATE = 16_000
Save = Callable[[Path, Image.Image], None]


def analyze(path: Path, *options: str, **environment: str) -> Any:
    ran = subprocess.run(
        [sys.executable, "-m", "edge", "analyze", "--json", *options, os.fsencode(path)],
        capture_output=True,
        check=False,
        env=os.environ | environment,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr.decode(errors="replace")
    return json.loads(ran.stdout)


@pytest.fixture(scope="module")
def happy() -> Image.Image:
    """A frame of the sample with one happy face."""
    frames = (item for item in MediaFile(sample_clip(), sound=False) if isinstance(item, Frame))
    frame = next(frame for frame in frames if frame.captured_at >= 7)
    return Image.fromarray(np.ascontiguousarray(frame.image[:, :, ::-1]))


def one_frame_film(path: Path, image: Image.Image) -> None:
    with av.open(str(path), mode="w") as container:
        stream = container.add_stream("libx264", rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = image.width, image.height, "yuv420p"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(np.asarray(image), format="rgb24")))
        container.mux(stream.encode(None))


def phone_photo(path: Path, image: Image.Image) -> None:
    pillow_heif = pytest.importorskip("pillow_heif", reason="needs pillow-heif, which can write HEIC")
    large = image.resize((1008, 756), Image.Resampling.LANCZOS)
    pillow_heif.from_pillow(large).save(path, quality=80, tile_size=256)


def plain(path: Path, image: Image.Image) -> None:
    image.save(path)


@pytest.mark.parametrize(
    ("name", "save"),
    [
        ("one.gif", plain),
        ("one.mp4", one_frame_film),
        ("tiles.heic", phone_photo),
        ("K\xe4the Foto.jpg", plain),
    ],
)
def test_a_picture_is_happy_in_any_container(
    tmp_path: Path, happy: Image.Image, name: str, save: Save
) -> None:
    save(tmp_path / name, happy)
    found = analyze(tmp_path / name, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert found["summary"]["emotion"] == "happy"
    assert (len(found["face"]), found["duration_s"], found["damaged"]) == (1, None, False)


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    return say(tmp_path_factory.mktemp("speech") / "speech.wav")


@pytest.fixture(scope="module")
def windows(tmp_path_factory: pytest.TempPathFactory, spoken: np.ndarray) -> int:
    """How many windows the plain recording has."""
    path = tmp_path_factory.mktemp("plain") / "speech.wav"
    soundfile.write(path, spoken, RATE)
    found = analyze(path)["speech_windows"]
    assert isinstance(found, int)
    assert found > 8
    return found


def test_a_voice_in_opposite_phase_is_heard(tmp_path: Path, spoken: np.ndarray, windows: int) -> None:
    path = tmp_path / "opposite.wav"
    soundfile.write(path, np.stack([spoken, -spoken], axis=1), RATE)
    assert analyze(path)["speech_windows"] == windows


def test_the_default_track_is_heard_and_another_on_request(
    tmp_path: Path, spoken: np.ndarray, windows: int
) -> None:
    path = tmp_path / "film.mka"
    with av.open(str(path), mode="w") as container:
        streams = [container.add_stream("pcm_s16le", rate=RATE, layout="mono") for _ in range(2)]
        for stream, level in zip(streams, (0, 1), strict=True):
            assert isinstance(stream, av.AudioStream)
            stream.disposition = av.stream.Disposition.default if level else av.stream.Disposition(0)
        for stream, level in zip(streams, (0, 1), strict=True):
            assert isinstance(stream, av.AudioStream)
            sound = (spoken * 32767 * level).astype(np.int16)[None]
            frame = av.AudioFrame.from_ndarray(sound, "s16", "mono")
            frame.sample_rate = RATE
            for packet in (*stream.encode(frame), *stream.encode(None)):
                container.mux(packet)
    found = analyze(path)
    assert found["speech_windows"] == windows
    assert (found["sound_track"]["number"], found["sound_track"]["of"]) == (2, 2)
    assert "sound track 2 of 2" in found["notes"][0]
    assert analyze(path, "--track", "1")["speech_windows"] == 0


def test_a_recording_from_a_pipe_with_a_strange_title_is_whole(
    tmp_path: Path, spoken: np.ndarray, windows: int
) -> None:
    path = tmp_path / "pipe.wav"
    with soundfile.SoundFile(path, "w", RATE, 1) as file:
        file.title = "Gesprach"
        file.write(spoken)
    data = bytearray(path.read_bytes().replace(b"Gesprach", "Gespr\xe4ch".encode("latin-1")))
    at = data.index(b"data") + 4
    data[4:8] = data[at : at + 4] = b"\xff" * 4
    path.write_bytes(data)
    found = analyze(path)
    assert (found["speech_windows"], found["damaged"]) == (windows, False)
    assert found["duration_s"] == pytest.approx(len(spoken) / RATE, abs=0.01)


def turned(path: Path, image: Image.Image) -> None:
    image.rotate(180).save(path)


def three_times(path: Path, image: Image.Image) -> None:
    wide = Image.new("RGB", (3 * image.width, image.height))
    for place in range(3):
        wide.paste(image, (place * image.width, 0))
    wide.save(path)


def test_an_upside_down_face_says_why_it_is_not_judged(tmp_path: Path, happy: Image.Image) -> None:
    turned(tmp_path / "down.png", happy)
    found = analyze(tmp_path / "down.png")
    assert found["face"] == []
    assert found["unjudged"] == {"tilted": 1}
    assert found["summary"] == {"emotion": "none", "shares": {}}


def test_all_faces_of_a_photo_are_counted(tmp_path: Path, happy: Image.Image) -> None:
    three_times(tmp_path / "three.png", happy)
    found = analyze(tmp_path / "three.png")
    assert (found["faces"], len(found["face"]), found["unjudged"]) == (3, 3, {})
