"""Readings of hours in little memory: columns of numbers that become objects only when they are looked at."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from typing import Final, overload

import numpy as np

from edge.analysis.timeline import FusedPoint
from edge.vocabulary import LABELS, NONE, Reading

__all__ = ["FaceReadings", "FusedPoints"]

_NAMES: Final = (*LABELS, NONE)
_SOURCES: Final = ("face", "speech")
_CLASSES: Final = len(LABELS)
_BOX: Final = 4
_NO_BOX: Final = (float("nan"),) * _BOX


class FaceReadings:
    """A list of face readings, to be added to and read; 64 bytes each instead of 500."""

    def __init__(self, readings: Iterable[Reading] = ()) -> None:
        self._times, self._tracks = array("d"), array("l")
        self._numbers = array("f")
        self.extend(readings)

    def append(self, reading: Reading) -> None:
        """One more, at the end."""
        self._times.append(reading.captured_at)
        self._tracks.append(-1 if reading.track is None else reading.track)
        self._numbers.extend(reading.probabilities)
        self._numbers.extend(reading.box or _NO_BOX)
        self._numbers.append(reading.quality)

    def extend(self, readings: Iterable[Reading]) -> None:
        """More, at the end."""
        for reading in readings:
            self.append(reading)

    def of(self, track: int) -> Iterator[Reading]:
        """Those of one person, in order of time."""
        return (self[index] for index, one in enumerate(self._tracks) if one == track)

    def tracks(self) -> list[int]:
        """Everybody there is a reading of."""
        return sorted(set(self._tracks))

    def __len__(self) -> int:
        return len(self._times)

    def __iter__(self) -> Iterator[Reading]:
        return (self[index] for index in range(len(self)))

    @overload
    def __getitem__(self, index: int) -> Reading: ...

    @overload
    def __getitem__(self, index: slice) -> list[Reading]: ...

    def __getitem__(self, index: int | slice) -> Reading | list[Reading]:
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(len(self)))]
        index = range(len(self))[index]
        width = _CLASSES + _BOX + 1
        row = self._numbers[index * width : (index + 1) * width]
        box = row[_CLASSES], row[_CLASSES + 1], row[_CLASSES + 2], row[_CLASSES + 3]
        track = self._tracks[index]
        return Reading(
            "face",
            np.array(row[:_CLASSES], np.float64),
            row[-1],
            self._times[index],
            box=None if np.isnan(box[0]) else box,
            track=None if track < 0 else track,
        )


class FusedPoints:
    """A list of fused points, to be added to and read; 50 bytes each instead of 450."""

    def __init__(self) -> None:
        self._times, self._numbers = array("d"), array("f")
        self._labels, self._sources = array("b"), array("b")

    def append(self, point: FusedPoint) -> None:
        """One more, at the end."""
        self._times.append(point.t)
        self._numbers.extend(point.probabilities)
        self._numbers.append(point.confidence)
        self._labels.append(_NAMES.index(point.emotion))
        self._sources.append(sum(1 << _SOURCES.index(one) for one in point.sources))

    def __len__(self) -> int:
        return len(self._times)

    def __iter__(self) -> Iterator[FusedPoint]:
        return (self[index] for index in range(len(self)))

    @overload
    def __getitem__(self, index: int) -> FusedPoint: ...

    @overload
    def __getitem__(self, index: slice) -> list[FusedPoint]: ...

    def __getitem__(self, index: int | slice) -> FusedPoint | list[FusedPoint]:
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(len(self)))]
        index = range(len(self))[index]
        width = _CLASSES + 1
        row = self._numbers[index * width : (index + 1) * width]
        told = self._sources[index]
        return FusedPoint(
            self._times[index],
            _NAMES[self._labels[index]],
            row[-1],
            np.array(row[:_CLASSES], np.float64),
            tuple(name for bit, name in enumerate(_SOURCES) if told >> bit & 1),
        )
