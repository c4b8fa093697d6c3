"""What a training begins with, kept beside its checkpoints as `start.json`."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.errors import DataError

NAME = "start.json"
Document = dict[str, Any]


@dataclass(frozen=True)
class Start:
    """An engine's weights, a teacher, and the share of the row's peak rates; by default from scratch."""

    engine: Path | None = None
    teacher: Path | None = None
    rate: float = 1.0

    def resolved(self) -> Start:
        """The same with absolute paths."""
        engine, teacher = (path.resolve() if path else None for path in (self.engine, self.teacher))
        return Start(engine, teacher, self.rate)

    def write(self, folder: Path) -> None:
        """Keep it in a run's folder, with the engine's minutes of training and the teacher's hash.

        Raises DataError when an engine or its card cannot be read.
        """
        start = self.resolved()
        document = {
            "engine": str(start.engine) if start.engine else None,
            "engine_minutes": _minutes(start.engine) if start.engine else 0.0,
            "teacher": str(start.teacher) if start.teacher else None,
            "teacher_sha256": _sha256(start.teacher) if start.teacher else None,
            "rate": start.rate,
        }
        folder.mkdir(parents=True, exist_ok=True)
        (folder / NAME).write_text(json.dumps(document), encoding="utf-8")


def read_start(folder: Path) -> Start:
    """What the run in a folder began with; from scratch when it does not say.

    Raises DataError when its teacher is another file by now.
    """
    document = start_document(folder)
    if not document:
        return Start()
    engine, teacher = (Path(document[name]) if document[name] else None for name in ("engine", "teacher"))
    if teacher is not None and _sha256(teacher) != document["teacher_sha256"]:
        raise DataError(f"the teacher {teacher} has changed since this run began: put it back or use --fresh")
    return Start(engine, teacher, document["rate"])


def start_document(folder: Path) -> Document:
    """`start.json` of a run, empty without one: engine, engine_minutes, teacher, teacher_sha256, rate."""
    path = folder / NAME
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def describe_start(folder: Path) -> str:
    """A sentence for report and card; empty when the run began from scratch."""
    document = start_document(folder)
    parts = []
    if document.get("engine"):
        minutes = document["engine_minutes"]
        parts.append(f"from the engine `{Path(document['engine']).stem}` ({minutes:.0f} minutes of training)")
    if document.get("teacher"):
        parts.append(f"with the answers of `{Path(document['teacher']).stem}` mixed into the targets")
    if not parts:
        return ""
    return f"Started {' and '.join(parts)}, at {document['rate']:g} of the row's peak learning rates."


def _minutes(engine: Path) -> float:
    try:
        card = json.loads(engine.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"no card beside {engine} ({error}): it tells the minutes of training") from error
    return float(card.get("cost", {}).get("training_minutes", 0.0))


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise DataError(f"no teacher at {path}: {error.strerror}") from error
