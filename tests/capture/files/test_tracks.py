"""Films with several sounds, and names in other encodings."""

from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from PIL import Image

from edge.capture.files.media_file import MediaFile
from edge.errors import CaptureError
from edge.vocabulary import AudioChunk

RATE = 16_000


def film(path: Path, levels: list[float], default: int | None = None) -> Path:
    """A sound track of each level; the `default`th (from 1) is marked so."""
    with av.open(str(path), mode="w") as container:
        streams = []
        for number, _ in enumerate(levels, start=1):
            stream = container.add_stream("pcm_s16le", rate=RATE, layout="mono")
            assert isinstance(stream, av.AudioStream)
            marks = av.stream.Disposition
            chosen = marks.default if number == default else marks(0)
            stream.disposition = chosen.value  # type: ignore[assignment]  # all that PyAV 14 takes
            stream.metadata["language"] = ("deu", "eng", "fra")[number - 1]
            streams.append(stream)
        for stream, level in zip(streams, levels, strict=True):
            sound = (level * 32767 * np.sin(np.arange(RATE))).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(sound[None], "s16", "mono")
            frame.sample_rate = RATE
            for packet in (*stream.encode(frame), *stream.encode(None)):
                container.mux(packet)
    return path


def loudest(file: MediaFile) -> float:
    return max(float(np.abs(item.samples).max()) for item in file if isinstance(item, AudioChunk))


def test_the_default_track_is_heard_and_named(tmp_path: Path) -> None:
    file = MediaFile(film(tmp_path / "film.mka", [0.0, 0.5], default=2))
    assert loudest(file) == pytest.approx(0.5, abs=0.01)
    assert file.notes == ("sound track 2 of 2 (eng, the default) was read; choose another by its number",)
    track = file.sound_track
    assert track is not None
    assert (track.number, track.of, track.language, track.default) == (2, 2, "eng", True)


def test_without_a_default_the_first_is_heard(tmp_path: Path) -> None:
    assert loudest(MediaFile(film(tmp_path / "film.mka", [0.25, 0.5]))) == pytest.approx(0.25, abs=0.01)


def test_a_track_is_chosen_by_its_number(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mka", [0.0, 0.5, 0.25], default=2)
    chosen = MediaFile(path, track=3)
    assert loudest(chosen) == pytest.approx(0.25, abs=0.01)
    assert loudest(chosen.part(pictures=False)) == pytest.approx(0.25, abs=0.01)


@pytest.mark.parametrize("track", [0, 3])
def test_a_track_that_is_not_there_is_refused_with_those_there_are(tmp_path: Path, track: int) -> None:
    path = film(tmp_path / "film.mka", [0.0, 0.5])
    with pytest.raises(CaptureError, match=rf"film\.mka: has 2 sound tracks, there is no track {track}"):
        MediaFile(path, track=track)


def test_a_second_track_of_a_sound_file_or_a_picture_is_refused_too(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "talk.wav", 0.5 * np.sin(np.arange(RATE)), RATE)
    Image.new("RGB", (32, 32)).save(tmp_path / "photo.png")
    assert MediaFile(tmp_path / "talk.wav", track=1).has_audio
    with pytest.raises(CaptureError, match="has one sound track, there is no track 2"):
        MediaFile(tmp_path / "talk.wav", track=2)
    with pytest.raises(CaptureError, match="has no sound, there is no track 1"):
        MediaFile(tmp_path / "photo.png", track=1)


def test_a_single_track_needs_no_word(tmp_path: Path) -> None:
    assert MediaFile(film(tmp_path / "film.mka", [0.5])).notes == ()


@pytest.mark.parametrize(
    "title", ["Gespr\xe4ch".encode("latin-1"), "\u8a71".encode("shift-jis"), b"\xff\xfe\x00x\x80\x81"]
)
def test_a_title_of_any_encoding_never_matters(tmp_path: Path, title: bytes) -> None:
    path = tmp_path / "talk.wav"
    with soundfile.SoundFile(path, "w", RATE, 1) as file:
        file.title = "T" * len(title)
        file.write(0.5 * np.sin(np.arange(RATE)))
    data = path.read_bytes()
    assert b"T" * len(title) in data
    path.write_bytes(data.replace(b"T" * len(title), title))
    assert loudest(MediaFile(path)) == pytest.approx(0.5, abs=0.01)
