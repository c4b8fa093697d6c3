"""Photos of phones (HEIC, HEIF), put together from their tiles and turned as they say, through libheif."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from edge.capture.files.pictures import MOST_PIXELS, SilentReader
from edge.capture.video.pixels import Size, shrink, to_bgr
from edge.errors import CaptureError
from edge.vocabulary import Frame

__all__ = ["HeifReader", "is_heif"]

_STILL: Final = (b"heic", b"heix", b"heim", b"heis", b"mif1")
"""Major brands of pictures; sequences and AVIF are left to ffmpeg."""


def is_heif(path: Path) -> bool:
    """Whether the file begins as a HEIF picture does."""
    try:
        with path.open("rb") as file:
            head = file.read(64)
    except OSError:
        return False
    return head[4:8] == b"ftyp" and head[8:12] in _STILL and b"avif" not in head


class HeifReader(SilentReader):
    """The primary picture of the file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def frames(self, size: Size | None, *_: object) -> Iterator[Frame]:
        """The picture, at the moment 0."""
        try:
            import pi_heif
        except ImportError:
            raise CaptureError(
                f"{self._path}: HEIC pictures need pi-heif: pip install pi-heif, or save it as JPEG"
            ) from None
        try:
            with self._path.open("rb") as file:
                picture = pi_heif.open_heif(file, convert_hdr_to_8bit=True, bgr_mode=True)
                if picture.size[0] * picture.size[1] > MOST_PIXELS:
                    raise ValueError("larger than any picture")
                image = np.asarray(picture)
        except Exception as error:  # the library raises what its parts raise
            raise CaptureError(
                f"{self._path}: this picture is damaged or of a kind that cannot be read: {error}"
            ) from error
        yield Frame(shrink(to_bgr(image), size), 0.0)
