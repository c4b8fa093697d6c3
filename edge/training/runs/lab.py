"""Where a laboratory keeps its things, and the data as its protocol splits them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import torch

from edge.errors import DataError
from edge.evaluation.clips import Clip
from edge.training.data.channels import ThroughChannel
from edge.training.data.corpora import Corpora, load_corpora
from edge.training.data.face_sets import load_face_sets
from edge.training.data.faces import FaceSplits
from edge.training.data.fronts import Front, Spectrogram
from edge.training.data.sound import Augment, SoundAugment, load_background
from edge.training.data.spectrograms import SpectrogramCache
from edge.training.data.voices import OtherVoice
from edge.training.recipes.device import find_device
from edge.training.recipes.protocols import SPEAKERS, Protocol
from edge.training.recipes.row import FaceRow, Row
from edge.training.recipes.speech_task import SpeechData

SEED: Final = 20261123
_VARIANTS: Final = 8
_CPU: Final = torch.device("cpu")


@dataclass(frozen=True)
class Lab:
    """The folders of a laboratory: public data, runs (checkpoints, logs, readings), cached features."""

    data: Path
    runs: Path
    seed: int = 0
    variants: int = _VARIANTS
    protocol: Protocol = SPEAKERS
    device: torch.device = _CPU
    wild: bool = True

    @classmethod
    def open(
        cls,
        data: Path | None,
        runs: Path | None,
        seed: int = 0,
        env: Mapping[str, str] = os.environ,
        device: str = "cpu",
    ) -> Lab:
        """From the options, else $EMOTION_EDGE_DATA and $EMOTION_EDGE_RUNS or the user's cache.

        Raises DataError when there are no data, or no such device.
        """
        named = data or (Path(env["EMOTION_EDGE_DATA"]) if env.get("EMOTION_EDGE_DATA") else None)
        if named is None:
            raise DataError("which data? give --data FOLDER or set EMOTION_EDGE_DATA")
        if not named.is_dir():
            raise DataError(f"no data folder {named}")
        cache = Path(env.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "emotion-edge" / "runs"
        folder = runs or Path(env.get("EMOTION_EDGE_RUNS") or cache)
        return cls(named, folder, seed, device=find_device(device))

    def with_protocol(self, protocol: Protocol) -> Lab:
        """The same laboratory under another protocol."""
        return replace(self, protocol=protocol)

    def folder(self, row: Row) -> Path:
        """Where a row's run lives; other protocols, data and seeds than 0 have runs of their own."""
        alone = "without-wild" if isinstance(row, FaceRow) and not self.wild else ""
        parts = [
            row.name.replace("/", "-"),
            alone,
            self.protocol.suffix,
            f"seed{self.seed}" * (self.seed != 0),
        ]
        return self.runs / "-".join(part for part in parts if part)

    @property
    def cache(self) -> Path:
        """Where spectrograms and the answers of teaching engines are kept."""
        return self.runs.parent / "features"

    def faces(self) -> FaceSplits:
        """FER2013 and, unless `wild` is off, the faces from the wild, split as the protocol says."""
        return self.protocol.faces(load_face_sets(self.data, wild=self.wild), SEED)

    def corpora(self) -> Corpora:
        """The speech corpora, split as the protocol says.

        Raises DataError when that leaves nothing to train on or to validate with, or speakers that ought to
        be apart are on both sides.
        """
        corpora, folder = self.protocol.arranged(load_corpora(self.data), SEED), self.data / "speech"
        if self.protocol.people_apart and (both := corpora.on_both_sides()):
            names = ", ".join(both[:3]) + " and others" * (len(both) > 3)
            raise DataError(
                f"trained on and validated with: {names}; correct the splits under {folder}, "
                "or use --protocol random"
            )
        for split in ("train", "valid"):
            if not corpora.split(split):
                raise DataError(
                    f"no clip of the split '{split}' under {folder}: give one corpus an "
                    "index.csv with a column split, or use --protocol random or leave-one-out"
                )
        return corpora

    def speech(
        self, front: Front, variants: int | None = None, *, voices: bool = True, channels: float = 0.0
    ) -> SpeechData:
        """The corpora as spectrograms, of training clips in several variants, made on first use.

        With `voices` every second variant is another person's; a share `channels` of all goes through a
        telephone or the like. Raises DataError when those cannot be made.
        """
        corpora = self.corpora()
        train, valid = corpora.split("train"), corpora.split("valid")
        background, _ = load_background(self.data).split(SEED)
        count = self.variants if variants is None else variants
        cache = self.features(front)
        clean = self.spectrograms(cache.clean, [*train, *valid])

        def varied(clips: list[Clip], variant: int) -> list[Spectrogram]:
            augment: Augment = OtherVoice() if voices and variant % 2 == 1 else SoundAugment()
            if channels:
                augment = ThroughChannel(augment, channels)
            return cache.varied(clips, variant, background, augment)

        variations = [self.spectrograms(partial(varied, variant=k), train) for k in range(count)]
        noises = [front.extract(noise).astype(np.float16) for noise in background.noises] if count else []
        takes = [[take[clip.path] for clip in train] for take in (clean, *variations)]
        return SpeechData(corpora, train, takes, valid, [clean[clip.path] for clip in valid], noises)

    def features(self, front: Front) -> SpectrogramCache:
        """The kept spectrograms of a front."""
        return SpectrogramCache(self.cache, front)

    def spectrograms(
        self, make: Callable[[list[Clip]], list[Spectrogram]], wanted: list[Clip]
    ) -> dict[Path, Spectrogram]:
        """By path, of the wanted clips and all beside them in corpus and split: every protocol shares them,
        and another corpus leaves them as they are."""
        fixed, paths = load_corpora(self.data), {clip.path for clip in wanted}
        parts: dict[tuple[str, str], list[Clip]] = {}
        for clip in (*fixed.split("train"), *fixed.split("valid")):
            parts.setdefault((clip.corpus, clip.split), []).append(clip)
        needed = [part for part in parts.values() if any(clip.path in paths for clip in part)]
        return {clip.path: each for part in needed for clip, each in zip(part, make(part), strict=True)}


__all__ = ["SEED", "Lab"]
