"""What a sound file's header says about its length, which ffmpeg does not pass on."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

__all__ = ["StatedLength", "stated_length"]

_PLACEHOLDER: Final = 0x7FFF0000
"""Sizes from here on are what writers to a pipe put where they cannot know better."""

_GUESSED: Final = frozenset(
    {"aac", "loas", "ac3", "eac3", "dts", "truehd", "mlp", "amr", "g722", "gsm", "adx"}
)
"""Raw streams whose length ffmpeg estimates from the size and the first bit rate."""

_INDEXES: Final = (b"Xing", b"Info", b"VBRI")
_SEARCHED: Final = 4096
_MOST_CHUNKS: Final = 1000


@dataclass(frozen=True, slots=True)
class StatedLength:
    """`exact`: the container's duration is written in it; `open_ended`: it ends where the file does.

    `whole`: as many bytes are there as the header announces; None where that is not known.
    """

    exact: bool = True
    open_ended: bool = False
    whole: bool | None = None


def stated_length(path: Path, kind: str) -> StatedLength:
    """What the file says; `kind` is ffmpeg's name of the format, one of several between commas."""
    names = frozenset(kind.split(","))
    if names & _GUESSED:
        return StatedLength(exact=False)
    try:
        with path.open("rb") as file:
            if "mp3" in names:
                return StatedLength(exact=_has_index(file))
            for name, data in _DATA.items():
                if name in names:
                    return _compared(data(file), path.stat().st_size)
    except (OSError, struct.error):
        return StatedLength()
    return StatedLength()


def _compared(data: tuple[int, int] | None, size: int) -> StatedLength:
    """`data` is where the sound begins and how many bytes it is said to have; None as good as not said."""
    if data is None:
        return StatedLength()
    begin, length = data
    if length <= 0 or (length >= _PLACEHOLDER and begin + length > size):
        return StatedLength(open_ended=True, whole=True)
    return StatedLength(whole=begin + length <= size)


def _has_index(file: BinaryIO) -> bool:
    """Whether an MP3 file's first frame tells how many follow."""
    head = file.read(10)
    if head[:3] == b"ID3":
        a, b, c, d = head[6:10]
        file.seek(10 + (a << 21 | b << 14 | c << 7 | d))
    start = file.read(_SEARCHED)
    return any(mark in start for mark in _INDEXES)


def _chunks(file: BinaryIO, form: str) -> Iterator[tuple[bytes, int, int]]:
    """Name, place and size of the chunks that follow; `form` is how name and size are packed."""
    for _ in range(_MOST_CHUNKS):
        head = file.read(struct.calcsize(form))
        if len(head) < struct.calcsize(form):
            return
        name, size = struct.unpack(form, head)
        at = file.tell()
        yield name, at, size
        file.seek(at + size + size % 2)


def _wav(file: BinaryIO) -> tuple[int, int] | None:
    long_size = 0
    file.seek(12)
    for name, at, size in _chunks(file, "<4sI"):
        if name == b"ds64":
            long_size = struct.unpack("<8xq", file.read(16))[0]
        if name == b"data":
            return at, long_size if size == 0xFFFFFFFF and long_size > 0 else size
    return None


def _aiff(file: BinaryIO) -> tuple[int, int] | None:
    file.seek(12)
    return next(((at, size) for name, at, size in _chunks(file, ">4sI") if name == b"SSND"), None)


def _au(file: BinaryIO) -> tuple[int, int] | None:
    begin, size = struct.unpack(">4xII", file.read(12))
    return begin, size


def _caf(file: BinaryIO) -> tuple[int, int] | None:
    file.seek(8)
    return next(((at, size) for name, at, size in _chunks(file, ">4sq") if name == b"data"), None)


_DATA: Final[dict[str, Callable[[BinaryIO], tuple[int, int] | None]]] = {
    "wav": _wav,
    "aiff": _aiff,
    "au": _au,
    "caf": _caf,
}
