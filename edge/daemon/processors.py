"""The two senses' work as the workers run it: pipelines that hand on what they find."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from edge.config.plans import CameraPlan, MicrophonePlan
from edge.daemon.inlets import Gathered
from edge.inference.closing import Closing
from edge.perception.observation import FaceObservation, SpeechObservation
from edge.vocabulary import AudioChunk, Frame

__all__ = ["FaceProcessor", "Faces", "Heard", "Pictures", "Seen", "Sounds", "Speech", "SpeechProcessor"]

Pictures = Gathered[CameraPlan, Frame]
Sounds = Gathered[MicrophonePlan, AudioChunk]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a camera saw."""

    camera: CameraPlan
    observation: FaceObservation


@dataclass(frozen=True, slots=True)
class Heard:
    """What a microphone heard."""

    microphone: MicrophonePlan
    observation: SpeechObservation


class Faces(Protocol):
    """What a face pipeline offers."""

    @property
    def backend(self) -> str:
        """Which runtime executes the model now."""
        ...

    @property
    def model(self) -> str:
        """Name of the model in use."""
        ...

    def process(
        self, pictures: Sequence[tuple[CameraPlan, Frame]], cameras: Collection[CameraPlan]
    ) -> list[tuple[CameraPlan, FaceObservation]]:
        """Track, classify; `cameras` are all that there are."""
        ...

    def search(self) -> None:
        """Detect faces in these pictures, for the sake of the next ones."""
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
    def model(self) -> str:
        """Name of the model in use."""
        ...

    @property
    def error(self) -> str | None:
        """Why the newest window gave no reading, None when all is well."""
        ...

    def process(
        self, sounds: Sequence[tuple[MicrophonePlan, AudioChunk]], microphones: Collection[MicrophonePlan]
    ) -> list[tuple[MicrophonePlan, SpeechObservation]]:
        """Find speech, classify a window when one is due; `microphones` are all that there are."""
        ...

    def close(self) -> None:
        """Release the models."""
        ...


class FaceProcessor(Closing):
    """Looks at every frame it is given and emits what it saw; `runs_on` hears of runtime and model."""

    def __init__(
        self, pipeline: Faces, *, emit: Callable[[Seen], None], runs_on: Callable[[str, str], None]
    ) -> None:
        self._pipeline = pipeline
        self._emit = emit
        self._runs_on = runs_on
        self.problem: str | None = None
        runs_on(pipeline.backend, pipeline.model)

    def process(self, pictures: Pictures) -> None:
        """Track and classify, tell, and only then detect: nobody waits for what the next pictures need."""
        found = self._pipeline.process(pictures.items, pictures.devices)
        self._runs_on(self._pipeline.backend, self._pipeline.model)
        self.problem = next((seen.error for _, seen in found if seen.error is not None), None)
        for camera, seen in found:
            self._emit(Seen(camera, seen))
        self._pipeline.search()

    def close(self) -> None:
        """Release the models."""
        self._pipeline.close()


_SILENCE: Final = 1e-4
"""Peak below which a chunk is silence: -80 dBFS, less than any open microphone's own noise."""


class SpeechProcessor(Closing):
    """Listens to every chunk; emits each reading and each change of speaking.

    `sounded` is told when a microphone gave more than silence.
    """

    def __init__(
        self,
        pipeline: Speech,
        *,
        emit: Callable[[Heard], None],
        runs_on: Callable[[str, str], None],
        sounded: Callable[[MicrophonePlan, float], None] = lambda _microphone, _at: None,
    ) -> None:
        self._sounded = sounded
        self._pipeline = pipeline
        self._emit = emit
        self._runs_on = runs_on
        self.problem: str | None = None
        runs_on(pipeline.backend, pipeline.model)

    def process(self, sounds: Sounds) -> None:
        """Find speech, classify a window when one is due."""
        for microphone, chunk in sounds.items:
            if np.abs(chunk.samples).max(initial=0.0) > _SILENCE:
                self._sounded(microphone, chunk.captured_at)
        heard = self._pipeline.process(sounds.items, sounds.devices)
        self._runs_on(self._pipeline.backend, self._pipeline.model)
        self.problem = self._pipeline.error
        for microphone, observation in heard:
            self._emit(Heard(microphone, observation))

    def close(self) -> None:
        """Release the models."""
        self._pipeline.close()
