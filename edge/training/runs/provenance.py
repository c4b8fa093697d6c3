"""What a training begins with, kept beside its checkpoints as `start.json`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from edge.errors import DataError
from edge.inference import card
from edge.training.recipes.start import CHECKPOINT, RECOGNISER, Start, Teacher
from edge.training.runs.logs import minutes_of

_NAME: Final = "start.json"
Document = dict[str, Any]


def describe_files(start: Start, gpu: str = "") -> Document:
    """What `start.json` holds: besides, the engine's minutes of training, hashes, the GPU.

    Raises DataError when an engine has no card, ModelError when a file cannot be read.
    """
    start = start.resolved()
    return {
        "engine": str(start.engine) if start.engine else None,
        "engine_minutes": _minutes(start.engine) if start.engine else 0.0,
        "engine_sha256": card.sha256(start.engine) if start.engine else None,
        "teachers": [_described(each) for each in start.teachers],
        "rate": start.rate,
        "gpu": gpu,
        **(_ear(start.ear) if start.ear else {}),
    }


def _ear(ear: Path) -> Document:
    return {"ear": str(ear), "ear_sha256": card.sha256(ear), "ear_minutes": minutes_of(ear.parent)}


def joined_files(folders: Sequence[Path]) -> Document:
    """What `start.json` holds of a network whose parts are runs: how each of them began."""
    parts = {folder.name: {**start_document(folder), "minutes": minutes_of(folder)} for folder in folders}
    return {"engine": None, "teachers": [], "rate": 1.0, "joined": parts}


def _described(teacher: Teacher) -> Document:
    told = {"corpora": list(teacher.corpora), "share": teacher.share} if teacher.told else {}
    return {"engine": str(teacher.path), "sha256": card.sha256(teacher.path), **told}


def write_start(folder: Path, document: Document) -> None:
    """`start.json` in a run's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _NAME).write_text(json.dumps(document), encoding="utf-8")


def read_start(folder: Path) -> Start:
    """What the run in a folder began with; from scratch when it does not say.

    Raises DataError when one of its teachers is another file by now, or an older version left the run.
    """
    document = start_document(folder)
    if not document:
        return Start()
    if "teachers" not in document:
        raise DataError(f"{folder} was left by an older version: --fresh starts over")
    teachers = tuple(_unchanged(each) for each in document["teachers"])
    engine, ear = (Path(document[name]) if document.get(name) else None for name in ("engine", "ear"))
    return Start(engine, teachers, document["rate"], ear)


def _unchanged(document: Document) -> Teacher:
    teacher = _teacher(document)
    if card.sha256(teacher.path) != document["sha256"]:
        raise DataError(
            f"the teacher {teacher.path} has changed since this run began: put it back or use --fresh"
        )
    return teacher


def _teacher(document: Document) -> Teacher:
    return Teacher(Path(document["engine"]), tuple(document.get("corpora", ())), document.get("share"))


