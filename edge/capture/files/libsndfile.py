"""Sound files through libsndfile, for the kinds that ffmpeg does not read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import soundfile

from edge.capture.sound.channels import Channel, one_channel
from edge.capture.sound.chunker import Chunker
from edge.capture.sound.resample import Resampler, to_float
from edge.errors import CaptureError
from edge.vocabulary import AudioChunk, Frame

__all__ = ["LibsndfileReader"]

_BLOCK: Final = 8192


class LibsndfileReader:
    """A file with sound alone."""

    has_video = False
    has_audio = True
    fps: float | None = None

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            info = soundfile.info(str(path))
        except (soundfile.LibsndfileError, OSError) as error:
            raise CaptureError(f"{path}: no sound that can be read") from error
        self.duration: float | None = float(info.duration)
        self.channels = int(info.channels)

    def frames(self, *_: object) -> Iterator[Frame]:
        """There are none."""
        return iter(())

    def chunks(self, damage: Callable[[], None], channel: Channel = "mix") -> Iterator[AudioChunk]:
        """The sound from the start, all its channels or one of them."""
        chunker = Chunker()
        with soundfile.SoundFile(str(self._path)) as file:
            resampler = Resampler(int(file.samplerate))
            try:
                for block in file.blocks(_BLOCK, dtype="float32", always_2d=True):
                    yield from chunker.feed(resampler.feed(one_channel(to_float(block), channel)))
            except soundfile.LibsndfileError:
                damage()
            yield from chunker.feed(resampler.feed(one_channel(to_float(block[:0]), channel), last=True))
        yield from chunker.flush()
