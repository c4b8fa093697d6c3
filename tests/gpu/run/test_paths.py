"""The whole face and speech paths on the fake device."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from gpu.driver import live
from gpu.models import copy_model, detector, load, shipped
from gpu.run.conftest import Prepared

from edge.capture.files.media_file import MediaFile
from edge.config.models import Config
from edge.inference.engine import Backend
from edge.inference.tensorrt.probe import usable
from edge.samples import sample_clip
from edge.vocabulary import AudioChunk, Frame, Reading

Prepare = Callable[..., Prepared]
SECONDS = 6.0
SIZE = (320, 256)


def config_on(backend: Backend, cache: Path) -> Config:
    """In float32 on either: what `auto` takes on a processor may be in whole numbers."""
    models = {"face": "face", "speech": "speech"}
    engines = {"backend": backend, "cache": str(cache), "precision": "fp32", **models}
    return Config.model_validate({"engines": engines, "camera": {"detector": {"model": "centerface"}}})


@pytest.fixture(scope="module")
def clip() -> list[Frame | AudioChunk]:
    """The first seconds of the sample clip."""
    items: list[Frame | AudioChunk] = []
    for item in MediaFile(sample_clip()):
        if item.captured_at > SECONDS:
            break
        items.append(item)
    return items


def test_the_face_path_reads_the_same_as_on_onnx_runtime(
    prepare: Prepare, clip: list[Frame | AudioChunk], tmp_path: Path
) -> None:
    found = detector()
    if found is None:
        pytest.skip("the detector is not in the cache; run `emotion-edge fetch-detector`")
    prepare(shipped("face"))
    prepare(copy_model(found, tmp_path / "cache"), size=SIZE)
    frames = [item for item in clip if isinstance(item, Frame)][::3]
    ours, expected = (face_readings(backend, tmp_path / "cache", frames) for backend in ("tensorrt", "onnx"))
    assert len(ours) == len(expected) > 5
    for one, other in zip(ours, expected, strict=True):
        np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-5)
        assert one.box is not None
        assert other.box is not None
        np.testing.assert_allclose(np.array(one.box), np.array(other.box), atol=1e-4)


def face_readings(backend: Backend, cache: Path, frames: list[Frame]) -> list[Reading]:
    from edge.perception.face import FacePipeline

    with FacePipeline.open(config_on(backend, cache), clock=lambda: 0.0) as pipeline:
        assert pipeline.backend == backend
        assert live().streams == (2 if backend == "tensorrt" else 0)
        return [reading for frame in frames for reading in pipeline.process(frame).readings]


def test_the_speech_path_reads_the_same_as_on_onnx_runtime(
    prepare: Prepare, clip: list[Frame | AudioChunk], tmp_path: Path
) -> None:
    prepare(shipped("speech"))
    chunks = [item for item in clip if isinstance(item, AudioChunk)]
    ours, expected = (
        speech_readings(backend, tmp_path / "cache", chunks) for backend in ("tensorrt", "onnx")
    )
    assert len(ours) == len(expected) > 1
    for one, other in zip(ours, expected, strict=True):
        np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-5)


def speech_readings(backend: Backend, cache: Path, chunks: list[AudioChunk]) -> list[Reading]:
    from edge.perception.speech import SpeechPipeline

    with SpeechPipeline.open(config_on(backend, cache), clock=lambda: 0.0) as pipeline:
        assert pipeline.backend == backend
        heard = [one for chunk in chunks for one in pipeline.process(chunk)]
        return [one.reading for one in heard if one.reading is not None]


def test_the_detectors_plan_must_have_the_size_that_the_camera_needs(
    prepare: Prepare, tmp_path: Path
) -> None:
    found = detector()
    if found is None:
        pytest.skip("the detector is not in the cache; run `emotion-edge fetch-detector`")
    path = copy_model(found, tmp_path / "cache")
    _, config = prepare(path, size=SIZE)
    assert usable(load(path), config, (1, 3, 256, 320)).ok
    answer = usable(load(path), config, (1, 3, 480, 640))
    assert "another input than (1, 3, 480, 640)" in answer.reason
    assert "--detector-size 640x480" in answer.remedy
