"""Voice activity: how likely it is that somebody speaks, every 32 ms."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from typing_extensions import Self

from edge.config.models import EnginesConfig
from edge.errors import EngineError, ModelError
from edge.inference.closing import Closing
from edge.inference.onnx import session_options
from edge.inference.registry import find_model

__all__ = ["FRAME", "Vad"]

FRAME: Final = 512
"""Samples at 16 kHz: 32 ms."""

_CONTEXT: Final = 64
_STATE: Final = (1, 1, 128)
_BLOCK: Final = 512


class Vad(Closing):
    """Silero VAD on ONNX Runtime; keeps its state from frame to frame.

    Source: https://github.com/snakers4/silero-vad (version 6, model for blocks of frames at 16 kHz).
    """

    def __init__(self, path: Path) -> None:
        try:
            self._session = ort.InferenceSession(
                str(path), session_options(threads=1), providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise ModelError(f"ONNX Runtime cannot load {path}: {error}") from error
        self.reset()
        self.probability(np.zeros(FRAME, np.float32))
        self.reset()

    @classmethod
    def open(cls, config: EnginesConfig, *, env: Mapping[str, str] = os.environ) -> Self:
        """The VAD that comes with the package, checked against its card."""
        return cls(find_model("vad", config=config, kind="vad", env=env).path)

    def another(self) -> Vad:
        """One for another stream of sound: the same model, loaded once, with a memory of its own."""
        twin = copy.copy(self)
        twin.reset()
        return twin

    def reset(self) -> None:
        """Forget what was heard."""
        self._context = np.zeros(_CONTEXT, np.float32)
        self._h, self._c = np.zeros(_STATE, np.float32), np.zeros(_STATE, np.float32)

    def probability(self, frame: NDArray[np.float32]) -> float:
        """Probability of speech (0..1) in the next 512 samples, float32 at 16 kHz."""
        return float(self.probabilities(frame.reshape(1, FRAME))[0])

    def probabilities(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probability of speech in each of the next frames, float32 (n, 512); values not finite are silence.

        Raises EngineError when ONNX Runtime fails.
        """
        clean = np.clip(np.nan_to_num(frames, nan=0.0, posinf=0.0, neginf=0.0), -1.0, 1.0)
        blocks = [self._run(clean[at : at + _BLOCK]) for at in range(0, len(clean), _BLOCK)]
        return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)

    def close(self) -> None:
        """Nothing to release but memory."""

    def _run(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        block = np.empty((len(frames), _CONTEXT + FRAME), np.float32)
        block[:, _CONTEXT:] = frames
        block[0, :_CONTEXT] = self._context
        block[1:, :_CONTEXT] = frames[:-1, -_CONTEXT:]
        try:
            output, self._h, self._c = self._session.run(None, {"input": block, "h": self._h, "c": self._c})
        except Exception as error:
            raise EngineError(f"voice activity detection failed: {error}") from error
        self._context = frames[-1, -_CONTEXT:].copy()
        return np.asarray(output, np.float32).reshape(-1)
