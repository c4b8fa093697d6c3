"""Camera, microphone and models: what the daemon looks and listens with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field

from edge.config.base import NumberOrText, Seconds, Section, Share, Text

__all__ = [
    "CameraConfig",
    "DetectorConfig",
    "EnginesConfig",
    "MicrophoneConfig",
    "QualityConfig",
    "VadConfig",
]


_ROUNDING: Final = 1e-6
_REGION: Final = "[x, y, width, height] as shares of the picture, such as [0, 0, 0.5, 1] for its left half"


def _inside_the_picture(value: object) -> object:
    if value is None:
        return None
    numbers = value if isinstance(value, list | tuple) else ()
    if len(numbers) != 4 or any(isinstance(one, bool) or not isinstance(one, int | float) for one in numbers):
        raise ValueError(f"must be {_REGION}")
    x, y, width, height = numbers
    if not (x >= 0 and y >= 0 and width > 0 and height > 0):
        raise ValueError(f"has no place in the picture; write {_REGION}")
    if not (x + width <= 1 + _ROUNDING and y + height <= 1 + _ROUNDING):
        raise ValueError(f"reaches beyond the picture's border; write {_REGION}")
    return value


Region = Annotated[tuple[float, float, float, float], BeforeValidator(_inside_the_picture)]


class QualityConfig(Section):
    """Faces below these limits are tracked but not judged."""

    min_face: Annotated[int, Field(ge=12, le=1000)] = 40
    """Shorter side of the face box in pixels of the captured picture."""
    min_score: Share = 0.5
    """Detector score."""
    max_yaw: Annotated[float, Field(gt=0, le=90)] = 45.0
    """Degrees a head may be turned aside, from the key points."""
    max_roll: Annotated[float, Field(gt=0, le=90)] = 40.0
    """Degrees a head may be tilted."""
    max_lowered: Share = 0.5
    """How likely a face may look down and still be called sad; 1: at any time."""
    min_sharpness: Annotated[float, Field(ge=0)] = 30.0
    """Variance of the Laplacian of the grey crop; lower is blurred."""
    max_noise: Share = 0.6
    """Noise as a share of the face's contrast, which is little in the dark; 1: any."""


class DetectorConfig(Section):
    """Which face detector, and how often it runs."""

    model: Text = "auto"
    """Name of the detector model; `auto`: CenterFace in the form that is fastest here, by measurement."""
    longer_side: Annotated[int, Field(ge=96, le=1920)] = 320
    """Pictures are scaled to this for detection; larger finds smaller faces and costs more."""
    threshold: Share = 0.5
    """Boxes with a lower score are dropped."""
    every: Annotated[int, Field(ge=1, le=30)] = 3
    """Detect on each n-th frame, follow the face in between."""


class CameraConfig(Section):
    """Where pictures come from."""

    enabled: bool = True
    """False: this device has no eyes."""
    source: NumberOrText = "auto"
    """`auto`, index, `device:0`, `/dev/…`, `csi://0`, `rtsp://…`, `http://…` or a file."""
    width: Annotated[int, Field(ge=16, le=7680)] = 640
    """Asked of the device; it may deliver another size."""
    height: Annotated[int, Field(ge=16, le=4320)] = 480
    """Asked of the device."""
    fps: Annotated[float, Field(gt=0, le=120)] = 15.0
    """Frames a second, asked of the device and never exceeded."""
    region: Region | None = None
    """Part of the picture that is looked at: x, y, width and height as shares of it; empty: all."""
    detector: DetectorConfig = DetectorConfig()
    """Face detection."""
    quality: QualityConfig = QualityConfig()
    """Which faces are good enough to judge."""


class VadConfig(Section):
    """When sound counts as speech."""

    threshold: Share = 0.5
    """Speech probability that counts as voice; raise it if television or music triggers."""
    min_speech: Seconds = 1.0
    """Seconds of voice a window needs."""
    hop: Annotated[float, Field(ge=0.1, le=5.0)] = 0.5
    """Seconds between two judgements while somebody speaks."""
    window: Annotated[float, Field(ge=1.0, le=3.0)] = 3.0
    """Seconds of voice judged at once."""


class MicrophoneConfig(Section):
    """Where sound comes from."""

    enabled: bool = True
    """False: this device has no ears."""
    source: NumberOrText = "auto"
    """`auto`, a name or index, `camera` (the network camera's own), `rtsp://…`, `http://…` or a file."""
    vad: VadConfig = VadConfig()
    """Voice activity."""


class EnginesConfig(Section):
    """Which models, on which runtime."""

    backend: Literal["auto", "onnx", "tensorrt", "cuda", "openvino", "xnnpack"] = "auto"
    """`auto`: TensorRT where usable, else ONNX Runtime, on what is fastest here; `onnx`: on the CPU."""
    directory: Path | None = None
    """Folder of the models; empty takes the packaged ones."""
    cache: Path | None = None
    """Folder of compiled engines and fetched models; empty: `$CACHE_DIRECTORY`, else the user's cache."""
    face: Text = "auto"
    """Name of the face model; `auto`: the one that is fastest here, by measurement."""
    speech: Text = "auto"
    """Name of the speech model; `auto` likewise."""
    threads: Annotated[int, Field(ge=1, le=16)] = 1
    """CPU threads a model may use."""
    precision: Literal["fp32", "fp16", "int8"] = "fp16"
    """Precision of the TensorRT engines."""
