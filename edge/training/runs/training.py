"""Training a row: a new run, or on with one that stopped."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edge.errors import DataError
from edge.training.recipes.device import gpu_name
from edge.training.recipes.loop import Budget, Run
from edge.training.recipes.optimise import Schedule
from edge.training.recipes.row import FaceRow, NetworkRow, SpeechRow
from edge.training.recipes.start import Start
from edge.training.runs.lab import Lab
from edge.training.runs.preparation import prepare
from edge.training.runs.provenance import describe_files, read_start, start_document, write_start
from edge.training.runs.record import RunRecord, record


def train(
    lab: Lab,
    row: NetworkRow,
    budget: Budget,
    *,
    start: Start | None = None,
    fresh: bool = False,
    quiet: bool = False,
) -> Run:
    """Train a row as the protocol says, going on where and as an earlier run stopped unless `fresh`.

    Raises DataError when it is to start in another way than the run that it would go on with, or the
    protocol does not allow it.
    """
    row, own = lab.protocol.recipe(row), record(lab, row)
    last = own.folder / "last.pt"
    resumed = last.is_file() and not fresh
    begun = Start() if fresh else read_start(own.folder)
    wanted = begun if start is None or (start == Start() and not fresh) else start.resolved()
    _check(lab, row, wanted)
    gpu = gpu_name(lab.device)
    document = _document(lab, row, wanted, gpu)
    if resumed:
        _check_going_on(own, wanted, begun, gpu)
        _check_data(own, document)
    task = prepare(lab, row, wanted, resumed=resumed)
    if not resumed:
        _begin(own.folder, document)
    before = last.stat().st_mtime_ns if resumed else 0
    decays = row.decays if lab.protocol.chooses else row.decays[:1]
    run = Run(own.folder, budget, decays, Schedule(power=row.power), lab.protocol.name)
    try:
        run.fit(task, begin_with=wanted.engine is not None, quiet=quiet)
    finally:
        if last.is_file() and last.stat().st_mtime_ns != before:
            own.drop_figures()
    return run


def _begin(folder: Path, document: Mapping[str, Any]) -> None:
    for name in ("last.pt", "best.pt", "log.csv"):
        (folder / name).unlink(missing_ok=True)
    write_start(folder, dict(document))


def _document(lab: Lab, row: NetworkRow, start: Start, gpu: str) -> dict[str, Any]:
    """For `start.json`: how the run begins, and what it must find again to go on."""
    document = describe_files(start, gpu)
    if isinstance(row, FaceRow):
        document["sets"] = list(lab.faces().sets)
    if isinstance(row, SpeechRow):
        document["clips"] = lab.corpora().digest()
        if row.recipe.varied:
            document["variants"] = lab.variants
    return document


def _check(lab: Lab, row: NetworkRow, start: Start) -> None:
    """Raises DataError when a row cannot start so, or not under the protocol."""
    if lab.folder(row).resolve() in (path.parent for path in start.checkpoints):
        raise DataError(f"{row.name} cannot teach itself: copy its best.pt, or train with another --seed")
    _check_teachers(row, start)
    lab.protocol.check(row, start)


def _check_teachers(row: NetworkRow, start: Start) -> None:
    """Raises DataError when checkpoints are told what they cannot heed."""
    networks = [each for each in start.teachers if each not in start.engines]
    face = isinstance(row, FaceRow)
    if any(each.corpora or (each.share is not None and not face) for each in networks):
        raise DataError("corpora and shares are told to engines, not to checkpoints")
    if len({each.share for each in networks}) > 1:
        raise DataError("checkpoints answer together: tell all of them the same share")
    if networks and start.engines and start.network_share is None:
        raise DataError(
            "engines beside checkpoints: tell the checkpoints their share, as in best.pt=0.5"
            if face
            else "teachers of speech are either engines or checkpoints: answers of both cannot be mixed"
        )


def _check_going_on(own: RunRecord, wanted: Start, begun: Start, gpu: str) -> None:
    """Raises DataError when the run began otherwise, or on another device."""
    name = own.row.name
    if wanted != begun:
        raise DataError(f"{name} goes on from {own.folder} as it began: give --fresh to start over")
    if start_document(own.folder).get("gpu", gpu) != gpu:
        was, now = (device or "the processor" for device in (own.gpu, gpu))
        raise DataError(f"{name} began on {was}, this is {now}: see --device, or use --fresh")


def _check_data(own: RunRecord, document: Mapping[str, Any]) -> None:
    """Raises DataError when the run began with other clips or variants; older runs do not say."""
    begun, name = start_document(own.folder), own.row.name
    if begun.get("clips", document.get("clips")) != document.get("clips"):
        raise DataError(f"{name} began with other clips: --fresh starts over, --runs keeps both")
    if "sets" in document and begun.get("sets", ["fer2013"]) != document["sets"]:
        raise DataError(f"{name} began with other sets of faces: see --without-wild, or use --fresh")
    if begun.get("variants", document.get("variants")) != document.get("variants"):
        raise DataError(f"{name} began with --variants {begun['variants']}: give that, or --fresh")


__all__ = ["train"]
