"""Devices and models that do what a test says, for where no real camera, microphone or network is wanted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from edge.capture.open import Capture
from edge.capture.status import CaptureStatus
from edge.config.models import CameraConfig, MicrophoneConfig
from edge.config.plans import CameraPlan, MicrophonePlan
from edge.daemon.openers import Openers
from edge.daemon.processors import Heard, Seen
from edge.perception.observation import FaceObservation, SpeechObservation
from edge.vocabulary import LABELS, AudioChunk, Frame, Modality, Reading


class Clock:
    """Time that passes when a test says so."""

    def __init__(self, now: float = 100.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@dataclass
class FakeDevice:
    """A camera or microphone that delivers nothing by itself."""

    is_open: bool = False
    now: CaptureStatus = field(default_factory=lambda: CaptureStatus("open", "fake"))

    def start(self) -> None:
        self.is_open = True

    def revive(self) -> None:
        pass

    def stop(self) -> None:
        self.is_open = False

    def status(self) -> CaptureStatus:
        return self.now


class FakeFaces:
    """A face pipeline that sees nobody, and hangs in its engine while it is told to."""

    backend = "onnx"
    model = "fake"

    def __init__(self, may_go_on: threading.Event, looks: threading.Event) -> None:
        self.may_go_on, self.looks = may_go_on, looks

    def process(
        self, pictures: Sequence[tuple[CameraPlan, Frame]], cameras: object
    ) -> list[tuple[CameraPlan, FaceObservation]]:
        self.looks.set()
        self.may_go_on.wait()
        return [(camera, FaceObservation(frame.captured_at)) for camera, frame in pictures]

    def search(self) -> None:
        pass

    def close(self) -> None:
        pass


class FakeSpeech:
    """A speech pipeline that hears nobody."""

    backend = "onnx"
    model = "fake"
    error: str | None = None

    def process(
        self, sounds: Sequence[tuple[MicrophonePlan, AudioChunk]], microphones: object
    ) -> list[tuple[MicrophonePlan, SpeechObservation]]:
        return []

    def close(self) -> None:
        pass


class Hardware:
    """Both devices and both models of a daemon; `engine` is cleared to make the face engine hang."""

    def __init__(self) -> None:
        self.camera, self.microphone = FakeDevice(), FakeDevice()
        self.frames: list[Callable[[Frame], None]] = []
        self.opened = 0
        self.engine = threading.Event()
        self.engine.set()
        self.looks = threading.Event()

    def openers(self) -> Openers:
        return Openers(
            capture=self._capture,
            faces=lambda _engines, _cameras, _clock: FakeFaces(self.engine, self.looks),
            speech=lambda _engines, _clock: FakeSpeech(),
        )

    def open(self) -> set[str]:
        """The devices that are open."""
        devices = {"camera": self.camera, "microphone": self.microphone}
        return {name for name, device in devices.items() if device.is_open}

    def deliver(self, at: float) -> None:
        """A picture comes."""
        self.frames[-1](Frame(np.zeros((4, 4, 3), np.uint8), at))

    def _capture(self, camera: CameraConfig, microphone: MicrophoneConfig, **given: object) -> Capture:
        if camera.enabled:
            self.frames.append(given["frames"].put)  # type: ignore[attr-defined]
        self.opened += 1
        eye = self.camera if camera.enabled else None
        return Capture(eye, self.microphone if microphone.enabled else None)


CAMERA = CameraPlan("", "camera", "camera", CameraConfig())
"""The one camera of a configuration without rooms, as it comes."""
MICROPHONE = MicrophonePlan("", "microphone", "microphone", MicrophoneConfig(), "auto")
"""And its microphone."""


def sensed(event: object) -> object:
    """An observation as the workers tell it; anything else as it is."""
    if isinstance(event, FaceObservation):
        return Seen(CAMERA, event)
    return Heard(MICROPHONE, event) if isinstance(event, SpeechObservation) else event


def reading(emotion: str, at: float, modality: Modality = "face") -> Reading:
    spread = np.full(7, 0.02)
    spread[LABELS.index(emotion)] = 0.88
    return Reading(modality, spread, 1.0, at)


def seen(emotion: str, at: float, faces: int = 1) -> FaceObservation:
    """A picture with somebody in it."""
    subject = reading(emotion, at)
    return FaceObservation(at, (subject,), subject, faces)


def heard(emotion: str, at: float) -> SpeechObservation:
    """A window of speech."""
    return SpeechObservation(at, reading(emotion, at, "speech"), True)
