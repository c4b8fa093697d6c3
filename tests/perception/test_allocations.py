"""What the work on a picture takes of memory: no copy of the picture, and nothing that stays."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest

from edge.capture.files.media_file import MediaFile
from edge.config import Config
from edge.config.models import EnginesConfig
from edge.inference.classifier import Classifier
from edge.perception.face import FacePipeline
from edge.perception.features import speech_features
from edge.perception.inputs import SPEECH_ITEM
from edge.perception.vad import FRAME, Vad
from edge.samples import sample_clip
from edge.vocabulary import Frame

_KEPT = 50_000
"""Bytes by which steady work may differ: a crop, a track, a few numbers."""


@pytest.fixture
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.fixture
def pictures() -> list[Frame]:
    """Six seconds of somebody in front of a camera, 640 x 480."""
    return list(islice(MediaFile(sample_clip(), sound=False, fps=15).frames(), 90))


def peak() -> int:
    """Most bytes at a time since the last reset, beyond what was held then."""
    return tracemalloc.get_traced_memory()[1] - held()


def held() -> int:
    return tracemalloc.get_traced_memory()[0]


def test_a_picture_is_looked_at_without_a_copy_of_it_and_leaves_nothing(
    fetched: EnginesConfig, pictures: list[Frame], traced: None
) -> None:
    config = Config(engines=fetched)
    with FacePipeline.open(config, clock=lambda: 0.0, thrift=True) as pipeline:
        for frame in pictures[:45]:
            pipeline.process(frame)
        before, most = held(), []
        for frame in pictures[45:]:
            tracemalloc.reset_peak()
            assert pipeline.process(frame).faces
            most.append(peak())
        after = held()
    assert after - before < _KEPT
    size = pictures[0].image.nbytes
    assert np.median(most) < size / 2
    assert max(most) < size


def test_a_window_of_speech_is_judged_and_leaves_nothing(traced: None) -> None:
    config = EnginesConfig(backend="onnx")
    sound = np.random.default_rng(0).normal(0, 0.05, 48_000).astype(np.float32)
    with Vad.open(config) as vad, Classifier.open("speech", config=config, item=SPEECH_ITEM) as classifier:

        def hear() -> None:
            vad.probabilities(sound[: 30 * FRAME].reshape(30, FRAME))
            classifier.probabilities(speech_features(sound)[np.newaxis])

        hear()
        before = held()
        for _ in range(10):
            hear()
        assert held() - before < _KEPT
