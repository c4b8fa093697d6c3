"""The part of the picture that is looked at: one of two seats, a desk without the door behind it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from typing_extensions import Self

from edge.perception.observation import FaceSighting
from edge.perception.picture import Picture
from edge.vocabulary import Box

__all__ = ["Region"]

_WHOLE: Final = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Region:
    """x, y, width and height as shares of the picture. What lies outside is never given on."""

    box: Box

    @classmethod
    def configured(cls, box: Box | None) -> Self:
        """The region itself, or the whole picture."""
        return cls(_WHOLE if box is None else box)

    def cut(self, picture: Picture) -> Picture:
        """This part of a picture, without a copy where it is in colours; at least one pixel."""
        if self.box == _WHOLE:
            return picture
        width, height = picture.size
        x, y, w, h = self.box
        left, top = min(round(x * width), width - 1), min(round(y * height), height - 1)
        right, bottom = max(left + 1, round((x + w) * width)), max(top + 1, round((y + h) * height))
        return Picture(picture.colour()[top:bottom, left:right])

    def placed(self, seen: FaceSighting) -> FaceSighting:
        """A face found in the part, its box as shares of the whole picture."""
        if self.box == _WHOLE:
            return seen
        (x, y, w, h), (left, top, width, height) = seen.box, self.box
        return replace(seen, box=(left + x * width, top + y * height, w * width, h * height))
