import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from edge.capture.files.media_file import MediaFile
from edge.capture.video.pixels import Size
from edge.errors import CaptureError
from edge.samples import sample_clip
from edge.vocabulary import AudioChunk, Frame


def split(clip: MediaFile) -> tuple[list[Frame], list[AudioChunk]]:
    items = list(clip)
    return [i for i in items if isinstance(i, Frame)], [i for i in items if isinstance(i, AudioChunk)]


def sound(clip: MediaFile) -> NDArray[np.float32]:
    return np.concatenate([chunk.samples for chunk in split(clip)[1]])


def pitch(samples: NDArray[np.float32]) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * 16_000 / len(samples))


def tone(rate: int, channels: int = 1, seconds: float = 1.0) -> NDArray[np.float64]:
    wave = 0.5 * np.sin(2 * np.pi * 440 * np.arange(int(rate * seconds)) / rate)
    return np.repeat(wave[:, None], channels, axis=1)


def video(
    path: Path, *, frames: int = 20, rate: int = 10, width: int = 64, height: int = 48, **options: str
) -> Path:
    """A video whose left half is red; no sound."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, : width // 2, 2] = 255
    with av.open(str(path), mode="w") as container:
        stream = container.add_stream(options.pop("codec", "mpeg4"), rate=rate)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for index in range(frames):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = index, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def test_picture_and_sound_come_in_order_on_one_clock() -> None:
    clip = MediaFile(sample_clip())
    items = list(clip)
    moments = [item.captured_at for item in items]
    frames, chunks = split(clip)
    assert moments == sorted(moments)
    assert (clip.has_video, clip.has_audio, clip.fps) == (True, True, 15.0)
    assert clip.duration == pytest.approx(15.0, abs=0.1)
    assert frames[0].captured_at == 0.0
    assert [frame.captured_at for frame in frames] == pytest.approx([n / 15 for n in range(225)])
    assert {frame.image.shape for frame in frames} == {(480, 640, 3)}
    assert chunks[-1].captured_at == pytest.approx(15.0, abs=0.1)
    assert sum(len(chunk.samples) for chunk in chunks) == pytest.approx(15 * 16_000, abs=1600)
    assert not clip.damaged


def test_a_half_that_is_not_wanted_is_left_out() -> None:
    assert split(MediaFile(sample_clip(), sound=False))[1] == []
    assert split(MediaFile(sample_clip(), pictures=False))[0] == []


def test_frames_are_thinned_and_shrunk_on_request() -> None:
    frames, _ = split(MediaFile(sample_clip(), sound=False, fps=5, size=Size(320, 320)))
    assert len(frames) == 75
    assert frames[0].image.shape == (240, 320, 3)


@pytest.mark.parametrize(
    "subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"]
)
@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (96_000, 2)])
def test_wav_files_of_every_kind_keep_pitch_and_level(
    tmp_path: Path, subtype: str, rate: int, channels: int
) -> None:
    file = tmp_path / "tone.wav"
    soundfile.write(file, tone(rate, channels), rate, subtype=subtype)
    samples = sound(MediaFile(file))
    assert len(samples) == pytest.approx(16_000, abs=20)
    assert pitch(samples) == pytest.approx(440, abs=2)
    assert np.sqrt(np.mean(samples[1000:-1000] ** 2)) == pytest.approx(0.3536, rel=0.03)


@pytest.mark.parametrize(
    ("name", "subtype"), [("a.flac", "PCM_24"), ("a.ogg", "VORBIS"), ("a.opus", "OPUS"), ("a.mp3", None)]
)
def test_compressed_sound_is_read(tmp_path: Path, name: str, subtype: str | None) -> None:
    file = tmp_path / name
    form = "OGG" if name.endswith("opus") else None
    soundfile.write(file, tone(48_000, 2), 48_000, subtype=subtype, format=form)
    assert pitch(sound(MediaFile(file))) == pytest.approx(440, abs=2)


def test_what_ffmpeg_does_not_read_libsndfile_does(tmp_path: Path) -> None:
    file = tmp_path / "tone.mat"
    soundfile.write(file, tone(22_050), 22_050, format="MAT5", subtype="PCM_16")
    clip = MediaFile(file)
    assert clip.duration == pytest.approx(1.0)
    assert pitch(sound(clip)) == pytest.approx(440, abs=2)


def test_a_cover_picture_is_no_video(tmp_path: Path) -> None:
    file = tmp_path / "song.mp3"
    cv2.imwrite(str(tmp_path / "cover.png"), np.zeros((32, 32, 3), np.uint8))
    soundfile.write(tmp_path / "tone.wav", tone(44_100), 44_100)
    with av.open(str(tmp_path / "tone.wav")) as source, av.open(str(file), mode="w") as target:
        audio = target.add_stream("mp3", rate=44_100)
        cover = target.add_stream("png", rate=1)
        cover.width, cover.height, cover.pix_fmt = 32, 32, "rgb24"
        cover.disposition = av.stream.Disposition.attached_pic.value
        target.mux(cover.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8))))
        target.mux(cover.encode(None))
        for frame in source.decode(audio=0):
            target.mux(audio.encode(frame))
        target.mux(audio.encode(None))
    clip = MediaFile(file)
    assert (clip.has_video, clip.has_audio) == (False, True)


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [
        ((16, 16, 3), np.uint8),
        ((2160, 3840, 3), np.uint8),
        ((48, 64), np.uint8),
        ((48, 64), np.uint16),
        ((48, 64, 4), np.uint8),
        ((48, 64, 3), np.uint16),
    ],
)
def test_pictures_of_every_kind_become_one_bgr_frame(
    tmp_path: Path, shape: tuple[int, ...], dtype: type
) -> None:
    file = tmp_path / "picture.png"
    cv2.imwrite(str(file), np.full(shape, 128 if dtype == np.uint8 else 128 << 8, dtype))
    clip = MediaFile(file)
    (frame,) = split(clip)[0]
    assert (clip.is_image, clip.duration, clip.fps, clip.has_audio) == (True, None, None, False)
    assert frame.image.shape == (*shape[:2], 3)
    assert frame.image.dtype == np.uint8
    assert (frame.image == 128).all()


def test_a_photograph_is_turned_as_its_exif_data_say(tmp_path: Path) -> None:
    picture = np.zeros((48, 64, 3), np.uint8)
    picture[:, :32] = 255
    _, jpeg = cv2.imencode(".jpg", picture)
    tiff = b"II*\0\x08\0\0\0" + b"\x01\0" + b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0" + b"\0\0\0\0"
    exif = b"Exif\0\0" + tiff
    data = jpeg.tobytes()
    file = tmp_path / "photo.jpg"
    file.write_bytes(data[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + data[2:])
    (frame,) = split(MediaFile(file))[0]
    assert frame.image.shape == (64, 48, 3)
    assert frame.image[:28].mean() > 250
    assert frame.image[36:].mean() < 5


def test_an_animation_is_read_as_video(tmp_path: Path) -> None:
    video(tmp_path / "film.mp4")
    with (
        av.open(str(tmp_path / "film.mp4")) as source,
        av.open(str(tmp_path / "film.gif"), mode="w") as target,
    ):
        stream = target.add_stream("gif", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "rgb8"
        for frame in source.decode(video=0):
            target.mux(stream.encode(frame.reformat(format="rgb8")))
        target.mux(stream.encode(None))
    frames, _ = split(MediaFile(tmp_path / "film.gif"))
    assert len(frames) == 20


def test_names_that_ffmpeg_would_take_for_something_else_are_plain_files(tmp_path: Path) -> None:
    for name in ("12:30.mp4", "part%03d.mp4", "a b#c?d.mp4", "-i.mp4"):
        assert len(split(MediaFile(video(tmp_path / "film.mp4").rename(tmp_path / name)))[0]) == 20


def test_a_film_cut_short_gives_what_there_is_and_says_so(tmp_path: Path) -> None:
    whole = sample_clip().read_bytes()
    file = tmp_path / "cut.mp4"
    file.write_bytes(whole[: len(whole) // 2])
    clip = MediaFile(file)
    frames, chunks = split(clip)
    assert 60 < len(frames) < 200
    assert chunks
    assert clip.damaged


def test_a_film_with_damage_inside_is_read_to_its_end(tmp_path: Path) -> None:
    data = bytearray(sample_clip().read_bytes())
    places = np.random.default_rng(0).integers(60_000, len(data), 300)
    for place in places:
        data[place] ^= 0xFF
    file = tmp_path / "noisy.mp4"
    file.write_bytes(data)
    clip = MediaFile(file)
    frames, chunks = split(clip)
    assert frames[-1].captured_at > 14
    assert chunks[-1].captured_at == pytest.approx(15, abs=0.3)
    assert clip.damaged


TEXT = b"This is no film, and it was never meant to be one.\n" * 20


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.wav", b"", "empty"),
        ("empty.mp4", b"", "empty"),
        ("empty.png", b"", "empty"),
        ("text.wav", TEXT, "text file"),
        ("text.mp4", TEXT, "text file"),
        ("text.jpg", TEXT, "text file"),
        ("notes.txt", TEXT, "text file"),
        ("list.m3u8", b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n", "text file"),
        ("list.mp4", b"ffconcat version 1.0\nfile /etc/hostname\n", "text file"),
        ("subtitles.mp4", b"1\n00:00:01,000 --> 00:00:02,000\nHello\n\n", "text file"),
        ("noise.mp4", bytes(range(256)) * 50, "damaged"),
        ("noise.wav", bytes(range(256)) * 50, "damaged"),
        ("cut.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10\x08\x02\0\0\0", "picture is damaged"),
    ],
)
def test_what_cannot_be_read_is_refused_with_one_message(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(CaptureError, match=message) as caught:
        list(MediaFile(file))
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_a_folder_and_a_device_are_told_apart(tmp_path: Path) -> None:
    for path, message in (
        (tmp_path / "none.mp4", "no such file"),
        (tmp_path, "folder"),
        ("/dev/null", "device"),
    ):
        with pytest.raises(CaptureError, match=message):
            MediaFile(path)


NAMES = ("K\xe4the Foto", "\u4f60\u597d", "b\udcff")
"""In UTF-8, and one that is of no encoding."""

SHOW = """
import sys
from edge.capture.files.media_file import MediaFile
print([len(list(MediaFile(name))) for name in sys.argv[1:]])
"""


@pytest.mark.parametrize("locale", ["C.UTF-8", "C", "de_DE.ISO-8859-1"])
def test_names_of_any_encoding_are_read_under_any_locale(tmp_path: Path, locale: str) -> None:
    files = []
    for name in NAMES:
        cv2.imwrite(str(tmp_path / "x.png"), np.zeros((16, 16, 3), np.uint8))
        soundfile.write(tmp_path / "x.wav", np.zeros(16_000), 16_000)
        soundfile.write(tmp_path / "x.mat", np.zeros(16_000), 16_000, format="MAT5", subtype="PCM_16")
        kinds = (".png", ".wav", ".mat")
        files += [(tmp_path / "x").with_suffix(kind).rename(tmp_path / f"{name}{kind}") for kind in kinds]
    environment = os.environ | {"LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    ran = subprocess.run(
        [sys.executable, "-c", SHOW, *map(os.fsencode, files)],
        check=False,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert ran.stdout.strip() == str([1, 16, 16] * 3), ran.stderr


def test_a_file_that_goes_while_it_is_played_is_no_fault_of_the_program(tmp_path: Path) -> None:
    path = video(tmp_path / "clip.mp4")
    clip = MediaFile(path)
    path.unlink()
    with pytest.raises(CaptureError, match="cannot be opened: No such file"):
        list(clip)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Two seconds at 25 pictures a second, brighter from one to the next; most depend on others."""
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"bf": "3", "b-pyramid": "normal"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(50):
            grey = np.full((48, 64, 3), 20 + 4 * number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="bgr24")))
        container.mux(stream.encode(None))
    return path


def test_of_a_fast_film_every_second_picture_comes_and_is_the_right_one(film: Path) -> None:
    frames = list(MediaFile(film, fps=15).frames())
    assert [round(frame.captured_at * 25) for frame in frames] == list(range(0, 50, 2))
    brightness = [float(frame.image.mean()) for frame in frames]
    assert brightness == pytest.approx([20 + 8 * index for index in range(25)], abs=6)


def test_a_fast_film_is_whole_although_not_all_of_it_is_decoded(film: Path) -> None:
    file = MediaFile(film, fps=15)
    assert len(list(file.frames())) == 25
    file.conclude()
    assert not file.damaged
