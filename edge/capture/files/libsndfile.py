"""Sound files through libsndfile, for the kinds that ffmpeg does not read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
import soundfile

from edge.capture.files.sound import check_rate
from edge.capture.files.tracks import SoundTrack
from edge.capture.sound.channels import Channel, one_channel
from edge.capture.sound.chunker import Chunker
from edge.capture.sound.resample import Resampler, to_float
from edge.errors import CaptureError
from edge.vocabulary import AudioChunk, Frame

__all__ = ["LibsndfileReader"]

_BLOCK: Final = 8192


class LibsndfileReader:
    """A file with sound alone."""

    has_video = single_picture = False
    exact = True
    fps: float | None = None
    notes: tuple[str, ...] = ()

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            info = soundfile.info(os.fsencode(path))
        except (soundfile.LibsndfileError, OSError) as error:
            raise CaptureError(f"{path}: no sound that can be read") from error
        check_rate(path, int(info.samplerate))
        self.duration: float | None = float(info.duration)
        self.sound_track: SoundTrack | None = SoundTrack(1, 1, str(info.subtype), int(info.channels))
        self.position = 0.0

    def frames(self, *_: object) -> Iterator[Frame]:
        """There are none."""
        return iter(())

    def chunks(self, damage: Callable[[], None], channel: Channel = "mix") -> Iterator[AudioChunk]:
        """The sound from the start, all its channels or one of them."""
        chunker, pick = Chunker(), one_channel(channel)
        with soundfile.SoundFile(os.fsencode(self._path)) as file:
            resampler = Resampler(int(file.samplerate))
            try:
                for block in file.blocks(_BLOCK, dtype="float32", always_2d=True):
                    yield from chunker.feed(resampler.feed(pick(to_float(block))))
                    self.position = file.tell() / max(file.frames, 1)
            except soundfile.LibsndfileError:
                damage()
            yield from chunker.feed(resampler.feed(np.zeros(0, np.float32), last=True))
        yield from chunker.flush()
