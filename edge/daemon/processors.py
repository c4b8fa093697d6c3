"""The two perception stages as the workers run them: pipelines that hand on what they find."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

from typing_extensions import Self

from edge.config import Config
from edge.mood.room import FaceSeen, SpeechHeard
from edge.perception.face import FacePipeline
from edge.perception.speech import SpeechPipeline
from edge.vocabulary import AudioChunk, Frame

__all__ = ["FaceStage", "SpeechStage"]


class FaceStage:
    """Looks at every frame it is given and emits a FaceSeen."""

    def __init__(
        self,
        *,
        config: Config,
        clock: Callable[[], float],
        emit: Callable[[FaceSeen], None],
        opened: Callable[[str], None],
    ) -> None:
        self._pipeline = FacePipeline.open(config, clock=clock)
        self._emit = emit
        self.problem: str | None = None
        self._runs_on = opened
        opened(self._pipeline.classifier.backend)

    def process(self, frame: Frame) -> None:
        """Detect, track, classify."""
        result = self._pipeline.process(frame)
        self._runs_on(self._pipeline.classifier.backend)
        self.problem = result.error
        self._emit(FaceSeen(result.readings, result.subject, result.present, frame.captured_at))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pipeline.close()


class SpeechStage:
    """Listens to every chunk; emits a SpeechHeard for each reading and each change of speaking."""

    def __init__(
        self,
        *,
        config: Config,
        clock: Callable[[], float],
        emit: Callable[[SpeechHeard], None],
        opened: Callable[[str], None],
    ) -> None:
        self._pipeline = SpeechPipeline.open(config, clock=clock)
        self._emit = emit
        self._speaking = False
        self.problem: str | None = None
        self._runs_on = opened
        opened(self._pipeline.classifier.backend)

    def process(self, chunk: AudioChunk) -> None:
        """Find speech, classify a window when one is due."""
        readings = self._pipeline.process(chunk)
        self._runs_on(self._pipeline.classifier.backend)
        self.problem = self._pipeline.error
        speaking = self._pipeline.speaking
        for reading in readings:
            self._emit(SpeechHeard(reading, speaking, reading.captured_at))
        if not readings and speaking != self._speaking:
            self._emit(SpeechHeard(None, speaking, chunk.captured_at))
        self._speaking = speaking

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pipeline.close()
