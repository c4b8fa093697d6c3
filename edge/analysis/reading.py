"""The pictures of a file and the channels of its sound, each read by a thread of its own."""

from __future__ import annotations

from collections.abc import Sequence

from edge.capture.files.media_file import MediaFile
from edge.capture.sound.channels import Channel

__all__ = ["Parts"]


class Parts:
    """What is read of a file: the pictures of `clip` where it has any, and a part for each channel."""

    def __init__(self, clip: MediaFile, channels: Sequence[Channel]) -> None:
        self.sounds = {channel: clip.part(pictures=False, channel=channel) for channel in channels}
        self._clip = clip
        self._all = [clip] * clip.has_video + list(self.sounds.values())

    @property
    def damaged(self) -> bool:
        """Whether what was read ended early or in part."""
        return any(part.damaged for part in self._all)

    @property
    def length(self) -> float:
        """Seconds read up to now."""
        return max((part.length for part in self._all), default=0.0)

    @property
    def progress(self) -> float:
        """Share of the file read up to now (0..1)."""
        pictures = [self._clip] if self._clip.has_video else self._all
        return min((part.progress for part in pictures), default=0.0)

    @property
    def notes(self) -> tuple[str, ...]:
        """What people should know about what was read of the file and what was not."""
        return next(iter(self.sounds.values()), self._clip).notes

    def conclude(self) -> None:
        """All was read. Raises CaptureError when nothing could be decoded."""
        max(self._all, key=lambda part: part.length, default=self._clip).conclude()
