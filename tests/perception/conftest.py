"""Real detector and data where they are there, tiny stand-ins for the classifiers."""

import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import numpy as np
import pytest
from speech import Sound, say
from typing_extensions import Self

from edge.config.models import EnginesConfig
from edge.errors import ModelError
from edge.inference.card import Card
from edge.inference.engine import Backend, Tensor
from edge.inference.registry import find_model
from edge.vocabulary import LABELS

Score = Callable[[Tensor], Tensor]


class ScoringEngine:
    """An engine that computes its logits with a plain function and keeps the batches it was given."""

    name = "scoring"
    backend: Backend = "onnx"

    def __init__(self, score: Score) -> None:
        self.score, self.batches, self.closed = score, list[Tensor](), False

    def infer(self, batch: Tensor) -> tuple[Tensor, ...]:
        self.batches.append(batch)
        return (self.score(batch),)

    def close(self) -> None:
        self.closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def happy(batch: Tensor) -> Tensor:
    """Logits that say happy for every item."""
    return np.tile(np.eye(7, dtype=np.float32)[3] * 4, (len(batch), 1))


@pytest.fixture
def scoring_engine() -> Callable[..., ScoringEngine]:
    def make(score: Score = happy) -> ScoringEngine:
        return ScoringEngine(score)

    return make


@pytest.fixture
def card() -> Card:
    return Card.model_validate(
        {
            "name": "scoring",
            "kind": "face",
            "version": "1",
            "sha256": "0" * 64,
            "input": {"name": "x", "shape": ["n"], "layout": "NCHW", "normalisation": "none"},
            "labels": LABELS,
        }
    )


@pytest.fixture(scope="session")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Sound:
    """Eight seconds of clear speech, float32 (n,) at 16 kHz."""
    return say(tmp_path_factory.mktemp("speech") / "speech.wav")


@pytest.fixture
def data() -> Path:
    folder = os.environ.get("EMOTION_EDGE_DATA")
    if not folder:
        pytest.skip("EMOTION_EDGE_DATA is not set; point it at a folder with clips/, noise/ and speech/")
    return Path(folder)


@pytest.fixture
def fetched() -> EnginesConfig:
    """Engines with the fetched face detector in their cache."""
    config = EnginesConfig(backend="onnx")
    try:
        find_model("centerface", config=config)
    except ModelError as error:
        pytest.skip(str(error))
    return config
