"""A camera of this machine: its own thread, newest frame wins, reopened for ever."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from edge.capture.mailbox import Mailbox
from edge.capture.opening import Opening, Patience
from edge.capture.source import SupervisedSource
from edge.capture.video.open import open_video
from edge.capture.video.reader import VideoReader
from edge.capture.video.uri import VideoSource, parse_video
from edge.config.models import CameraConfig
from edge.supervision import no_beat
from edge.vocabulary import Frame

__all__ = ["Camera", "OpenVideo"]


OpenVideo = Callable[[VideoSource, CameraConfig], VideoReader]


class Camera(SupervisedSource):
    """Delivers frames of a device into a mailbox.

    Raises CaptureError from the constructor for a source of no known form; whatever happens later is shown
    by `status` and tried again.
    """

    def __init__(
        self,
        *,
        config: CameraConfig,
        frames: Mailbox[Frame],
        clock: Callable[[], float] = time.monotonic,
        heartbeat: Callable[[], None] = no_beat,
        jitter: Callable[[], float] = random.random,
        patience: Patience | None = None,
        opener: OpenVideo = open_video,
    ) -> None:
        self._config = config
        self._source = parse_video(config.source)
        self._frames = frames
        self._opener = opener
        super().__init__(
            name="camera",
            label=self._source.label,
            receivers=[frames],
            clock=clock,
            heartbeat=heartbeat,
            patience=patience,
            jitter=jitter,
        )

    def _read(self, opening: Opening) -> None:
        reader = self._opener(self._source, self._config)
        try:
            opening.opened(reader.detail)
            while not opening.cancelled:
                self._deliver(reader, opening)
        finally:
            reader.close()

    def _deliver(self, reader: VideoReader, opening: Opening) -> None:
        image = reader.read()
        if opening.cancelled:
            return
        if image is not None:
            self._frames.put(Frame(image, self._clock()))
        opening.alive(0 if image is None else 1)
