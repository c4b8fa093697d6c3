"""Sound files whose header says nothing, too little or too much about their length."""

import struct
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from edge.capture.files.media_file import MediaFile
from edge.errors import CaptureError

RATE = 16_000
SECONDS = 3.0


def tone(seconds: float = SECONDS, rate: int = RATE) -> np.ndarray:
    return (0.4 * np.sin(2 * np.pi * 440 * np.arange(int(rate * seconds)) / rate)).astype(np.float32)


def wav(path: Path, change: Callable[[bytearray, int], None] = lambda _data, _at: None) -> Path:
    """A plain WAV file, changed by a function of its bytes and of the place of its data chunk."""
    soundfile.write(path, tone(), RATE, subtype="PCM_16")
    data = bytearray(path.read_bytes())
    change(data, data.index(b"data"))
    path.write_bytes(data)
    return path


def read(path: Path) -> MediaFile:
    file = MediaFile(path)
    for _ in file:
        pass
    return file


def encoded(path: Path, codec: str, form: str, *, silence: float = 0.0, **options: str) -> Path:
    """The tone after a silence, encoded by ffmpeg's libraries; options are the container's."""
    rate = 44_100
    sound = np.concatenate([np.zeros(int(rate * silence), np.float32), tone(rate=rate)])
    with av.open(str(path), mode="w", format=form, options=options) as container:
        stream = container.add_stream(codec, rate=rate, layout="mono", options={"q": "2"})
        assert isinstance(stream, av.AudioStream)
        frame = av.AudioFrame.from_ndarray(sound[None], format="fltp", layout="mono")
        frame.sample_rate = rate
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return path


def sizes(value: int) -> Callable[[bytearray, int], None]:
    def change(data: bytearray, at: int) -> None:
        struct.pack_into("<I", data, 4, value)
        struct.pack_into("<I", data, at + 4, value)

    return change


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0, 0x7FFFFFFF, 0x7FFFF000, 0x80000000])
def test_a_wav_written_to_a_pipe_is_whole(tmp_path: Path, size: int) -> None:
    file = read(wav(tmp_path / "piped.wav", sizes(size)))
    assert not file.damaged
    assert file.length == pytest.approx(SECONDS, abs=0.01)


def test_a_wav_of_a_pipe_with_a_size_of_its_own_chunk_is_whole(tmp_path: Path) -> None:
    def as_rf64(data: bytearray, at: int) -> None:
        sizes(0xFFFFFFFF)(data, at)
        data[:4] = b"RF64"
        data[12:12] = b"ds64" + struct.pack("<IQQQI", 28, 0, 0, 0, 0)

    file = read(wav(tmp_path / "rf64.wav", as_rf64))
    assert not file.damaged
    assert file.length == pytest.approx(SECONDS, abs=0.01)


def test_a_caf_of_open_length_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "open.caf"
    soundfile.write(path, tone(), RATE, subtype="PCM_16")
    data = bytearray(path.read_bytes())
    struct.pack_into(">q", data, data.index(b"data") + 4, -1)
    path.write_bytes(data)
    assert not read(path).damaged


@pytest.mark.parametrize("name", ["a.wav", "a.aiff", "a.au", "a.caf", "a.flac"])
def test_a_sound_cut_short_is_damaged_and_as_long_as_what_is_left(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    soundfile.write(path, tone(), RATE, subtype="PCM_16")
    assert not read(path).damaged
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    file = read(path)
    assert file.damaged
    assert 1.0 < file.length < 2.0


def test_a_block_that_is_not_full_at_the_end_is_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "gsm.wav"
    soundfile.write(path, tone(1.03, 8000), 8000, subtype="GSM610")
    assert not read(path).damaged


@pytest.mark.parametrize(
    ("name", "codec", "form", "options"),
    [
        ("vbr.mp3", "libmp3lame", "mp3", {"write_xing": "0", "id3v2_version": "0"}),
        ("raw.aac", "aac", "adts", {}),
        ("raw.ac3", "ac3", "ac3", {}),
    ],
)
def test_a_guessed_length_gives_way_to_what_was_read(
    tmp_path: Path, name: str, codec: str, form: str, options: dict[str, str]
) -> None:
    """Silence costs few bytes: from its rate ffmpeg guesses several times the true length."""
    file = MediaFile(encoded(tmp_path / name, codec, form, silence=20, **options))
    progress = [file.progress for _ in file]
    assert file.length == pytest.approx(23, abs=0.2)
    assert not file.damaged
    assert progress == sorted(progress)
    assert progress[-1] == pytest.approx(1.0, abs=0.1)


def test_a_stream_that_states_no_length_is_as_long_as_it_is(tmp_path: Path) -> None:
    path = encoded(tmp_path / "live.mka", "aac", "matroska", live="1")
    file = read(path)
    assert file.duration is None
    assert not file.damaged
    assert file.length == pytest.approx(SECONDS, abs=0.1)


def field(offset: int, form: str, value: int) -> Callable[[bytearray, int], None]:
    return lambda data, _at: struct.pack_into(form, data, offset, value)


@pytest.mark.parametrize("rate", [1, 100, 0x7FFFFFFF])
def test_a_rate_that_no_sound_has_is_refused_before_it_fills_the_memory(tmp_path: Path, rate: int) -> None:
    with pytest.raises(CaptureError, match=f"states {rate} samples a second"):
        read(wav(tmp_path / "rate.wav", field(24, "<I", rate)))


@pytest.mark.parametrize(
    "change",
    [field(22, "<H", 65535), field(22, "<H", 0), field(34, "<H", 64), field(20, "<H", 0x11)],
    ids=["65535 channels", "no channel", "64 bits", "another codec"],
)
def test_a_wav_whose_format_is_nonsense_is_refused_in_words(
    tmp_path: Path, change: Callable[[bytearray, int], None]
) -> None:
    with pytest.raises(CaptureError, match=r"nonsense\.wav: "):
        read(wav(tmp_path / "nonsense.wav", change))


@pytest.mark.parametrize("rate", [4000, 7350, 11_025, 96_000, 384_000])
def test_odd_rates_are_read(tmp_path: Path, rate: int) -> None:
    soundfile.write(tmp_path / "odd.wav", tone(rate=rate), rate)
    file = read(tmp_path / "odd.wav")
    assert not file.damaged
    assert file.length == pytest.approx(SECONDS, abs=0.01)


def test_amr_with_pauses_is_read_whole(tmp_path: Path) -> None:
    """Frames without data (DTX) are pauses, not damage; ffmpeg's own decoder refuses them."""
    path, rate = tmp_path / "call.amr", 8000
    pause = np.zeros(3 * rate, np.float32)
    sound = np.concatenate([tone(1.0, rate), pause, tone(1.0, rate)])
    with av.open(str(path), mode="w", format="amr") as container:
        try:
            stream = container.add_stream("libopencore_amrnb", rate=rate, layout="mono", options={"dtx": "1"})
        except ValueError:
            pytest.skip("this PyAV has no AMR encoder")
        assert isinstance(stream, av.AudioStream)
        frame = av.AudioFrame.from_ndarray((sound * 32767).astype(np.int16)[None], "s16", "mono")
        frame.sample_rate = rate
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    file = read(path)
    assert not file.damaged
    assert file.length == pytest.approx(5.0, abs=0.2)
