"""INT8 engines for ONNX Runtime on the CPU: made from a shipped engine, kept where they earn it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import onnx

from edge.errors import DataError
from edge.inference.card import load_card, verify
from edge.inference.engine import Batch
from edge.inference.tensorrt.precision import to_int8
from edge.training.engines.cards import build_metrics
from edge.training.engines.inputs import real_inputs, training_inputs
from edge.training.engines.names import engine_name, remove_int8
from edge.training.engines.onnx_file import write_engine
from edge.training.engines.timing import milliseconds
from edge.training.figures.judge import judge
from edge.training.figures.readings import Readings
from edge.training.figures.scores import Document, class_scores, figures
from edge.training.models.exported import Exported, onnx_runner
from edge.training.models.standardised import takes_bytes
from edge.training.recipes.device import processor
from edge.training.recipes.row import NetworkRow
from edge.training.runs.lab import Lab

_FASTER: Final = 1.5
"""How many times as fast as in float32 an INT8 engine must be."""
_LOSS: Final = 0.005
"""How much accuracy (faces) or mean UAR (speech) it may lose."""
_DELICATE: Final = "/heard/"
"""What hears by an ear: in whole numbers as well it would cost a point more."""
_ITEMS: Final = 512
_BATCH: Final = 16


def quantise_row(
    lab: Lab, row: NetworkRow, folder: Path, *, faster: float = _FASTER, loss: float = _LOSS
) -> Document:
    """`folder/NAME-int8.onnx` with its card from `NAME.onnx`, if it is so much faster and loses no more.

    An older one is removed when this one loses too much, and left alone when only the clock speaks against
    it. Returns what was measured, `kept` among it.

    Raises DataError when there is no engine with a card, ModelError when they do not belong together.
    """
    name = engine_name(row)
    path, target = folder / f"{name}.onnx", f"{name}-int8"
    content, card = _engine(path)
    if row.kind == "face" and not takes_bytes(content):
        raise DataError(f"{path} takes float32: run `python -m edge.training standardise {name}` first")
    inputs = training_inputs(lab, row, _ITEMS)
    batches = [inputs[start : start + _BATCH] for start in range(0, len(inputs), _BATCH)]
    made = to_int8(path, batches, base_sha256=card["sha256"], keep=_delicate(content), runtime="onnx")
    readings = [judge(lab, row, Exported(each, row.kind)) for each in (content, made)]
    measured = _measured(row, readings) | _timed(content, made, real_inputs(lab, row, 1)[:1])
    accurate = measured["float32"] - measured["int8"] <= loss
    measured["kept"] = accurate and measured["faster"] >= faster
    if measured["kept"]:
        write_engine(folder, target, made, _card(row, card, name, figures(readings[1]), measured))
    elif not accurate:
        remove_int8(folder, name)
    return measured


def _delicate(content: bytes) -> list[str]:
    """The nodes of an engine that lose more in whole numbers than they gain."""
    return [node.name for node in onnx.load_from_string(content).graph.node if _DELICATE in node.name]


def _measured(row: NetworkRow, readings: list[Readings]) -> Document:
    """Scores of the float32 and the INT8 engine, on the degraded items too where those were judged."""
    score = row.figure
    before, after = (figures(each)[score] for each in readings)
    found: Document = {"score": score, "float32": before, "int8": after}
    if all(each.degraded is not None for each in readings):
        worse, worse_after = (figures(each.worse())[score] for each in readings)
        found |= {"degraded_float32": worse, "degraded_int8": worse_after}
    return found


def _timed(content: bytes, made: bytes, item: Batch, turns: int = 5) -> Document:
    """Milliseconds of both in turns, so that other work on the machine meets both."""
    runs = [onnx_runner(content), onnx_runner(made)]
    rounds = [[milliseconds(run, item, 40) for run in runs] for _ in range(turns)]
    times = [min(each) for each in zip(*rounds, strict=True)]
    return {"ms_float32": times[0], "ms_int8": times[1], "faster": times[0] / times[1]}


def _card(row: NetworkRow, card: Document, name: str, document: Document, measured: Document) -> Document:
    """The float32 engine's card with what is the INT8 one's own."""
    evaluate = card["commands"]["evaluate"].replace(f"--model {name} ", f"--model {name}-int8 ")
    export = f"python -m edge.training quantise {row.name}"
    own = {
        "title": f"{card['title']}, INT8 for the CPU",
        "runtimes": ["onnx"],
        "precision": "int8",
        "temperature": document["temperature"],
        "per_class": class_scores(document),
        "metrics": build_metrics(row, document),
        "cost": card["cost"] | {"ms_one_thread": measured["ms_int8"], "processor": processor()},
        "made_from": {"name": name, "sha256": card["sha256"], **measured},
        "commands": card["commands"] | {"export": export, "evaluate": evaluate},
    }
    kept = {key: value for key, value in card.items() if key not in ("name", "parity")}
    return kept | own


def _engine(path: Path) -> tuple[bytes, Document]:
    try:
        card = dict(json.loads(path.with_suffix(".json").read_text(encoding="utf-8")))
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        raise DataError(f"no engine with a card at {path} ({error}): export the row first") from error
    verify(path, load_card(path.with_suffix(".json")))
    return content, card


__all__ = ["quantise_row"]