def start_document(folder: Path) -> Document:
    """`start.json` of a run, empty without one: engine, engine_minutes, teachers, rate, gpu."""
    path = folder / _NAME
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def trained_speakers(engine: Path) -> set[str]:
    """The speakers that an engine's card says it was trained on; none for one that does not say."""
    try:
        found = json.loads(engine.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    return {name for names in found.get("training_speakers", {}).values() for name in names}


def command_options(folder: Path) -> str:
    """The options of the command that began a run, files by their names; empty from scratch."""
    document = start_document(folder)
    parts = [f"--from {Path(document['engine']).name}"] if document.get("engine") else []
    parts += [f"--ear {_file(Path(document['ear']))}"] if document.get("ear") else []
    parts += [
        f"--teacher {_file(each.path)}{each.remarks}" for each in map(_teacher, document.get("teachers", []))
    ]
    parts += [f"--rate {rate:g}"] if (rate := document.get("rate", 1.0)) != 1.0 else []
    parts += [f"--variants {count}"] if (count := document.get("variants")) else []
    return "".join(f" {part}" for part in parts)


def joined_commands(folder: Path) -> list[str]:
    """The commands behind the parts of a run that was joined; none for others."""
    joined = start_document(folder).get("joined", {})
    return [_part_command(folder.with_name(name), document) for name, document in joined.items()]


def _part_command(folder: Path, document: Document) -> str:
    if document.get("ear"):
        return f"python -m edge.training fit {_file(Path(document['ear']))}"
    row, minutes = folder.name.replace("-", "/", 1), max(1, round(document["minutes"]))
    return f"python -m edge.training train {row}{command_options(folder)} --minutes {minutes}"


def describe_start(folder: Path) -> str:
    """A sentence for report and card; empty when the run began from scratch."""
    return _start_words(start_document(folder))


def _start_words(document: Document) -> str:
    if joined := document.get("joined"):
        return " ".join(["Of two parts, trained apart.", *map(_part_words, joined, joined.values())])
    parts = []
    if document.get("engine"):
        parts.append(_engine_words(Path(document["engine"]), document["engine_minutes"]))
    if document.get("ear"):
        parts.append(
            f"with an ear fitted to Whisper's first layers in {document['ear_minutes']:.0f} minutes "
            f"(`{_name(Path(document['ear']))}`)"
        )
    teachers = [_teacher(each) for each in document.get("teachers", [])]
    networks = [each for each in teachers if each.path.suffix == CHECKPOINT]
    parts += _taught([each for each in teachers if each not in networks], "mixed into the targets")
    parts += _taught(networks, "to every varied batch as the targets")
    if not parts:
        return ""
    return f"Started {' and '.join(parts)}, at {document['rate']:g} of the row's peak learning rates."


def _part_words(name: str, document: Document) -> str:
    return f"`{name}`, {document['minutes']:.0f} minutes: {_start_words(document) or 'From scratch.'}"


def taught_by_recogniser(folder: Path) -> bool:
    """Whether a run of `face/recogniser` taught the run in a folder."""
    teachers = [_teacher(each) for each in start_document(folder).get("teachers", [])]
    return any(each.path.parent.name.startswith("face-recogniser") for each in teachers)


def has_ear(folder: Path) -> bool:
    """Whether the run in a folder, or a part of it, began with an ear."""
    document = start_document(folder)
    return any("ear" in each for each in (document, *document.get("joined", {}).values()))


def _engine_words(engine: Path, minutes: float) -> str:
    """A recogniser of faces has no minutes of ours."""
    if engine.suffix == RECOGNISER:
        return f"from the recogniser of faces `{engine.stem}`"
    return f"from the engine `{engine.stem}` ({minutes:.0f} minutes of training)"


def _taught(teachers: list[Teacher], role: str) -> list[str]:
    names = ", ".join(f"`{_name(each.path)}`{_part(each)}" for each in teachers)
    return [f"with the answers of {names} {role}"] if teachers else []


def _part(teacher: Teacher) -> str:
    """What a teacher is told, in words."""
    share = [] if teacher.share is None else [f"{100 * teacher.share:.0f} %"]
    said = ", ".join([*teacher.corpora, *share])
    return f" ({said})" if said else ""


def blend_words(share: float) -> str:
    """A sentence for report and card about weights made by `blend`."""
    if share == 1.0:
        return "Its weights are the last epoch's, with the batch norms measured anew."
    own = f"{100 * share:.0f} % of the last epoch's"
    return f"Its weights are blended: {own}, the rest the engine's it started from."


def mean_words(members: list[Document]) -> str:
    """A sentence for report and card about weights made by `average`."""
    said = ", ".join(f"`{each['checkpoint']}` {100 * each['share']:.0f} %" for each in members)
    return f"Its weights are a mean ({said}), with the batch norms measured anew."


def _file(teacher: Path) -> str:
    return f"{_name(teacher)}/{teacher.name}" if teacher.suffix == CHECKPOINT else teacher.name


def _name(teacher: Path) -> str:
    """An engine's file, a checkpoint's run."""
    return teacher.parent.name if teacher.suffix == CHECKPOINT else teacher.stem


def _minutes(engine: Path) -> float:
    if engine.suffix == RECOGNISER:
        return 0.0
    try:
        found = json.loads(engine.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"no card beside {engine} ({error}): it tells the minutes of training") from error
    return float(found.get("cost", {}).get("training_minutes", 0.0))


__all__ = [
    "Document",
    "blend_words",
    "command_options",
    "describe_files",
    "describe_start",
    "has_ear",
    "joined_commands",
    "joined_files",
    "mean_words",
    "read_start",
    "start_document",
    "taught_by_recogniser",
    "trained_speakers",
    "write_start",
]
