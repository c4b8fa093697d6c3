"""Which of the pictures and sounds of a film are meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from av.container import InputContainer

from edge.errors import CaptureError

__all__ = ["SoundTrack", "check_track", "choose_sound", "describe_sound", "film_tracks"]


@dataclass(frozen=True, slots=True)
class SoundTrack:
    """The sound that is listened to: `number` from 1 among the `of` sounds of the file."""

    number: int
    of: int
    codec: str
    channels: int
    language: str | None = None
    default: bool = False

    def __str__(self) -> str:
        marks = [self.language or "", "the default" if self.default else ""]
        told = ", ".join(mark for mark in marks if mark)
        return f"sound track {self.number} of {self.of}" + (f" ({told})" if told else "")


def film_tracks(container: InputContainer) -> list[Any]:
    """Video streams that are no cover picture of a sound file, the default ones first."""
    found = [one for one in container.streams.video if not one.disposition & one.disposition.attached_pic]
    return sorted((one for one in found if _decodable(one)), key=lambda one: not _is_default(one))


def check_track(path: Path, there: int, wanted: int | None) -> None:
    """Raises CaptureError where a track `wanted` (from 1) is asked for that is not among those `there`."""
    if wanted is not None and not 1 <= wanted <= there:
        raise CaptureError(f"{path}: has {_count(there)}, there is no track {wanted}")


def choose_sound(path: Path, container: InputContainer, wanted: int | None) -> Any | None:
    """The audio stream `wanted` (from 1), else the default one, else the first that can be decoded.

    None when there is no sound. Raises CaptureError for a track that is not there or cannot be decoded.
    """
    streams: Sequence[Any] = container.streams.audio
    if wanted is not None:
        check_track(path, len(streams), wanted)
        streams = (streams[wanted - 1],)
    usable = [one for one in streams if _decodable(one)]
    if streams and not usable:
        raise CaptureError(f"{path}: its sound is of a kind that cannot be decoded")
    return min(usable, key=lambda one: not _is_default(one), default=None)


def describe_sound(container: InputContainer, stream: Any) -> SoundTrack:
    """What is told of the chosen track."""
    streams = list(container.streams.audio)
    return SoundTrack(
        number=1 + next(i for i, one in enumerate(streams) if one.index == stream.index),
        of=len(streams),
        codec=stream.codec_context.name,
        channels=stream.codec_context.channels,
        language=stream.language if stream.language not in (None, "", "und") else None,
        default=_is_default(stream),
    )


def _is_default(stream: Any) -> bool:
    return bool(stream.disposition & stream.disposition.default)


def _decodable(stream: Any) -> bool:
    return stream.codec_context is not None


def _count(tracks: int) -> str:
    return {0: "no sound", 1: "one sound track"}.get(tracks, f"{tracks} sound tracks")
