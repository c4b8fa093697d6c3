"""Where a laboratory keeps its things, and how a row is prepared and trained."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from edge.errors import DataError
from edge.training.face_task import FaceSplits, FaceTask, load_fer2013
from edge.training.fronts import Front
from edge.training.loop import Budget, Run, Task, read_checkpoint
from edge.training.rows import Row
from edge.training.sound import SoundAugment, load_background
from edge.training.speech_data import SpectrogramCache, load_corpora
from edge.training.speech_task import SpeechData, SpeechTask

SEED = 20261123
VARIANTS = 8


@dataclass(frozen=True)
class Lab:
    """The folders of a laboratory: public data, runs (checkpoints, logs, readings), cached features."""

    data: Path
    runs: Path
    seed: int = 0
    variants: int = VARIANTS
    protocol: str = "speaker"

    @classmethod
    def open(
        cls, data: Path | None, runs: Path | None, seed: int = 0, env: Mapping[str, str] = os.environ
    ) -> Lab:
        """From the options, else $EMOTION_EDGE_DATA and $EMOTION_EDGE_RUNS or the user's cache.

        Raises DataError when there are no data.
        """
        named = data or (Path(env["EMOTION_EDGE_DATA"]) if env.get("EMOTION_EDGE_DATA") else None)
        if named is None:
            raise DataError("which data? give --data FOLDER or set EMOTION_EDGE_DATA")
        if not named.is_dir():
            raise DataError(f"no data folder {named}")
        cache = Path(env.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "emotion-edge" / "runs"
        return cls(named, runs or Path(env.get("EMOTION_EDGE_RUNS") or cache), seed)

    def folder(self, row: Row) -> Path:
        """Where a row's run lives."""
        name = row.name.replace("/", "-")
        return self.runs / (name if self.protocol == "speaker" else f"{name}-{self.protocol}")

    def faces(self) -> FaceSplits:
        """FER2013, split."""
        return load_fer2013(self.data)

    def speech(self, front: Front, variants: int | None = None) -> SpeechData:
        """The corpora as spectrograms; variants are made on first use."""
        corpora = load_corpora(self.data)
        if self.protocol == "random":
            corpora = corpora.shuffled(SEED)
        train, valid = corpora.split("train"), corpora.split("valid")
        cache = SpectrogramCache(self.runs.parent / "features", front)
        background, _ = load_background(self.data).split(SEED)
        count = self.variants if variants is None else variants
        varied = [cache.varied(train, k, background, SoundAugment()) for k in range(count)]
        noises = [front.extract(noise).astype(np.float16) for noise in background.noises]
        return SpeechData(
            corpora, train, [cache.clean(train), *varied], valid, cache.clean(valid), noises if count else []
        )

    def task(self, row: Row) -> Task:
        """The row's network with its data."""
        torch.manual_seed(self.seed)
        network = row.network()
        optimizers = row.optimizers(network)
        if row.kind == "face":
            return FaceTask(row.name, network, self.faces(), recipe=row.face, optimizers=optimizers)
        data = self.speech(row.speech.front, None if row.speech.varied else 0)
        return SpeechTask(row.name, network, data, recipe=row.speech, optimizers=optimizers)

    def train(self, row: Row, budget: Budget, *, fresh: bool = False, quiet: bool = False) -> Run:
        """Train a row, going on where an earlier run stopped unless `fresh`."""
        folder = self.folder(row)
        if fresh:
            for name in ("last.pt", "best.pt", "log.csv"):
                (folder / name).unlink(missing_ok=True)
        run = Run(folder, budget, decay=row.decay)
        run.fit(self.task(row), quiet=quiet)
        return run

    def trained(self, row: Row, which: str = "best") -> nn.Module:
        """The row's network with the weights of its `best` or `last` checkpoint.

        Raises DataError when it was not trained.
        """
        state = read_checkpoint(self.folder(row) / f"{which}.pt")
        network = row.network()
        network.load_state_dict(state["model" if which == "best" else "average"])
        return network.eval()

    def with_protocol(self, protocol: str) -> Lab:
        """The same laboratory under another protocol: `speaker` or `random`."""
        return replace(self, protocol=protocol)
