"""Clips as log-mel spectrograms, decoded and varied once, kept in a cache folder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from edge.evaluation.clips import Clip
from edge.evaluation.sound import Samples, read_sound, trim
from edge.training.data.fronts import OURS, Front, Spectrogram
from edge.training.data.sound import Augment, Background


class SpectrogramCache:
    """Variants of clips as packed float16 arrays in files, made when first asked for."""

    def __init__(self, folder: Path, front: Front = OURS) -> None:
        self._folder, self._extract, self._tag = folder, front.extract, front.tag

    def clean(self, clips: list[Clip]) -> list[Spectrogram]:
        """Each clip trimmed, otherwise as it is."""
        return self._cached(clips, "clean", lambda samples, _: samples)

    def varied(
        self, clips: list[Clip], variant: int, background: Background, augment: Augment
    ) -> list[Spectrogram]:
        """Each clip in its random variation number `variant`."""
        return self._cached(
            clips,
            f"{augment}-{variant}-{background.digest()}",
            lambda samples, generator: augment(samples, background, generator),
            variant,
        )

    def _cached(
        self,
        clips: list[Clip],
        kind: str,
        vary: Callable[[Samples, np.random.Generator], Samples],
        variant: int = 0,
    ) -> list[Spectrogram]:
        key = hashlib.sha256(
            "\n".join([self._tag, kind, *(str(clip.path.resolve()) for clip in clips)]).encode()
        ).hexdigest()
        path = self._folder / f"{self._tag}-{key[:16]}.npz"
        sizes = np.array([clip.path.stat().st_size for clip in clips])
        if not path.is_file() or not _same_files(path, sizes):
            generator = np.random.default_rng(variant)
            made = [
                self._extract(vary(trim(read_sound(clip.path)), generator)).astype(np.float16)
                for clip in tqdm(clips, desc=f"features {kind[:5]} {variant}", leave=False)
            ]
            self._folder.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(".partial.npz")
            lengths = np.array([len(part) for part in made])
            np.savez(partial, data=np.concatenate(made), lengths=lengths, sizes=sizes)
            partial.replace(path)
        with np.load(path) as file:
            return np.split(file["data"], np.cumsum(file["lengths"])[:-1])


def _same_files(path: Path, sizes: NDArray[np.int64]) -> bool:
    """Whether a cache file is of sounds of these sizes, or too old to say."""
    with np.load(path) as file:
        return "sizes" not in file.files or bool(np.array_equal(file["sizes"], sizes))


__all__ = ["SpectrogramCache"]
