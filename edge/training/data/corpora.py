"""The speech corpora: who is in them, and on which side."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from edge.errors import DataError
from edge.evaluation.clips import Clip, find_clips
from edge.evaluation.speakers import ONLY_TRAINED

_SPLITS: Final = {
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
STRANGERS: Final = "strangers"
"""The split of a corpus that is set apart."""
CORPORA: Final = ("ravdess", "tess", "emodb", "emovo", "nemo", "ased", "cremad", "savee")


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

    def opened(self) -> Corpora:
        """Without the test clips, which stay apart in every protocol."""
        return Corpora([*self.split("train"), *self.split("valid")])

    def setting_apart(self, corpus: str) -> Corpora:
        """All clips of a corpus but its test clips in a split of their own, `STRANGERS`.

        Raises DataError when there is no such corpus.
        """
        self.speakers(corpus)
        clips = self.opened().clips
        apart = [replace(clip, split=STRANGERS) for clip in clips if clip.corpus == corpus]
        return Corpora([*(clip for clip in clips if clip.corpus != corpus), *apart])

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
    those of a split `test` are left alone, as is the validation of corpora that nobody is judged by. A folder
    of any other name is a corpus if it has an index.csv.

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
    clips = [clip for path in found for clip in find_clips(path) if clip.label is not None]
    split = [replace(clip, split=_split(clip)) for clip in clips]
    return Corpora([clip for clip in split if clip.split != "valid" or clip.corpus not in ONLY_TRAINED])


def _split(clip: Clip) -> str:
    split = _SPLITS.get(clip.split.strip().lower())
    if split is None:
        raise DataError(f"split '{clip.split}' of {clip.path}: splits are train, valid and test")
    return split


__all__ = ["CORPORA", "STRANGERS", "Corpora", "load_corpora"]
