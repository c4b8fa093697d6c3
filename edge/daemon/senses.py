"""Eyes and ears: each sense is a source, a worker and the box between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from edge.capture.mailbox import BoundedQueue
from edge.capture.open import Capture, open_capture
from edge.capture.status import CaptureSource, CaptureStatus
from edge.config import Config
from edge.config.models import EnginesConfig
from edge.daemon.health import Health, Heartbeats, Meter
from edge.daemon.pace import Pace
from edge.daemon.paced_mailbox import PacedMailbox
from edge.daemon.processors import FaceProcessor, Faces, Speech, SpeechProcessor
from edge.daemon.worker import Worker
from edge.inference.registry import find_model
from edge.inference.tensorrt.probe import usable
from edge.perception.face import FacePipeline
from edge.perception.observation import FaceObservation, SpeechObservation
from edge.perception.speech import SpeechPipeline
from edge.publish.health import Problem
from edge.vocabulary import AudioChunk, Modality

__all__ = ["Device", "Openers", "Sense", "Senses", "check_models"]

Device = str
"""`camera` or `microphone`."""

Item = TypeVar("Item")
_BACKLOG = 100
_CLOSED = CaptureStatus("closed", "none")


@dataclass(slots=True)
class Sense(Generic[Item]):
    """One modality. The device can be closed and opened again while the worker lives on."""

    device: Device
    box: BoundedQueue[Item]
    source: CaptureSource | None
    worker: Worker[Item]
    meter: Meter
    is_open: bool = False

    def open(self) -> None:
        """Open the device."""
        if self.source is not None and not self.is_open:
            self.source.start()
            self.is_open = True

    def close(self) -> None:
        """Close the device; nothing it delivered is kept."""
        if self.source is not None and self.is_open:
            self.source.stop()
        self.box.clear()
        self.is_open = False

    def revive(self) -> None:
        """Start threads again that are gone."""
        if self.source is not None:
            self.worker.revive()
            if self.is_open:
                self.source.revive()

    def stop(self) -> None:
        """Close the device and end the worker."""
        self.close()
        self.box.close()
        self.worker.stop()

    @property
    def status(self) -> CaptureStatus:
        """How the device is doing."""
        return self.source.status() if self.source is not None else _CLOSED

    def problems(self) -> list[Problem]:
        """What is wrong with the device and with the models behind it."""
        found = []
        status = self.status
        if self.is_open and status.state == "retrying":
            found.append(Problem(self.device, f"{status.source}: {status.detail}"))
        if self.is_open and status.state == "ended":
            found.append(Problem(self.device, status.detail or f"{status.source} has ended"))
        if self.worker.problem is not None:
            found.append(Problem(self.worker.name, self.worker.problem, "error"))
        return found


def check_models(config: Config) -> None:
    """Raises ModelError where a model of a sense in use is missing or damaged."""
    if config.camera.enabled:
        find_model(config.engines.face, config=config.engines, kind="face")
    if config.microphone.enabled:
        find_model(config.engines.speech, config=config.engines, kind="speech")


def _open_faces(config: Config, clock: Callable[[], float]) -> Faces:
    return FacePipeline.open(config, clock=clock, thrift=True)


def _open_speech(config: Config, clock: Callable[[], float]) -> Speech:
    return SpeechPipeline.open(config, clock=clock)


@dataclass(frozen=True, slots=True, kw_only=True)
class Openers:
    """How devices and models are opened; `faces` and `speech` are called on their worker's thread."""

    capture: Callable[..., Capture] = open_capture
    faces: Callable[[Config, Callable[[], float]], Faces] = _open_faces
    speech: Callable[[Config, Callable[[], float]], Speech] = _open_speech


class Senses:
    """Both senses as configured; `emit` takes what they find, from their threads."""

    def __init__(
        self,
        *,
        config: Config,
        health: Health,
        heartbeats: Heartbeats,
        clock: Callable[[], float],
        emit: Callable[[FaceObservation | SpeechObservation], None],
        openers: Openers | None = None,
    ) -> None:
        self.sounded_at: float | None = None
        openers = openers or Openers()
        frames = PacedMailbox()
        chunks: BoundedQueue[AudioChunk] = BoundedQueue(_BACKLOG)
        capture = openers.capture(
            config.camera,
            config.microphone,
            frames=frames,
            chunks=chunks,
            clock=clock,
            camera_heartbeat=heartbeats.of("camera", clock),
            microphone_heartbeat=heartbeats.of("microphone", clock),
        )
        see = Worker(
            name="face",
            inlet=frames,
            open_processor=lambda: FaceProcessor(
                openers.faces(config, clock), emit=emit, runs_on=health.face.runs_on
            ),
            beat=heartbeats.of("face", clock),
        )
        hear = Worker(
            name="speech",
            inlet=chunks,
            open_processor=lambda: SpeechProcessor(
                openers.speech(config, clock),
                emit=emit,
                runs_on=health.speech.runs_on,
                sounded=self._sound,
            ),
            beat=heartbeats.of("speech", clock),
        )
        self.camera = Sense("camera", frames, capture.camera, see, health.face)
        self.microphone = Sense("microphone", chunks, capture.microphone, hear, health.speech)
        self._pace = Pace(frames, see, health.face, config.engines.face)
        self._heartbeats = heartbeats

    def _sound(self, at: float) -> None:
        self.sounded_at = at

    def start(self) -> None:
        """Start the workers of the senses that are configured; the devices stay closed."""
        for sense in (self.camera, self.microphone):
            if sense.source is not None:
                sense.worker.start()

    def stop(self) -> None:
        """Close the devices and end the workers."""
        for sense in (self.microphone, self.camera):
            sense.stop()
            self._heartbeats.forget(sense.device)
            self._heartbeats.forget(sense.worker.name)

    def revive(self) -> None:
        """Start threads again that are gone."""
        self.camera.revive()
        self.microphone.revive()

    def switch(self, device: Device, on: bool) -> Modality:
        """Open or close a device; returns the modality whose readings no longer count when it is off."""
        sense = self.camera if device == "camera" else self.microphone
        if on:
            sense.open()
        else:
            sense.close()
            self._heartbeats.forget(device)
        if sense is self.camera:
            self._pace.begin()
        return "face" if device == "camera" else "speech"

    def settled(self, timeout: float) -> bool:
        """Wait until every worker has opened its models, or failed to."""
        workers = [sense.worker for sense in (self.camera, self.microphone) if sense.source is not None]
        return all(worker.settled.wait(timeout) for worker in workers)

    def better_backend(self, engines: EnginesConfig) -> Sequence[Worker[Any]]:
        """The workers whose models TensorRT could run: plans may have appeared, or the GPU come back.

        Raises ModelError where a model has gone.
        """
        if engines.backend == "onnx":
            return ()
        models = ((self.camera, engines.face), (self.microphone, engines.speech))
        return [
            sense.worker
            for sense, name in models
            if sense.source is not None and usable(find_model(name, config=engines), engines).ok
        ]

    def problems(self) -> list[Problem]:
        """What is wrong with either sense; having neither is the gravest."""
        if self.camera.source is None and self.microphone.source is None:
            return [Problem("capture", "neither camera nor microphone is enabled", "error")]
        return self.camera.problems() + self.microphone.problems() + self._pace.problems()

    def measure(self, now: float) -> None:
        """Carry the boxes' counts over to the meters; let fewer pictures through before the face lags."""
        for sense in (self.camera, self.microphone):
            sense.meter.dropped(sense.status.dropped)
        if self.camera.is_open and self.camera.worker.problem is None:
            self._pace.look(now)
        else:
            self._pace.begin()
