"""The pictures of a file and the channels of its sound, in order of time."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence

from edge.capture.files.media_file import MediaFile
from edge.capture.sound.channels import Channel
from edge.vocabulary import AudioChunk, Frame

__all__ = ["Items", "items"]

Item = tuple[Channel, Frame | AudioChunk]


class Items:
    """Iterating gives (channel, frame or chunk); `damaged` says afterwards whether the file broke off."""

    def __init__(self, clip: MediaFile, channels: Sequence[Channel]) -> None:
        first, *others = channels
        self._clips = [(first, clip.part(channel=first))]
        self._clips += [(other, clip.part(pictures=False, channel=other)) for other in others]

    @property
    def damaged(self) -> bool:
        """Whether what was read ended early or in part."""
        return any(clip.damaged for _, clip in self._clips)

    @property
    def length(self) -> float:
        """Seconds read up to now."""
        return max(clip.length for _, clip in self._clips)

    @property
    def progress(self) -> float:
        """Share of the file read up to now (0..1)."""
        return min(clip.progress for _, clip in self._clips)

    @property
    def notes(self) -> tuple[str, ...]:
        """What people should know about what was read of the file and what was not."""
        return self._clips[0][1].notes

    def __iter__(self) -> Iterator[Item]:
        """In order of presentation."""
        tagged = (_tagged(channel, clip) for channel, clip in self._clips)
        return heapq.merge(*tagged, key=lambda pair: pair[1].captured_at)


def _tagged(channel: Channel, clip: MediaFile) -> Iterator[Item]:
    for item in clip:
        yield channel, item


def items(clip: MediaFile, channels: Sequence[Channel]) -> Items:
    """Pictures and the channels named, the first of them with the pictures; others are never decoded."""
    return Items(clip, channels)
