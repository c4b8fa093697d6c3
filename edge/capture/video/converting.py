"""A decoder's frame as the picture that is handed on: its own planes where they will do, else BGR."""

from __future__ import annotations

import numpy as np
from av.video.frame import VideoFrame

from edge.capture.video.pixels import Image, Size

__all__ = ["converted"]

_JPEG_LEVELS = 2


def converted(frame: VideoFrame, size: Size, *, planar: bool) -> tuple[Image, bool]:
    """The picture at that size, and whether as planes (see `Frame`), as `planar` asks for where it can be.

    Raises ValueError and FFmpegError where it cannot be converted.
    """
    if planar and _is_plain(frame) and size.width % 2 == 0 and size.height % 2 == 0:
        same = size == (frame.width, frame.height)
        plain = frame if same else frame.reformat(width=size.width, height=size.height)
        return np.asarray(plain.to_ndarray(), np.uint8), True
    image = frame.to_ndarray(format="bgr24", width=size.width, height=size.height)
    return np.asarray(image, np.uint8), False


def _is_plain(frame: VideoFrame) -> bool:
    """Whether it is what most films are made of: 4:2:0 in planes of whole sides, at studio levels."""
    whole = frame.width % 2 == 0 and frame.height % 2 == 0
    return whole and frame.format.name == "yuv420p" and frame.color_range != _JPEG_LEVELS
