"""The work on one recording, as it is sent to a process or a machine, and what comes back."""

from __future__ import annotations

import hashlib
import io
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TextIO
from urllib.parse import quote

from edge import __version__
from edge.analysis.analyze import analyze
from edge.analysis.batch.rows import rows
from edge.analysis.batch.store import Store, fetched, filesystem, is_url, store_at
from edge.analysis.channels import Channels
from edge.analysis.recording import SCHEMA, Recording
from edge.analysis.report.exports import EXPORTS, Labels
from edge.analysis.report.lanes import lanes
from edge.analysis.report.page import page
from edge.config import Config
from edge.config.sensors import EnginesConfig
from edge.errors import EdgeError

__all__ = ["Outcome", "Task", "done_before", "fingerprint", "relevant", "work"]

_BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Task:
    """One recording to be judged: where it is, where its results go and under which name, and how."""

    place: str
    name: str
    out: str
    size: int
    channels: Channels
    exports: tuple[str, ...]
    speakers: int
    track: int | None
    config: Mapping[str, Any]
    models: Mapping[str, str]
    known: str | None = None
    """Key under which it was done before."""

    def key(self, content: str) -> str:
        """Same content, version, models, options and configuration: nothing to be done again."""
        parts = (
            content,
            SCHEMA,
            __version__,
            sorted(self.models.items()),
            self.channels,
            self.exports,
            self.speakers,
            self.track,
            self.config,
        )
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a task: rows for the summary, or the message of what was wrong."""

    place: str
    name: str
    key: str = ""
    rows: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0
    error: str | None = None
    again: bool = False
    """Whether it had been done before, and was not done again."""


def fingerprint(place: str) -> str:
    """What tells the content of a recording: its hash, or what the store behind the URL says of it."""
    if is_url(place):
        files, path = filesystem(place)
        return f"{files.ukey(path)}"
    digest = hashlib.sha256()
    with Path(place).open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def relevant(config: Config) -> dict[str, Any]:
    """The part of the configuration that results depend on; no addresses, no secrets, no paths."""
    return config.model_dump(
        mode="json",
        include={
            "camera": {"fps", "region", "detector", "quality"},
            "microphone": {"vad"},
            "engines": {"backend", "face", "speech", "precision"},
            "fusion": True,
            "smoothing": True,
        },
    )


def work(task: Task, engines: EnginesConfig, threads: int | None = None) -> Outcome:
    """Judge the recording with the models found by `engines` and write its results.

    What is wrong with the recording is told and stops nothing. Raises OSError, or what the store behind a URL
    raises, when it cannot be reached.
    """
    started = time.monotonic()
    try:
        key = task.key(fingerprint(task.place))
        store = store_at(task.out)
        if _done(task, key, store):
            return Outcome(task.place, task.name, key, again=True)
        config = Config.model_validate(task.config)
        config = config.model_copy(update={"engines": engines})
        with fetched(task.place) as path:
            recording = analyze(
                path,
                config,
                channels=task.channels,
                speakers=task.speakers,
                track=task.track,
                threads=threads,
            )
        recording.timeline.file = task.place
        elapsed = time.monotonic() - started
        _write(recording, store, task, elapsed)
    except EdgeError as error:
        return Outcome(task.place, task.name, error=str(error), seconds=time.monotonic() - started)
    return Outcome(task.place, task.name, key, rows(recording, task.name), elapsed)


def done_before(task: Task) -> Outcome | None:
    """The outcome of what need not be done again, None for what has to be worked on."""
    if task.known is None:
        return None
    try:
        key = task.key(fingerprint(task.place))
        if _done(task, key, store_at(task.out)):
            return Outcome(task.place, task.name, key, again=True)
    except (EdgeError, OSError):
        return None
    return None


def _done(task: Task, key: str, store: Store) -> bool:
    return key == task.known and store.exists(f"{task.name}.json")


def _write(recording: Recording, store: Store, task: Task, elapsed: float) -> None:
    with _text(store, f"{task.name}.csv") as out:
        recording.write_csv(out)
    with _text(store, f"{task.name}.html") as out:
        out.write(page(recording, source=_seen_from_results(task)))
    labels = Labels(lanes(recording), recording.moments, task.place)
    for ending, export in (EXPORTS[name] for name in task.exports):
        with _text(store, f"{task.name}{ending}") as out:
            out.write(export(labels))
    with _text(store, f"{task.name}.json") as out:
        recording.write_json(elapsed, out)


@contextmanager
def _text(store: Store, name: str) -> Iterator[TextIO]:
    with store.open(name, "wb") as raw, io.TextIOWrapper(raw, "utf-8", errors="replace", newline="") as out:
        yield out


def _seen_from_results(task: Task) -> str | None:
    if is_url(task.place) or is_url(task.out):
        return None
    return quote(os.path.relpath(task.place, (Path(task.out) / task.name).parent), errors="surrogateescape")
