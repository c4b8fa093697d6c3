"""The cache of compiled plans: a file named after all it depends on, and a side-car that proves it."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.config.bounded_json import read_json
from edge.errors import EngineError
from edge.inference.tensorrt.recipe import Recipe, Wanted, misfit

__all__ = ["SUFFIX", "Broken", "Match", "Plan", "PlanStore", "match", "unfit", "write_atomically", "writing"]

SUFFIX: Final = ".engine"


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan whose side-car is readable; the file's content is proved only by `read`."""

    path: Path
    recipe: Recipe
    sha256: str
    size: int
    seconds: float

    def read(self) -> bytes:
        """The plan's bytes, exactly as they were written. Raises EngineError when they are not."""
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise EngineError(f"plan {self.path} cannot be read: {error.strerror}") from error
        if len(content) != self.size:
            raise EngineError(f"plan {self.path} is cut short: {len(content)} of {self.size} bytes")
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise EngineError(f"plan {self.path} is damaged: its sha256 is not the one in its side-car")
        return content


@dataclass(frozen=True, slots=True)
class Broken:
    """A file that looks like a plan and cannot be one."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Match:
    """The plan to load, or why each candidate was refused."""

    plan: Plan | None
    refused: tuple[str, ...]
    seconds: float = 0.0
    """How long compiling took the last time; 0 when never."""


class PlanStore:
    """Plans in one folder. Writing creates the folder, reading never does."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def entries(self, model: str | None = None) -> list[Plan | Broken]:
        """All plans here, or those of one model, newest first."""
        try:
            paths = sorted(self.directory.glob(f"*{SUFFIX}"), key=_modified, reverse=True)
        except OSError:
            return []
        found = [_entry(path) for path in paths]
        return [entry for entry in found if model is None or _belongs(entry, model)]

    def find(self, recipe: Recipe) -> Plan | None:
        """The intact plan of exactly this recipe."""
        path = self.directory / recipe.file_name
        entry = _entry(path) if path.is_file() else None
        if not isinstance(entry, Plan) or entry.recipe.key != recipe.key:
            return None
        try:
            entry.read()
        except EngineError:
            return None
        return entry

    def save(self, recipe: Recipe, content: bytes, seconds: float) -> Plan:
        """Write plan and side-car so that no reader ever sees half of them. Raises EngineError."""
        path = self.directory / recipe.file_name
        digest = hashlib.sha256(content).hexdigest()
        proof = {"sha256": digest, "bytes": len(content), "seconds": round(seconds, 3)}
        side_car = json.dumps({"recipe": recipe.as_dict(), "plan": proof}, indent=2).encode()
        with writing(self.directory):
            _side_car(path).unlink(missing_ok=True)
            write_atomically(path, content)
            write_atomically(_side_car(path), side_car)
        return Plan(path, recipe, digest, len(content), seconds)

    @contextmanager
    def lock(self, name: str, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Exclusive among processes; `waiting` is called once when somebody else holds it."""
        with writing(self.directory):
            self.directory.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.directory / f".{name}.lock", os.O_CREAT | os.O_RDWR, 0o644)
        try:
            _acquire(handle, waiting)
            yield
        finally:
            os.close(handle)

    def remove(self, entry: Plan | Broken) -> None:
        """Delete a plan with its side-car and layer report. Raises EngineError."""
        with writing(self.directory):
            for path in (_side_car(entry.path), entry.path.with_suffix(".layers.json"), entry.path):
                path.unlink(missing_ok=True)


def match(stores: list[PlanStore], wanted: Wanted) -> Match:
    """The newest plan that fits, judged by side-car and size alone, so cheap enough for every reload."""
    refused: list[str] = []
    seconds = 0.0
    for entry in (entry for store in stores for entry in store.entries(wanted.model)):
        reason = unfit(entry, wanted)
        if reason is None and isinstance(entry, Plan):
            return Match(entry, tuple(refused))
        refused.append(f"{entry.path} {reason}")
        if isinstance(entry, Plan) and not entry.recipe.ahead_of_time:
            seconds = max(seconds, entry.seconds)
    return Match(None, tuple(refused), seconds)


@contextmanager
def writing(directory: Path) -> Iterator[None]:
    """Turn a failure to write into one message that names folder and remedy (EngineError)."""
    try:
        yield
    except OSError as error:
        raise EngineError(
            f"cannot write to {directory}: {error.strerror}; choose a writable folder with --cache"
        ) from error


def write_atomically(path: Path, content: bytes) -> None:
    """Replace `path` as a whole, readable like any other file of the user's. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _acquire(handle: int, waiting: Callable[[], None]) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        waiting()
        fcntl.flock(handle, fcntl.LOCK_EX)


def _side_car(path: Path) -> Path:
    return path.with_name(path.name + ".json")


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _belongs(entry: Plan | Broken, model: str) -> bool:
    if isinstance(entry, Plan):
        return entry.recipe.model == model
    return entry.path.name.startswith(f"{model}-")


def _entry(path: Path) -> Plan | Broken:
    try:
        document = read_json(_side_car(path))
        recipe = Recipe.from_dict(document["recipe"])
        proof = document["plan"]
        return Plan(path, recipe, str(proof["sha256"]), int(proof["bytes"]), float(proof["seconds"]))
    except FileNotFoundError:
        return Broken(path, "has no side-car, so nothing is known about it")
    except OSError as error:
        return Broken(path, f"has an unreadable side-car: {error.strerror}")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return Broken(path, f"has a damaged side-car: {error}")


def unfit(entry: Plan | Broken, wanted: Wanted) -> str | None:
    """Why a plan would not be loaded here, judged by side-car and size; None when it fits."""
    if isinstance(entry, Broken):
        return entry.reason
    reason = misfit(entry.recipe, wanted)
    if reason is not None:
        return reason
    try:
        size = entry.path.stat().st_size
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return None if size == entry.size else f"is cut short: {size} of {entry.size} bytes"
