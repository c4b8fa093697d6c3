"""Single pictures through OpenCV: any depth, any channels, turned as their EXIF data say."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import numpy as np

from edge.capture.video.pixels import Image, Size, quiet_opencv, shrink, to_bgr
from edge.errors import CaptureError

__all__ = ["is_still", "read_still"]

_ANIMATED: Final = (".gif", ".apng")
"""Read as video, so that all their frames count."""


def is_still(path: Path) -> bool:
    """Whether the file's content, not its name, is a picture format that OpenCV reads."""
    return path.is_file() and path.suffix.lower() not in _ANIMATED and cv2.haveImageReader(str(path))


def read_still(path: Path, limit: Size | None = None) -> Image:
    """The picture as BGR uint8; a transparent ground is dropped. Raises CaptureError when it is damaged."""
    quiet_opencv()
    try:
        image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
    except (cv2.error, OSError) as error:
        raise CaptureError(f"{path}: this picture cannot be read: {_short(error)}") from error
    if image is None or not image.size:
        raise CaptureError(f"{path}: this picture is damaged or of a kind that cannot be read")
    return shrink(to_bgr(image), limit)


def _short(error: Exception) -> str:
    return str(getattr(error, "err", None) or error).strip().splitlines()[0]
