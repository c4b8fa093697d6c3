"""A classifier that several threads use at once, so that all cores judge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Literal, TypeVar

import numpy as np

from edge.config import Config
from edge.inference.classifier import Classifier
from edge.inference.closing import Closing
from edge.inference.engine import Shape
from edge.inference.onnx import MAX_BATCH
from edge.perception.face_input import face_batch
from edge.perception.faults import Faults
from edge.perception.pixels import Image
from edge.vocabulary import Probabilities

__all__ = ["Judges", "judge_faces"]

Given = TypeVar("Given")
Result = TypeVar("Result")


class Judges(Closing):
    """One classifier, opened, used and closed by threads of its own.

    `workers` of them use it at a time; a TensorRT engine belongs to the one thread that opened it. Raises
    ModelError and EngineError.
    """

    def __init__(self, kind: Literal["face", "speech"], *, config: Config, item: Shape, workers: int) -> None:
        self._owner = ThreadPoolExecutor(1, f"judge-{kind}")
        try:
            opened = self._owner.submit(Classifier.open, kind, config=config.engines, item=item)
            self._classifier: Classifier = opened.result()
        except BaseException:
            self._owner.shutdown()
            raise
        alone = workers == 1 or self._classifier.backend == "tensorrt"
        self._crew = None if alone else ThreadPoolExecutor(workers, f"judges-{kind}")

    def later(self, work: Callable[[Classifier, Given], Result], given: Given) -> Future[Result]:
        """Start `work` with the classifier on the next thread that is free."""
        return (self._crew or self._owner).submit(work, self._classifier, given)

    def close(self) -> None:
        """Drop what waits, finish what is being judged, release the classifier."""
        if self._crew is not None:
            self._crew.shutdown(cancel_futures=True)
        self._owner.submit(self._classifier.close)
        self._owner.shutdown()


def judge_faces(judges: Judges, faults: Faults, crops: Sequence[Image]) -> list[Probabilities | None]:
    """Scores of each crop, in batches that run beside each other; None where the classifier failed.

    Raises EngineError when it fails again and again.
    """
    batches = [crops[at : at + MAX_BATCH] for at in range(0, len(crops), MAX_BATCH)]
    started = [(judges.later(_scores, batch), len(batch)) for batch in batches]
    found: list[Probabilities | None] = []
    for future, count in started:
        scores = faults.guard(future.result)
        found += [None] * count if scores is None else scores
    return found


def _scores(classifier: Classifier, crops: Sequence[Image]) -> list[Probabilities]:
    return list(classifier.probabilities(face_batch(np.stack(crops), classifier.card)))
