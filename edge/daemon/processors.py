"""The two senses' work as the workers run it: pipelines that hand on what they find."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Final, Protocol

import numpy as np
from typing_extensions import Self

from edge.perception.observation import FaceObservation, SpeechObservation
from edge.vocabulary import AudioChunk, Frame

__all__ = ["FaceProcessor", "Faces", "Speech", "SpeechProcessor"]


class Faces(Protocol):
    """What a face pipeline offers."""

    @property
    def backend(self) -> str:
        """Which runtime executes the model now."""
        ...

    def process(self, frame: Frame) -> FaceObservation:
        """Detect, track, classify."""
        ...

    def close(self) -> None:
        """Release the models."""
        ...


class Speech(Protocol):
    """What a speech pipeline offers."""

    @property
    def backend(self) -> str:
        """Which runtime executes the model now."""
        ...

    @property
    def error(self) -> str | None:
        """Why the newest window gave no reading, None when all is well."""
        ...

    def process(self, chunk: AudioChunk) -> list[SpeechObservation]:
        """Find speech, classify a window when one is due."""
        ...

    def close(self) -> None:
        """Release the models."""
        ...


class FaceProcessor:
    """Looks at every frame it is given and emits what it saw; `runs_on` hears the runtime in use."""

    def __init__(
        self, pipeline: Faces, *, emit: Callable[[FaceObservation], None], runs_on: Callable[[str], None]
    ) -> None:
        self._pipeline = pipeline
        self._emit = emit
        self._runs_on = runs_on
        self.problem: str | None = None
        runs_on(pipeline.backend)

    def process(self, frame: Frame) -> None:
        """Detect, track, classify."""
        seen = self._pipeline.process(frame)
        self._runs_on(self._pipeline.backend)
        self.problem = seen.error
        self._emit(seen)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pipeline.close()


_SILENCE: Final = 1e-4
"""Peak below which a chunk is silence: -80 dBFS, less than any open microphone's own noise."""


class SpeechProcessor:
    """Listens to every chunk; emits each reading and each change of speaking."""

    def __init__(
        self,
        pipeline: Speech,
        *,
        emit: Callable[[SpeechObservation], None],
        runs_on: Callable[[str], None],
        sounded: Callable[[float], None] = lambda _: None,
    ) -> None:
        self._sounded = sounded
        self._pipeline = pipeline
        self._emit = emit
        self._runs_on = runs_on
        self.problem: str | None = None
        runs_on(pipeline.backend)

    def process(self, chunk: AudioChunk) -> None:
        """Find speech, classify a window when one is due."""
        if np.abs(chunk.samples).max(initial=0.0) > _SILENCE:
            self._sounded(chunk.captured_at)
        heard = self._pipeline.process(chunk)
        self._runs_on(self._pipeline.backend)
        self.problem = self._pipeline.error
        for observation in heard:
            self._emit(observation)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pipeline.close()
