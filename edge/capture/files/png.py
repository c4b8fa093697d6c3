"""Whether the parts of a PNG can be as long as they say."""

from __future__ import annotations

from typing import Final

__all__ = ["is_cut_or_torn"]

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_AROUND: Final = 12
"""Bytes of a chunk beside its data: length, type and check sum."""


def is_cut_or_torn(data: bytes) -> bool:
    """Whether a chunk of this PNG claims more bytes than are left; False for anything else than a PNG.

    OpenCV takes the memory that a chunk claims before it reads it, up to 4 GB for a file of 200 bytes.
    """
    if not data.startswith(_SIGNATURE):
        return False
    at = len(_SIGNATURE)
    while at + _AROUND <= len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if length > len(data) - at - _AROUND:
            return True
        if kind == b"IEND":
            return False
        at += length + _AROUND
    return True
