"""An open source of pictures, whatever its kind."""

from __future__ import annotations

from typing import Protocol

from edge.capture.video.pixels import Image

__all__ = ["VideoReader"]


class VideoReader(Protocol):
    """Used and closed by one thread."""

    @property
    def detail(self) -> str:
        """What it delivers, for people."""
        ...

    def read(self) -> Image | None:
        """Wait for the next picture, BGR; None for one beyond the wanted rate or too damaged to be shown.

        Raises CaptureError when there are no more.
        """
        ...

    def close(self) -> None:
        """Give the device back."""
        ...
