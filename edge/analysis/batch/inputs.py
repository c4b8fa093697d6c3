"""From files, folders, globs and URLs to the recordings meant, each with the name of its results."""

from __future__ import annotations

import glob
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from edge.analysis.batch.store import filesystem, is_url
from edge.analysis.errors import RequestError
from edge.errors import EdgeError

__all__ = ["KINDS", "Input", "find"]

KINDS: Final = frozenset(
    (
        *(".wav", ".mp3", ".m4a", ".aac", ".flac", ".ogg", ".oga", ".opus", ".wma", ".amr", ".au", ".aif"),
        *(".aiff", ".caf", ".gsm", ".w64", ".mka", ".ac3", ".sph"),
        *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts", ".wmv"),
        *(".flv", ".3gp", ".ogv", ".gif"),
        *(".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".heic", ".heif", ".avif"),
    )
)
"""Endings of the files that are taken from a folder; a file that is named is taken whatever it is called."""


@dataclass(frozen=True, slots=True)
class Input:
    """One recording: its path or URL, the name of its results without ending, and its size in bytes."""

    place: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class _Found:
    place: str
    below: str
    size: int


def find(places: Sequence[str], *, without: str | None = None) -> list[Input]:
    """The recordings meant, each once, in order; nothing of the folder `without`, where results go.

    Results are named after the file without its ending, and with it where two would have the same name.
    Raises RequestError for a place that names none.
    """
    found: dict[str, _Found] = {}
    for place in places:
        some = [one for one in _below(place) if not _inside(one.place, without)]
        if not some:
            raise RequestError(_nothing(place))
        found |= {one.place: one for one in some}
    return _named(found.values())


def _below(place: str) -> Iterator[_Found]:
    if not is_url(place):
        yield from _local(place)
        return
    try:
        yield from list(_remote(place))
    except EdgeError:
        raise
    except Exception as error:
        raise RequestError(f"{place}: cannot be listed: {error}") from error


def _local(place: str) -> Iterator[_Found]:
    path = Path(place).expanduser()
    if path.is_dir():
        yield from (_file(file, path) for file in sorted(path.rglob("*")) if _wanted(file, path))
    elif path.exists() or not glob.has_magic(place):
        yield _file(path, path.parent)
    else:
        for match in sorted(glob.glob(str(path), recursive=True)):  # noqa: PTH207, it takes absolute patterns
            yield from _local(glob.escape(match) if glob.has_magic(match) else match)


def _wanted(file: Path, folder: Path) -> bool:
    hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
    return file.suffix.lower() in KINDS and not hidden and file.is_file()


def _file(file: Path, folder: Path) -> _Found:
    try:
        size = file.stat().st_size
    except OSError:
        size = 0
    return _Found(str(file), file.relative_to(folder).as_posix(), size)


def _remote(url: str) -> Iterator[_Found]:
    files, path = filesystem(url)
    if glob.has_magic(path):
        root = path[: path.index(next(c for c in path if c in "*?["))].rpartition("/")[0]
        details = files.glob(path, detail=True)
    elif files.isdir(path):
        root, details = path, files.find(path, detail=True)
    else:
        root, details = path.rpartition("/")[0], {path: files.info(path)} if files.exists(path) else {}
    for name in sorted(details):
        below = PurePosixPath(name[len(root) :].lstrip("/"))
        if details[name].get("type") == "file" and (below.suffix.lower() in KINDS or name == path):
            yield _Found(files.unstrip_protocol(name), str(below), int(details[name].get("size") or 0))


def _inside(place: str, folder: str | None) -> bool:
    if folder is None:
        return False
    if is_url(place) or is_url(folder):
        return place.startswith(folder.rstrip("/") + "/")
    return Path(folder).resolve() in Path(place).resolve().parents


def _named(found: Iterable[_Found]) -> list[Input]:
    found = list(found)
    stems = Counter(_stem(one.below) for one in found)
    whole = Counter(one.below for one in found)
    inputs = []
    for one in found:
        name = _stem(one.below) if stems[_stem(one.below)] == 1 else one.below
        if whole[one.below] > 1:
            name = one.place.split("://")[-1].lstrip("/")
        inputs.append(Input(one.place, name, one.size))
    return inputs


def _stem(below: str) -> str:
    path = PurePosixPath(below)
    return str(path.with_suffix("")) if path.suffix.lower() in KINDS else below


def _nothing(place: str) -> str:
    if not is_url(place) and Path(place).is_dir():
        return f"{place}: no sound, film or picture in this folder"
    return f"{place}: no such recording"
