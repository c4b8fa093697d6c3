"""Pictures in all the clothes they come in: photos of phones, animations, films of one frame."""

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pi_heif
import pytest
import soundfile
from PIL import Image

from edge.capture.files.media_file import MediaFile
from edge.errors import CaptureError
from edge.vocabulary import Frame

WIDTH, HEIGHT = 160, 120


def picture(width: int = WIDTH, height: int = HEIGHT, shade: int = 200) -> np.ndarray:
    """RGB; left half red, right half green."""
    image = np.zeros((height, width, 3), np.uint8)
    image[:, : width // 2, 0] = shade
    image[:, width // 2 :, 1] = shade
    return image


def encoded(path: Path, codec: str, pixels: str, pictures: int = 1, form: str | None = None) -> Path:
    with av.open(str(path), mode="w", format=form) as container:
        stream = container.add_stream(codec, rate=10)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, pixels
        for index in range(pictures):
            frame = av.VideoFrame.from_ndarray(picture(shade=200 - index), format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 10)
            container.mux(stream.encode(frame.reformat(format=pixels)))
        container.mux(stream.encode(None))
    return path


def frames(path: Path) -> list[Frame]:
    return [item for item in MediaFile(path) if isinstance(item, Frame)]


def is_red_then_green(image: np.ndarray) -> bool:
    """Of a BGR picture, whatever its size."""
    width = image.shape[1]
    left, right = image[:, : width // 3].mean(axis=(0, 1)), image[:, -(width // 3) :].mean(axis=(0, 1))
    return bool(left.argmax() == 2 and right.argmax() == 1 and left[2] > 100 and right[1] > 100)


@pytest.mark.parametrize(
    ("name", "codec", "pixels", "form"),
    [
        ("one.gif", "gif", "rgb8", None),
        ("one.mp4", "mpeg4", "yuv420p", None),
        ("one.mkv", "mpeg4", "yuv420p", None),
        ("one.avi", "mjpeg", "yuvj420p", None),
        ("one.png", "apng", "rgb24", "apng"),
        ("named wrongly.jpg", "gif", "rgb8", "gif"),
    ],
)
def test_what_has_one_picture_is_a_picture(
    tmp_path: Path, name: str, codec: str, pixels: str, form: str | None
) -> None:
    file = MediaFile(encoded(tmp_path / name, codec, pixels, form=form))
    assert (file.is_image, file.single_picture, file.duration) == (True, True, None)
    (frame,) = frames(file.path)
    assert frame.captured_at == 0.0
    assert is_red_then_green(frame.image)


@pytest.mark.parametrize(
    ("name", "codec", "pixels", "form"),
    [
        ("two.gif", "gif", "rgb8", None),
        ("two.mp4", "mpeg4", "yuv420p", None),
        ("two.mkv", "mpeg4", "yuv420p", None),
        ("two.png", "apng", "rgb24", "apng"),
    ],
)
def test_two_pictures_are_a_film(
    tmp_path: Path, name: str, codec: str, pixels: str, form: str | None
) -> None:
    file = MediaFile(encoded(tmp_path / name, codec, pixels, pictures=2, form=form))
    assert not file.is_image
    assert len(frames(file.path)) == 2


def test_one_picture_with_sound_is_a_sound_with_a_picture(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "tone.wav", np.zeros(16_000 * 3), 16_000)
    path = tmp_path / "talk.mkv"
    with av.open(str(tmp_path / "tone.wav")) as source, av.open(str(path), mode="w") as target:
        video = target.add_stream("mpeg4", rate=10)
        assert isinstance(video, av.VideoStream)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        audio = target.add_stream("pcm_s16le", rate=16_000)
        assert isinstance(audio, av.AudioStream)
        frame = av.VideoFrame.from_ndarray(picture(), format="rgb24")
        frame.pts, frame.time_base = 0, Fraction(1, 10)
        target.mux(video.encode(frame))
        target.mux(video.encode(None))
        for sound in source.decode(audio=0):
            target.mux(audio.encode(sound))
        target.mux(audio.encode(None))
    file = MediaFile(path)
    assert (file.single_picture, file.is_image, file.has_audio) == (True, False, True)


def heic(path: Path, *, tile: int | None) -> Path:
    """A photo as phones write it: HEVC tiles that a grid puts together."""
    pillow_heif = pytest.importorskip("pillow_heif", reason="needs pillow-heif, which can write HEIC")
    image = Image.fromarray(picture(1200, 900))
    pillow_heif.from_pillow(image).save(path, quality=80, **({"tile_size": tile} if tile else {}))
    return path


@pytest.mark.parametrize("tile", [None, 512])
def test_a_photo_of_a_phone_is_whole(tmp_path: Path, tile: int | None) -> None:
    file = MediaFile(heic(tmp_path / "photo.heic", tile=tile))
    assert file.is_image
    (frame,) = frames(file.path)
    assert frame.image.shape == (900, 1200, 3)
    assert is_red_then_green(frame.image)


def test_a_damaged_photo_of_a_phone_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "photo.heic"
    path.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(300))
    assert pi_heif.is_supported(path)
    with pytest.raises(CaptureError, match=r"photo\.heic: this picture is damaged"):
        frames(path)


def test_an_animated_webp_is_a_film(tmp_path: Path) -> None:
    path = tmp_path / "moving.webp"
    first, *others = [Image.fromarray(picture(shade=shade)) for shade in (250, 200, 150)]
    first.save(path, save_all=True, append_images=others, duration=[500, 250, 250], lossless=True)
    file = MediaFile(path)
    assert (file.is_image, file.has_video) == (False, True)
    shown = frames(path)
    assert [frame.captured_at for frame in shown] == [0.0, 0.5, 0.75]
    assert [int(frame.image[0, 0, 2]) for frame in shown] == [250, 200, 150]


def test_a_still_webp_is_a_picture(tmp_path: Path) -> None:
    Image.fromarray(picture()).save(tmp_path / "still.webp", lossless=True)
    assert MediaFile(tmp_path / "still.webp").is_image


def test_of_several_pages_the_first_is_read_and_the_rest_is_told(tmp_path: Path) -> None:
    path = tmp_path / "scan.tiff"
    first, second = Image.fromarray(picture()), Image.fromarray(picture(shade=90))
    first.save(path, save_all=True, append_images=[second])
    file = MediaFile(path)
    assert file.notes == ("the file has 2 pictures, the first was read",)
    assert len(frames(path)) == 1


def test_what_follows_a_photo_in_its_file_is_no_matter(tmp_path: Path) -> None:
    path = tmp_path / "motion.jpg"
    cv2.imwrite(str(path), picture())
    path.write_bytes(path.read_bytes() + bytes(1000) + b"\xff\xda" + bytes(1000))
    file = MediaFile(path)
    assert len(list(file)) == 1
    assert not file.damaged


def test_a_header_of_an_impossible_size_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "huge.bmp"
    cv2.imwrite(str(path), picture())
    data = bytearray(path.read_bytes())
    data[18:26] = (30_000).to_bytes(4, "little") * 2
    path.write_bytes(data)
    with pytest.raises(CaptureError, match="megapixels"):
        frames(path)
