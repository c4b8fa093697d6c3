from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edge.capture.files.media_file import MediaFile
from edge.perception.crop import crop_face
from edge.perception.detector import CenterFace, Face
from edge.perception.neighbourhood import Cutout
from edge.perception.picture import Picture
from edge.perception.stills import identical
from edge.samples import sample_clip

FACE = Face(200, 100, 180, 220, 0.9)
PART = Cutout(100, 60, 320, 320, 0.5)


def pair() -> tuple[Picture, Picture]:
    """The same picture of a film in colours and as planes."""
    colours = next(iter(MediaFile(sample_clip()).frames()))
    planes = next(iter(MediaFile(sample_clip()).frames(planar=True)))
    assert planes.planar and not colours.planar
    return Picture.of(colours), Picture.of(planes)


def difference(a: NDArray[np.generic], b: NDArray[np.generic]) -> float:
    return float(np.abs(np.asarray(a, np.float64) - np.asarray(b, np.float64)).mean())


def test_planes_and_colours_are_the_same_picture() -> None:
    colours, planes = pair()
    assert colours.size == planes.size == (640, 480)
    assert difference(colours.small, planes.small) < 1.5
    assert difference(colours.thumb, planes.thumb) < 1.5
    assert difference(colours.colour(PART), planes.colour(PART)) < 3.0
    assert difference(colours.colour(), planes.colour()) < 3.0


def test_a_face_is_the_same_out_of_planes_and_out_of_colours() -> None:
    colours, planes = pair()
    a, b = (one.levelled(crop_face(one.plane, FACE, CenterFace.framing)) for one in (colours, planes))
    assert a.shape == b.shape == (48, 48)
    assert difference(a, b) < 1.5


def test_a_part_has_its_size_and_place() -> None:
    image = np.zeros((480, 640, 3), np.uint8)
    image[60:380, 100:420] = 200
    assert (Picture(image).colour(PART) == 200).all()
    assert Picture(image).colour(PART).shape == (160, 160, 3)
    assert Picture(image).colour() is image


def test_what_is_small_already_is_not_enlarged() -> None:
    assert Picture(np.zeros((100, 200, 3), np.uint8)).small.shape == (100, 200)


@pytest.mark.parametrize("pixels", ["yuv420p", "yuvj420p", "yuv422p"])
def test_levels_and_layouts_of_films_make_no_difference(tmp_path: Path, pixels: str) -> None:
    film = tmp_path / "film.mkv"
    grey = np.full((64, 64, 3), 180, np.uint8)
    with av.open(str(film), "w") as out:
        stream = out.add_stream("ffv1" if pixels != "yuvj420p" else "mjpeg", rate=10)
        stream.width = stream.height = 64
        stream.pix_fmt = pixels
        for _ in range(3):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="bgr24")))
        out.mux(stream.encode(None))
    frames = list(MediaFile(film).frames(planar=True))
    assert [frame.planar for frame in frames] == [pixels == "yuv420p"] * 3
    assert all(difference(Picture.of(frame).small, np.full((64, 64), 180)) <= 2 for frame in frames)


def test_a_still_of_planes_repeats_itself() -> None:
    _, planes = pair()
    assert identical(planes.image, planes.image.copy())


def test_colours_are_those_of_opencv() -> None:
    _, planes = pair()
    whole = Cutout(0, 0, 640, 480, 1.0)
    assert difference(planes.colour(whole), cv2.cvtColor(planes.image, cv2.COLOR_YUV2BGR_I420)) < 2.0
