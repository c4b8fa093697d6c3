"""The threads that judge, one for all cameras and one for all microphones; there while they are needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from edge.config.models import EnginesConfig
from edge.config.plans import CameraPlan, MicrophonePlan
from edge.daemon.health import Health, Heartbeats
from edge.daemon.inlets import Gathering
from edge.daemon.openers import Openers
from edge.daemon.processors import FaceProcessor, Heard, Pictures, Seen, Sounds, SpeechProcessor
from edge.daemon.worker import Worker
from edge.inference.auto import Classified, settled
from edge.inference.registry import find_model
from edge.inference.tensorrt.probe import usable
from edge.publish.health import Problem
from edge.vocabulary import AudioChunk, Frame

__all__ = ["Workers"]


class Workers:
    """`emit` takes what they find, from their threads. Used by the main loop only."""

    def __init__(
        self,
        *,
        health: Health,
        heartbeats: Heartbeats,
        clock: Callable[[], float],
        emit: Callable[[Seen | Heard], None],
        openers: Openers,
    ) -> None:
        self._health, self._heartbeats, self._clock = health, heartbeats, clock
        self._emit, self._openers = emit, openers
        self.pictures: Gathering[CameraPlan, Frame] = Gathering()
        self.sounds: Gathering[MicrophonePlan, AudioChunk] = Gathering()
        self.sounded_at: dict[MicrophonePlan, float] = {}
        self._engines: EnginesConfig | None = None
        self._see: Worker[Pictures] | None = None
        self._hear: Worker[Sounds] | None = None
        self._see_spent = 0.0

    def provide(self, engines: EnginesConfig, *, eyes: bool, ears: bool) -> None:
        """Have exactly the threads that are needed, on these models; those that fit already go on."""
        same = engines == self._engines
        self._engines = engines
        if self._see is not None and not (same and eyes):
            self._end(self._see)
            self._see = None
        if self._hear is not None and not (same and ears):
            self._end(self._hear)
            self._hear = None
        if eyes and self._see is None:
            self._see = self._new_see(engines)
            self._see.start()
        if ears and self._hear is None:
            self._hear = self._new_hear(engines)
            self._hear.start()

    def stop(self) -> None:
        """End both."""
        for worker in (self._hear, self._see):
            if worker is not None:
                self._end(worker)
        self._see = self._hear = None

    def revive(self) -> None:
        """Start threads again that are gone."""
        for worker in self._all():
            worker.revive()

    def settled(self, timeout: float) -> bool:
        """Wait until each has opened its models, or failed to."""
        return all(worker.settled.wait(timeout) for worker in self._all())

    @property
    def busy(self) -> float:
        """Seconds spent on pictures since the start."""
        return self._see_spent + (self._see.busy if self._see is not None else 0.0)

    @property
    def sees(self) -> bool:
        """Whether pictures are judged now."""
        return self._see is not None and self._see.problem is None

    def better_backend(self, engines: EnginesConfig) -> Sequence[Worker[Any]]:
        """Those whose models TensorRT could run: plans may have appeared, or the GPU come back.

        Raises ModelError where a model has gone.
        """
        if engines.backend not in ("auto", "tensorrt"):
            return ()
        workers: dict[Classified, Worker[Any] | None] = {"face": self._see, "speech": self._hear}
        there = {kind: worker for kind, worker in workers.items() if worker is not None}
        names = settled(engines, kinds=there)
        return [
            worker
            for kind, worker in there.items()
            if usable(find_model(getattr(names, kind), config=engines), engines).ok
        ]

    def problems(self) -> list[Problem]:
        """What is wrong with the models, or with a thread."""
        failed = [worker for worker in self._all() if worker.problem is not None]
        return [Problem(worker.name, worker.problem or "", "error") for worker in failed]

    def _all(self) -> list[Worker[Any]]:
        return [worker for worker in (self._see, self._hear) if worker is not None]

    def _end(self, worker: Worker[Any]) -> None:
        worker.stop()
        self._heartbeats.forget(worker.name)
        if worker is self._see:
            self._see_spent += worker.busy

    def _new_see(self, engines: EnginesConfig) -> Worker[Pictures]:
        def opened() -> FaceProcessor:
            faces = self._openers.faces(engines, self.pictures.devices, self._clock)
            return FaceProcessor(faces, emit=self._emit, runs_on=self._health.face.runs_on)

        beat = self._heartbeats.of("face", self._clock)
        return Worker(name="face", inlet=self.pictures, open_processor=opened, beat=beat)

    def _new_hear(self, engines: EnginesConfig) -> Worker[Sounds]:
        def opened() -> SpeechProcessor:
            return SpeechProcessor(
                self._openers.speech(engines, self._clock),
                emit=self._emit,
                runs_on=self._health.speech.runs_on,
                sounded=self.sounded_at.__setitem__,
            )

        beat = self._heartbeats.of("speech", self._clock)
        return Worker(name="speech", inlet=self.sounds, open_processor=opened, beat=beat)
