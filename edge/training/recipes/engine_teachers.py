"""What a trained engine says to the training items: soft targets for another network (Hinton et al. 2015)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidArgument, InvalidGraph, InvalidProtobuf
from tqdm import tqdm

from edge.errors import DataError
from edge.inference.engine import Batch
from edge.perception.face_input import face_input
from edge.training.data.fronts import Front, Spectrogram
from edge.training.models.standardised import takes_bytes
from edge.vocabulary import softmax

Shares = NDArray[np.float32]
Infer = Callable[[Batch], NDArray[np.float32]]
_CHUNK: Final = 64


@dataclass(frozen=True)
class EngineTeacher:
    """An engine with the temperature of its card; answers are kept in `cache`."""

    content: bytes
    temperature: float
    cache: Path

    @classmethod
    def open(cls, engine: Path, cache: Path) -> EngineTeacher:
        """`ENGINE.onnx` with its card beside it. Raises DataError when either cannot be read."""
        try:
            card = json.loads(engine.with_suffix(".json").read_text(encoding="utf-8"))
            return cls(engine.read_bytes(), float(card["temperature"]), cache)
        except (OSError, ValueError, KeyError) as error:
            raise DataError(f"no teacher at {engine}: it needs the engine and its card ({error})") from error

    def faces(self, images: NDArray[np.uint8]) -> Shares:
        """Probabilities (n, 7) for crops (n, 48, 48).

        Raises DataError when the teacher does not look at faces.
        """
        starts = tqdm(range(0, len(images), _CHUNK), desc="teacher", leave=False)

        def ask(infer: Infer) -> NDArray[np.float32]:
            given = images[:, None] if takes_bytes(self.content) else face_input(images)
            return np.concatenate([infer(given[start : start + _CHUNK]) for start in starts])

        return self._kept(images.tobytes(), ask)

    def speech(self, front: Front, spectrograms: list[Spectrogram]) -> Shares:
        """Probabilities (n, 7) for whole clips, the mean over each one's windows.

        Raises DataError when the teacher listens to other features.
        """
        parts = tqdm(spectrograms, desc="teacher", leave=False)
        key = b"".join(part.tobytes() for part in spectrograms)
        return self._kept(key, lambda infer: _clips(infer, front, parts))

    def _kept(self, items: bytes, ask: Callable[[Infer], NDArray[np.float32]]) -> Shares:
        digest = hashlib.sha256(self.content + items).hexdigest()
        path = self.cache / f"teacher-{digest[:16]}.npy"
        if not path.is_file():
            try:
                answers = ask(_runner(self.content))
            except (Fail, InvalidArgument, InvalidProtobuf, InvalidGraph) as error:
                raise DataError(f"the teacher cannot judge this: is it of this kind? {error}") from None
            self.cache.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(".partial.npy")
            np.save(partial, answers)
            partial.replace(path)
        logits = np.load(path).astype(np.float64)
        return softmax(logits / self.temperature).astype(np.float32)


@dataclass(frozen=True)
class EngineTeachers:
    """Several engines of one kind; they answer with the mean of their probabilities."""

    members: tuple[EngineTeacher, ...]

    @classmethod
    def open(cls, engines: Iterable[Path], cache: Path) -> EngineTeachers:
        """As `EngineTeacher.open`, for each. Raises DataError when one cannot be read."""
        return cls(tuple(EngineTeacher.open(engine, cache) for engine in engines))

    def faces(self, images: NDArray[np.uint8]) -> Shares:
        """As `EngineTeacher.faces`."""
        return self._mean(teacher.faces(images) for teacher in self.members)

    def speech(self, front: Front, spectrograms: list[Spectrogram]) -> Shares:
        """As `EngineTeacher.speech`."""
        return self._mean(teacher.speech(front, spectrograms) for teacher in self.members)

    def _mean(self, answers: Iterable[Shares]) -> Shares:
        return np.asarray(np.mean(list(answers), axis=0), dtype=np.float32)


def _clips(infer: Infer, front: Front, spectrograms: Iterable[Spectrogram]) -> NDArray[np.float32]:
    return np.stack([infer(front.windows(each)).mean(axis=0) for each in spectrograms])


def _runner(content: bytes) -> Infer:
    options = ort.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda batch: np.asarray(session.run(None, {name: batch})[0])


__all__ = ["EngineTeacher", "EngineTeachers", "Infer", "Shares"]
