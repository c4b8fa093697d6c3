"""The camera: its own thread, newest frame wins, reopened for ever."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from edge.capture.backoff import Backoff
from edge.capture.mailbox import Mailbox
from edge.capture.session import Patience, Session
from edge.capture.status import CaptureStatus
from edge.capture.supervisor import Supervisor, no_heartbeat
from edge.capture.video.pixels import Size
from edge.capture.video.readers import VideoReader, VideoSettings, open_video
from edge.capture.video.uri import VideoSource, parse_video
from edge.vocabulary import Frame


class Camera:
    """Delivers frames of a device or network camera into a mailbox.

    Raises CaptureError from the constructor for a source of no known form; whatever happens later is shown
    by `status` and tried again.
    """

    def __init__(
        self,
        *,
        source: str,
        frames: Mailbox[Frame],
        width: int = 640,
        height: int = 480,
        fps: float = 15.0,
        clock: Callable[[], float] = time.monotonic,
        heartbeat: Callable[[], None] = no_heartbeat,
        jitter: Callable[[], float] = random.random,
        patience: Patience | None = None,
        opener: Callable[[VideoSource, VideoSettings], VideoReader] = open_video,
    ) -> None:
        patience = patience or Patience()
        self._source = parse_video(source)
        self._settings = VideoSettings(Size(width, height), fps, patience.opening, patience.silence)
        self._frames = frames
        self._clock = clock
        self._opener = opener
        self._supervisor = Supervisor(
            name="camera",
            source=self._source.label,
            read=self._read,
            patience=patience,
            backoff=Backoff(jitter=jitter),
            clock=clock,
            heartbeat=heartbeat,
        )

    def start(self) -> None:
        """Open the camera from its own thread; does nothing when started already."""
        self._supervisor.start()

    def stop(self) -> None:
        """Close the camera and forget the frame that waits."""
        self._supervisor.stop()
        self._frames.clear()

    def status(self) -> CaptureStatus:
        """How the camera is doing."""
        return self._supervisor.status(self._frames.dropped)

    def _read(self, session: Session) -> None:
        reader = self._opener(self._source, self._settings)
        try:
            session.opened(reader.detail)
            while not session.cancelled:
                self._deliver(reader, session)
        finally:
            reader.close()

    def _deliver(self, reader: VideoReader, session: Session) -> None:
        image = reader.read()
        if session.cancelled:
            return
        if image is not None:
            self._frames.put(Frame(image, self._clock()))
        session.alive(0 if image is None else 1)
