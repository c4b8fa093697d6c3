"""The speech corpora as log-mel spectrograms: decoded and varied once, kept in a cache folder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from edge.errors import DataError
from edge.evaluation.clips import Clip, find_clips
from edge.evaluation.sound import Samples, read_sound, trim
from edge.training.data.fronts import OURS, Front, Spectrogram
from edge.training.data.sound import Augment, Background
from edge.training.protocols import speakers_apart

SPLITS = {
    "": "train",
    "train": "train",
    "training": "train",
    "val": "valid",
    "valid": "valid",
    "dev": "valid",
    "validation": "valid",
    "test": "test",
    "testing": "test",
}
"""What corpora call their splits."""
CORPORA = ("ravdess", "tess", "emodb", "emovo", "nemo", "ased", "cremad", "savee")


@dataclass(frozen=True)
class Corpora:
    """Labelled clips (the seven emotions only) and what each corpus offers."""

    clips: list[Clip]

    def split(self, name: str) -> list[Clip]:
        """The clips of one split."""
        return [clip for clip in self.clips if clip.split == name]

    def shuffled(self, seed: int, share: float = 0.2) -> Corpora:
        """The origin's random split: speakers on both sides, so that the figure leaks."""
        held = np.random.default_rng(seed).random(len(self.clips)) < share
        splits = ["valid" if out else "train" for out in held.tolist()]
        return Corpora([replace(clip, split=name) for clip, name in zip(self.clips, splits, strict=True)])

    def leaving_out(self, corpus: str, speaker: str) -> Corpora:
        """One speaker of a corpus for validation; its others and the training clips of the rest for training.

        Raises DataError when there is no such speaker.
        """
        names = self.speakers(corpus)
        if speaker not in names:
            raise DataError(f"no speaker '{speaker}' in {corpus}; speakers: {', '.join(names)}")
        own = [
            replace(clip, split="valid" if clip.speaker == speaker else "train")
            for clip in self.clips
            if clip.corpus == corpus
        ]
        return Corpora([*(clip for clip in self.split("train") if clip.corpus != corpus), *own])

    def arranged(self, protocol: str, seed: int) -> Corpora:
        """Split as a protocol says: `speaker` (and `control` or `change-NAME`, trained otherwise), `random`,
        or `without-CORPUS-SPEAKER`; test clips stay apart.

        Raises DataError for a speaker who is not there.
        """
        if speakers_apart(protocol):
            return self
        open_clips = Corpora([*self.split("train"), *self.split("valid")])
        if protocol == "random":
            return open_clips.shuffled(seed)
        corpus, _, speaker = protocol.removeprefix("without-").partition("-")
        return open_clips.leaving_out(corpus, speaker)

    def on_both_sides(self) -> list[str]:
        """Named speakers both trained on and validated with."""
        sides = [
            {(c.corpus, c.speaker) for c in self.split(name) if c.speaker} for name in ("train", "valid")
        ]
        return sorted(f"{corpus} {speaker}" for corpus, speaker in sides[0] & sides[1])

    def digest(self) -> str:
        """A hash of what is trained on and validated with."""
        lines = sorted(f"{clip.corpus}/{clip.path.name} {clip.label} {clip.split}" for clip in self.clips)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]

    def speakers(self, corpus: str) -> list[str]:
        """Names of a corpus's speakers, sorted.

        Raises DataError when there is no such corpus.
        """
        names = sorted({clip.speaker for clip in self.clips if clip.corpus == corpus})
        if not names:
            found = sorted({clip.corpus for clip in self.clips})
            raise DataError(f"no corpus '{corpus}' among the speech data; there are: {', '.join(found)}")
        return names

    def classes(self, corpus: str) -> set[int]:
        """Class ids that occur in a corpus."""
        return {clip.label for clip in self.clips if clip.corpus == corpus and clip.label is not None}


def load_corpora(data: Path, names: tuple[str, ...] = CORPORA) -> Corpora:
    """All corpora found under `DATA/speech`; emotions outside the seven are left out.

    Public corpora that name no split have that of the shipped engines; clips of others are for training, and
    those of a split `test` are left alone. A folder of any other name is a corpus if it has an index.csv.

    Raises DataError when there is none, one is half there, in no known layout or with an unknown split.
    """
    folder = data / "speech"
    known = [folder / name for name in names if (folder / name).is_dir()]
    found = known + [path.parent for path in sorted(folder.glob("*/index.csv")) if path.parent not in known]
    if not found:
        raise DataError(
            f"no speech corpora under {folder}: expected folders named {', '.join(names)}, or with an "
            "index.csv"
        )
    others = (path for path in sorted(folder.iterdir()) if path.is_dir() and not path.name.startswith("."))
    for path in others:
        if path not in found:
            known_names = ", ".join(names)
            raise DataError(f"{path} is no corpus: name it {known_names}, or give it an index.csv")
    clips = (clip for path in found for clip in find_clips(path) if clip.label is not None)
    return Corpora([replace(clip, split=_split(clip)) for clip in clips])


def _split(clip: Clip) -> str:
    split = SPLITS.get(clip.split.strip().lower())
    if split is None:
        raise DataError(f"split '{clip.split}' of {clip.path}: splits are train, valid and test")
    return split


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
