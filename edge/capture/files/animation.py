"""Animated WebP through Pillow; ffmpeg reads the first of its pictures only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np

from edge.capture.files.pictures import SilentReader
from edge.capture.video.pacer import Pacer
from edge.capture.video.pixels import Size, shrink
from edge.errors import CaptureError
from edge.vocabulary import Frame

__all__ = ["AnimationReader", "is_animation"]

_USUAL: Final = 0.1
"""Seconds that a picture stays when the file says nothing, as browsers have it."""


def is_animation(path: Path) -> bool:
    """Whether the file is a WebP picture that moves."""
    try:
        with path.open("rb") as file:
            head = file.read(21)
    except OSError:
        return False
    extended = head[:4] == b"RIFF" and head[8:16] == b"WEBPVP8X" and len(head) == 21
    return extended and bool(head[20] & 2)


class AnimationReader(SilentReader):
    """A film of pictures, each with a duration of its own."""

    def __init__(self, path: Path) -> None:
        from PIL import Image as Pillow

        self._path = path
        try:
            with Pillow.open(path) as image:
                pictures = int(getattr(image, "n_frames", 1))
        except (OSError, ValueError, SyntaxError) as error:
            raise CaptureError(f"{path}: this picture is damaged or of a kind that cannot be read") from error
        self.single_picture = pictures == 1
        self.position = 0.0
        self._pictures = pictures

    def frames(
        self, size: Size | None, fps: float | None, damage: Callable[[], None], *_: object
    ) -> Iterator[Frame]:
        """The pictures in their order."""
        from PIL import Image as Pillow
        from PIL import ImageSequence

        at, pacer = 0.0, Pacer(fps)
        try:
            with Pillow.open(self._path) as image:
                for index, picture in enumerate(ImageSequence.Iterator(image), start=1):
                    self.position = index / self._pictures
                    rgb = np.asarray(picture.convert("RGB"))
                    if pacer.due(at):
                        yield Frame(shrink(np.ascontiguousarray(rgb[:, :, ::-1]), size), at)
                    at += float(picture.info.get("duration") or 0) / 1000 or _USUAL
        except (OSError, EOFError, ValueError, SyntaxError):
            damage()
