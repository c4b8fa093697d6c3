"""Labelled speech: folders with an `index.csv`, or the native naming of the public corpora."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from edge.errors import DataError
from edge.evaluation.index import read_index
from edge.evaluation.labels import label_id
from edge.evaluation.naming import NAMINGS, read_name
from edge.evaluation.speakers import usual_split

__all__ = ["Clip", "find_clips"]

_SOUNDS: Final = {".wav", ".opus", ".flac", ".ogg", ".mp3"}


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
    """All clips of a corpus; one of a public corpus that names no split has that of the shipped engines.

    Raises DataError when the folder is missing, few of its sounds are in a known layout, or its index
    names files that are not there.
    """
    if not folder.is_dir():
        raise DataError(f"no speech data at {folder}: give a folder with index.csv or a public corpus")
    if (folder / "index.csv").is_file():
        return _with_splits(_from_index(folder))
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in _SOUNDS)
    clips = [clip for clip in map(_native, files) if clip is not None]
    if 2 * len(clips) <= len(files):
        known = ", ".join(naming.name for naming in NAMINGS)
        raise DataError(
            f"{len(files)} sound files under {folder}, {len(clips) or 'none'} named as in {known}; "
            "add an index.csv"
        )
    return _with_splits(clips)


def _with_splits(clips: list[Clip]) -> list[Clip]:
    if any(clip.split for clip in clips):
        return clips
    return [replace(clip, split=usual_split(clip.corpus, clip.speaker)) for clip in clips]


def _from_index(folder: Path) -> list[Clip]:
    rows = read_index(folder / "index.csv", "file", "emotion")
    clips = [
        Clip(
            path=folder / row["file"],
            emotion=row["emotion"],
            speaker=row.get("speaker", ""),
            corpus=folder.name,
            sex=row.get("sex", ""),
            split=row.get("split", ""),
            sentence=row.get("sentence", ""),
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


def _native(path: Path) -> Clip | None:
    named = read_name(path)
    if named is None:
        return None
    return Clip(path, named.emotion, named.speaker, named.corpus, named.sex, "", named.sentence)
