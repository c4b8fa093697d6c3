"""`describe`, `evaluate` and `report`: what a row is, and how good."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from edge.training.commands.options import add_command, add_engines, add_protocol, open_lab

if TYPE_CHECKING:
    from edge.training.commands.options import Commands


def add_commands(commands: Commands) -> None:
    """Register them."""
    describe = add_command(commands, "describe", "layers, shapes and parameters of a row", _describe)
    describe.add_argument("row")
    text = "figures of a trained row on the validation split"
    evaluate = add_command(commands, "evaluate", text, _evaluate)
    evaluate.add_argument("row")
    add_protocol(evaluate)
    evaluate.add_argument(
        "--engine", type=Path, metavar="ENGINE.onnx", help="an exported engine in place of the run"
    )
    report = add_command(commands, "report", "write REPORT.md from what has been run", _report)
    add_engines(report)


def _describe(arguments: argparse.Namespace) -> None:
    from edge.training.models.origin import keras_parameters, layer_shapes
    from edge.training.recipes.rows import find_network

    row = find_network(arguments.row)
    network = row.build()
    print(f"{row.name}: {row.title}; {keras_parameters(network):,} parameters")
    for kind, shape in layer_shapes(network, row.sample()):
        print(f"  {kind:<10} {shape}")


def _evaluate(arguments: argparse.Namespace) -> None:
    from edge.training.figures.evaluate import evaluate_engine, evaluate_row
    from edge.training.figures.scores import rounded
    from edge.training.figures.strangers import strangers
    from edge.training.recipes.protocols import StrangersOut
    from edge.training.recipes.rows import find_network

    lab = open_lab(arguments)
    if isinstance(lab.protocol, StrangersOut):
        document = strangers(lab, find_network(arguments.row))
    elif arguments.engine is None:
        document = evaluate_row(lab, arguments.row)
    else:
        document = evaluate_engine(lab, arguments.row, arguments.engine)
    print(json.dumps(rounded(document), indent=1))


def _report(arguments: argparse.Namespace) -> None:
    from edge.training.report.report import write_report

    write_report(open_lab(arguments), arguments.engines)


__all__ = ["add_commands"]
