"""Opening the face detector that the configuration names."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import cv2

from edge.config.models import CameraConfig, EnginesConfig
from edge.errors import ModelError
from edge.inference.auto import detector_name
from edge.inference.engine import Engine
from edge.inference.onnx import OnnxEngine
from edge.inference.open import open_model
from edge.inference.protobuf import free_sizes, output_names
from edge.inference.registry import find_model, is_path
from edge.perception.detector import CenterFace, Detector, input_size
from edge.perception.lending import Lender
from edge.perception.yunet import YuNet

__all__ = ["open_detector"]

_CENTERFACE_OUTPUTS: Final = {"537", "538", "539", "540"}
_log = logging.getLogger(__name__)


def open_detector(
    camera: CameraConfig,
    *,
    engines: EnginesConfig,
    env: Mapping[str, str] = os.environ,
    lender: Lender | None = None,
) -> Detector:
    """The detector `camera.detector.model`: a name, or the path of a CenterFace or YuNet ONNX file.

    With a `lender` its engine is that of other detectors of this model, and stays open.

    Raises ModelError when it is missing or of neither kind, EngineError when it cannot be executed.
    """
    # OpenCV would otherwise start a thread a core for pictures so small that it only costs.
    cv2.setNumThreads(engines.threads)
    config = camera.detector
    side, threshold = config.longer_side, config.threshold
    width, height = input_size(camera.width, camera.height, side)
    name = detector_name(config.model, engines, env)
    if not is_path(name) or Path(name).expanduser().with_suffix(".json").is_file():

        def make() -> Engine:
            model = find_model(name, config=engines, kind="detector", env=env)
            return open_model(model, config=engines, shape=(1, 3, height, width))

        engine = _lent(lender, name, (width, height), make)
        inner = (width, height) if engine.backend == "tensorrt" else None
        return CenterFace(engine, longer_side=side, threshold=threshold, inner=inner)
    return _user_supplied(Path(name).expanduser(), camera, engines, lender)


def _lent(lender: Lender | None, name: str, size: tuple[int, int], make: Callable[[], Engine]) -> Engine:
    return make() if lender is None else lender.engine(name, size, make)


def _user_supplied(
    path: Path, camera: CameraConfig, engines: EnginesConfig, lender: Lender | None
) -> Detector:
    side, threshold = camera.detector.longer_side, camera.detector.threshold
    data = _read(path)
    outputs = _outputs(data, path)
    _log.info("face detector %s has no card; its licence and quality are the user's affair", path)
    if outputs >= _CENTERFACE_OUTPUTS:
        width, height = input_size(camera.width, camera.height, side)

        def make() -> Engine:
            warm = (1, 3, height, width)
            return OnnxEngine(free_sizes(data), name=path.stem, threads=engines.threads, warm=warm)

        engine = _lent(lender, str(path), (width, height), make)
        return CenterFace(engine, longer_side=side, threshold=threshold)
    if any(name.startswith("cls_") for name in outputs):
        return YuNet(path, longer_side=side, threshold=threshold)
    raise ModelError(
        f"camera.detector.model {path} is neither CenterFace nor YuNet (outputs {sorted(outputs)})"
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"cannot read camera.detector.model {path}: {error.strerror}") from error


def _outputs(data: bytes, path: Path) -> set[str]:
    try:
        return output_names(data)
    except ValueError as error:
        raise ModelError(f"camera.detector.model {path} is not an ONNX file: {error}") from error
