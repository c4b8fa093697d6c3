"""The film again, with a box, the number and the mood of everybody in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import cv2
import numpy as np
from av.error import FFmpegError

from edge.analysis.people import Person
from edge.analysis.recording import Recording
from edge.analysis.report.drawing import Shown, annotate
from edge.analysis.verdicts import UNSURE, Span
from edge.capture.files.media_file import MediaFile
from edge.errors import CaptureError, EdgeError
from edge.perception.pixels import Image, as_bgr
from edge.vocabulary import Frame, Reading

__all__ = ["write_film"]

_HELD: Final = 0.3
"""Seconds a box is drawn after the picture in which it was found."""

_CLOCK: Final = 90_000
_FORMATS: Final = {".mkv": "matroska", ".mov": "mov"}


def write_film(
    recording: Recording, target: Path, *, progress: Callable[[float], None] = lambda _: None
) -> None:
    """Write `target` (MP4, H.264, the sound as it was) from the recording's own file.

    Raises CaptureError when there are no moving pictures, EdgeError when it cannot be written.
    """
    source = MediaFile(recording.timeline.file, sound=False)
    if source.is_image or not source.has_video:
        raise CaptureError(f"{source.path}: has no moving pictures to draw on")
    if target.exists() and target.samefile(source.path):
        raise EdgeError(f"{target}: is the recording itself; name another file")
    part = target.with_name(f".{target.name}.part")
    try:
        with closing(_Writer(part, source, target.suffix.lower())) as film:
            boxes = _Boxes(recording)
            for frame in source:
                assert isinstance(frame, Frame)
                film.put(annotate(as_bgr(frame.image), boxes.at(frame.captured_at)), frame.captured_at)
                if source.duration:
                    progress(min(frame.captured_at / source.duration, 1.0))
            film.finish()
        part.replace(target)
    except (FFmpegError, OSError) as error:
        raise EdgeError(f"{target}: cannot write the film: {error}") from None
    finally:
        part.unlink(missing_ok=True)
    progress(1.0)


class _Boxes:
    """Who is shown at a moment, asked for in order of time."""

    def __init__(self, recording: Recording) -> None:
        self._readings: Iterator[Reading] = iter(recording.timeline.face)
        self._next = next(self._readings, None)
        self._newest: dict[int, Reading] = {}
        self._people = {person.number: _Moods(person) for person in recording.people}

    def at(self, moment: float) -> list[Shown]:
        while self._next is not None and self._next.captured_at <= moment + 1e-6:
            self._newest[self._next.track or 0] = self._next
            self._next = next(self._readings, None)
        return [
            (number, one.box, *self._people[number].at(moment))
            for number, one in sorted(self._newest.items())
            if one.box is not None and moment - one.captured_at <= _HELD
        ]


class _Moods:
    def __init__(self, person: Person) -> None:
        self._spans: Iterator[Span] = iter(person.spans)
        self._now: Span | None = next(self._spans, None)

    def at(self, moment: float) -> tuple[str, float]:
        while self._now is not None and self._now.end <= moment:
            self._now = next(self._spans, None)
        there = self._now is not None and self._now.start <= moment
        return (self._now.emotion, self._now.confidence) if there and self._now else (UNSURE, 0.0)


class _Writer:
    """The new film: pictures as they are drawn, the sound copied as it is up to each of them."""

    def __init__(self, part: Path, source: MediaFile, ending: str) -> None:
        self._out: Any = av.open(str(part), "w", format=_FORMATS.get(ending, "mp4"))
        self._original: Any = av.open(
            f"file:{source.path.absolute()}", options={"protocol_whitelist": "file"}
        )
        self._rate = Fraction(source.fps or 25.0).limit_denominator(1001)
        self._copy_sound = _copied(self._out, self._original)
        self._stream: Any = None

    def put(self, image: Image, moment: float) -> None:
        """The next picture, at its time in seconds."""
        if self._stream is None:
            self._stream = self._opened(image)
        size = self._stream.width, self._stream.height
        fitting = image if image.shape[1::-1] == size else np.asarray(cv2.resize(image, size), np.uint8)
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(fitting), format="bgr24")
        frame.pts, frame.time_base = round(moment * _CLOCK), Fraction(1, _CLOCK)
        self._out.mux(self._stream.encode(frame))
        self._copy_sound(moment)

    def finish(self) -> None:
        """The rest of both."""
        if self._stream is not None:
            self._out.mux(self._stream.encode(None))
            self._copy_sound(None)

    def close(self) -> None:
        """Close both files."""
        self._out.close()
        self._original.close()

    def _opened(self, image: Image) -> Any:
        stream = self._out.add_stream("libx264", rate=self._rate)
        stream.height, stream.width = (size - size % 2 for size in image.shape[:2])
        stream.pix_fmt, stream.options = "yuv420p", {"crf": "21", "preset": "veryfast"}
        stream.codec_context.time_base = Fraction(1, _CLOCK)
        return stream


def _copied(out: Any, original: Any) -> Callable[[float | None], None]:
    """A function that copies the sound up to a moment, or to its end, as it is."""
    if not original.streams.audio:
        return lambda _: None
    stream = original.streams.audio[0]
    try:
        to = out.add_stream_from_template(stream)
    except (ValueError, FFmpegError):
        return lambda _: None
    packets = original.demux(stream)
    start = float(original.start_time or 0) / av.time_base

    def copy(until: float | None) -> None:
        for packet in packets:
            if packet.dts is None:
                continue
            moment = float(packet.dts * packet.time_base) - start
            packet.stream = to
            out.mux(packet)
            if until is not None and moment > until:
                return

    return copy
