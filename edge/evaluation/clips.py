"""Labelled speech: folders with an `index.csv`, or the native naming of the public corpora."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.errors import DataError
from edge.evaluation.labels import label_id

SOUNDS: Final = {".wav", ".opus", ".flac", ".ogg", ".mp3"}


@dataclass(frozen=True)
class Clip:
    """One utterance: `emotion` as the corpus names it, `label` its class id or None outside the seven."""

    path: Path
    emotion: str
    speaker: str
    corpus: str
    sex: str = ""
    split: str = ""
    sentence: str = ""

    @property
    def label(self) -> int | None:
        """Class id; None for an emotion outside the seven."""
        return label_id(self.emotion)


def find_clips(folder: Path) -> list[Clip]:
    """All clips of a corpus.

    Raises DataError when the folder is missing, holds no clip in a known layout, or its index names
    files that are not there.
    """
    if not folder.is_dir():
        raise DataError(f"no speech data at {folder}: give a folder with index.csv or a public corpus")
    if (folder / "index.csv").is_file():
        return _from_index(folder)
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in SOUNDS)
    clips = [clip for clip in map(_native, files) if clip is not None]
    if not clips:
        known = ", ".join(NATIVE)
        raise DataError(
            f"{len(files)} sound files under {folder}, none named as in {known}; add an index.csv"
        )
    return clips


def _from_index(folder: Path) -> list[Clip]:
    with (folder / "index.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if not rows or not {"file", "emotion"} <= rows[0].keys():
        raise DataError(f"{folder / 'index.csv'} needs the columns file and emotion, and at least one row")
    clips = [
        Clip(
            path=folder / row["file"],
            emotion=row["emotion"],
            speaker=row.get("speaker") or "",
            corpus=folder.name,
            sex=row.get("sex") or "",
            split=row.get("split") or "",
            sentence=row.get("sentence") or "",
        )
        for row in rows
    ]
    missing = [clip.path for clip in clips if not clip.path.is_file()]
    if missing:
        raise DataError(
            f"{folder} is incomplete: {len(missing)} of {len(clips)} files of index.csv are missing, "
            f"the first is {missing[0].name}"
        )
    return clips


RAVDESS: Final = ("", "neutral", "calm", "happy", "sad", "angry", "fear", "disgust", "surprise")
SAVEE: Final = {
    "a": "angry",
    "d": "disgust",
    "f": "fear",
    "h": "happy",
    "n": "neutral",
    "sa": "sad",
    "su": "surprise",
}
CREMA: Final = {
    "ANG": "angry",
    "DIS": "disgust",
    "FEA": "fear",
    "HAP": "happy",
    "NEU": "neutral",
    "SAD": "sad",
}
EMODB: Final = {
    "W": "angry",
    "E": "disgust",
    "A": "fear",
    "F": "happy",
    "T": "sad",
    "N": "neutral",
    "L": "boredom",
}
EMODB_MEN: Final = {"03", "10", "11", "12", "15"}
EMOVO: Final = {
    "rab": "angry", "dis": "disgust", "pau": "fear", "gio": "happy", "tri": "sad", "sor": "surprise", "neu": "neutral",
}  # fmt: skip
ASED: Final = {"n": "neutral", "f": "fear", "h": "happy", "s": "sad", "a": "angry"}


def _ravdess(path: Path, found: re.Match[str]) -> Clip:
    actor = found["actor"]
    sex = "female" if int(actor) % 2 == 0 else "male"
    return Clip(path, RAVDESS[int(found["emotion"])], f"RAV_{actor}", "ravdess", sex, "", found["sentence"])


def _savee(path: Path, found: re.Match[str]) -> Clip:
    speaker = found["speaker"] or path.parent.name
    return Clip(path, SAVEE[found["emotion"]], f"SAVEE_{speaker}", "savee", "male", "", found["sentence"])


def _tess(path: Path, found: re.Match[str]) -> Clip:
    emotion = "surprise" if found["emotion"].lower().startswith(("ps", "pleasant")) else found["emotion"]
    return Clip(path, emotion, f"TESS_{found['speaker']}", "tess", "female", "", found["sentence"])


def _crema(path: Path, found: re.Match[str]) -> Clip:
    return Clip(
        path, CREMA[found["emotion"]], f"CREMA_{found['speaker']}", "cremad", "", "", found["sentence"]
    )


def _emodb(path: Path, found: re.Match[str]) -> Clip:
    speaker = found["speaker"]
    sex = "male" if speaker in EMODB_MEN else "female"
    return Clip(path, EMODB[found["emotion"]], f"EMODB_{speaker}", "emodb", sex, "", found["sentence"])


def _emovo(path: Path, found: re.Match[str]) -> Clip:
    speaker = found["speaker"]
    sex = "female" if speaker.startswith("f") else "male"
    return Clip(path, EMOVO[found["emotion"]], f"EMOVO_{speaker}", "emovo", sex, "", found["sentence"])


def _nemo(path: Path, found: re.Match[str]) -> Clip:
    return Clip(path, found["emotion"], f"NEMO_{found['speaker']}", "nemo", "", "", found["sentence"])


def _ased(path: Path, found: re.Match[str]) -> Clip:
    emotion = found["emotion"]
    return Clip(path, ASED[emotion], f"ASED_{found['speaker']}", "ased", "", "", emotion + found["sentence"])


NATIVE: Final[dict[str, tuple[re.Pattern[str], Callable[[Path, re.Match[str]], Clip]]]] = {
    "RAVDESS": (re.compile(r"0[13]-0[12]-(?P<emotion>0[1-8])-0[12]-(?P<sentence>0[12])-0[12]-(?P<actor>\d\d)"), _ravdess),
    "CREMA-D": (re.compile(r"(?P<speaker>1\d{3})_(?P<sentence>[A-Z]{3})_(?P<emotion>ANG|DIS|FEA|HAP|NEU|SAD)_\w+"), _crema),
    "EMO-DB": (re.compile(r"(?P<speaker>\d\d)(?P<sentence>[ab]\d\d)(?P<emotion>[WEAFTNL])[a-z]?"), _emodb),
    "EMOVO": (re.compile(r"(?P<emotion>rab|dis|pau|gio|tri|sor|neu)-(?P<speaker>[fm]\d)-(?P<sentence>\w+)"), _emovo),
    "TESS": (re.compile(r"(?P<speaker>[OY]A[FA])_(?P<sentence>[\w']+?)_(?P<emotion>angry|disgust|fear|happy|sad|neutral|ps|pleasant_surprised?)"), _tess),
    "SAVEE": (re.compile(r"(?:(?P<speaker>DC|JE|JK|KL)_)?(?P<emotion>sa|su|[adfhn])(?P<sentence>\d\d)"), _savee),
    "nEMO": (re.compile(r"(?P<speaker>[A-Z]{2}\d)_(?P<emotion>anger|fear|happiness|neutral|sadness|surprised)_(?P<sentence>\d+)"), _nemo),
    "ASED": (re.compile(r"(?P<emotion>[nfhsa])(?P<sentence>\d+)-\d\d-\d\d-\d\d-(?P<speaker>\d\d)"), _ased),
}  # fmt: skip


def _native(path: Path) -> Clip | None:
    for pattern, make in NATIVE.values():
        found = pattern.fullmatch(path.stem)
        if found:
            return make(path, found)
    return None
