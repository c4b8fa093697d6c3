import resource
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.capture.files.png import is_cut_or_torn
from edge.capture.files.stills import StillReader
from edge.errors import CaptureError

PICTURE = np.arange(16 * 16 * 3, dtype=np.uint8).reshape(16, 16, 3)


def coded(kind: str) -> bytes:
    return cv2.imencode(kind, PICTURE)[1].tobytes()


def with_length_of_first_data(png: bytes, length: int) -> bytes:
    at = png.index(b"IDAT") - 4
    return png[:at] + length.to_bytes(4, "big") + png[at + 4 :]


def test_whole_pictures_are_whole_and_other_kinds_are_not_looked_at() -> None:
    assert not is_cut_or_torn(coded(".png"))
    assert not is_cut_or_torn(coded(".png") + b"what some program left behind the end")
    assert not is_cut_or_torn(coded(".jpg")[:100])


@pytest.mark.parametrize("left", [8, 20, 40, 100, -1])
def test_a_picture_that_was_cut_is_known(left: int) -> None:
    assert is_cut_or_torn(coded(".png")[:left])


def test_a_part_that_claims_gigabytes_takes_none(tmp_path: Path) -> None:
    file = tmp_path / "face.png"
    file.write_bytes(with_length_of_first_data(coded(".png"), 0xBC000000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(CaptureError, match=r"face\.png: this picture is damaged"):
        list(StillReader(file).frames(None))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000
