"""Single pictures through OpenCV: any depth, any channels, turned as their EXIF data say."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from edge.capture.files.pictures import MOST_PIXELS, SilentReader
from edge.capture.files.png import is_cut_or_torn
from edge.capture.video.pixels import Image, Size, quiet_opencv, shrink, to_bgr
from edge.errors import CaptureError
from edge.vocabulary import Frame

__all__ = ["StillReader", "is_still"]


def is_still(path: Path) -> bool:
    """Whether the file's content, not its name, is a picture format that OpenCV reads.

    GIF and animated PNG are films, so that all their pictures count.
    """
    quiet_opencv()
    try:
        with path.open("rb") as file:
            head = file.read(4096)
            if head.startswith(b"GIF8") or (head.startswith(b"\x89PNG") and b"acTL" in head):
                return False
            # By descriptor: OpenCV encodes names as UTF-8 whatever the locale says.
            return bool(cv2.haveImageReader(f"/proc/self/fd/{file.fileno()}"))
    except OSError:
        return False


class StillReader(SilentReader):
    """One picture."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.notes = _more_pages(path)

    def frames(self, size: Size | None, *_: object) -> Iterator[Frame]:
        """The picture, at the moment 0."""
        _check_size(self._path)
        try:
            data = self._path.read_bytes()
        except OSError as error:  # it has gone while it was read
            raise CaptureError(f"{self._path}: cannot be opened: {error.strerror}") from error
        yield Frame(_decoded(self._path, data, size), 0.0)


def _decoded(path: Path, data: bytes, limit: Size | None) -> Image:
    """The picture as BGR uint8; a transparent ground is dropped. Raises CaptureError when it is damaged."""
    if is_cut_or_torn(data):
        raise CaptureError(f"{path}: this picture is damaged: a part of it is missing")
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise CaptureError(f"{path}: this picture cannot be read: {_short(error)}") from error
    if image is None or not image.size:
        raise CaptureError(f"{path}: this picture is damaged or of a kind that cannot be read")
    return shrink(to_bgr(image), limit)


def _check_size(path: Path) -> None:
    """Refuse what is said to be larger than any picture, before memory is taken for it."""
    width, height, _ = _described(path)
    if width * height > MOST_PIXELS:
        raise CaptureError(f"{path}: damaged, or larger than {MOST_PIXELS // 10**6} megapixels")


def _more_pages(path: Path) -> tuple[str, ...]:
    pages = _described(path)[2]
    return (f"the file has {pages} pictures, the first was read",) if pages > 1 else ()


def _described(path: Path) -> tuple[int, int, int]:
    """Width, height and number of pictures as the header says; zeros for kinds that Pillow does not know."""
    from PIL import Image as Pillow

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)
        try:
            with path.open("rb") as file, Pillow.open(file) as image:
                return *image.size, int(getattr(image, "n_frames", 1))
        except Pillow.DecompressionBombError:
            return MOST_PIXELS, 2, 1
        except Exception:  # damaged, which is reported when it is read
            return 0, 0, 0


def _short(error: Exception) -> str:
    return str(getattr(error, "err", None) or error).strip().splitlines()[0]
