"""`export`, `quantise`, `standardise`, `convert` and `fuse`: what writes engines."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from edge.training.commands.options import add_command, add_engines, count, open_lab

if TYPE_CHECKING:
    from edge.training.commands.options import Commands


def add_commands(commands: Commands) -> None:
    """Register them."""
    export = add_command(commands, "export", "write a trained row's engine and card", _export)
    export.add_argument("row")
    add_engines(export)
    export.add_argument("--checkpoint", choices=("best", "last"), default="best")
    text = "write an INT8 engine for the CPU if it loses little and is faster; remove one that loses more"
    quantise = add_command(commands, "quantise", text, _quantise)
    quantise.add_argument("row")
    add_engines(quantise)
    _add_convert(commands)
    text = "make a face engine, and its INT8 form, standardise crops itself: bytes in, the same answers"
    standardise = commands.add_parser("standardise", help=text, description=text)
    standardise.set_defaults(run=_standardise, threads=0)
    standardise.add_argument("name", help="name of the engine, as face")
    add_engines(standardise)
    text = "write the fetched face detector's INT8 form without its weights, and print its SHA-256"
    detector = add_command(commands, "detector", text, _detector)
    detector.add_argument("films", type=Path, nargs="+", metavar="FILM", help="films that set its ranges")
    add_engines(detector)
    text = "fit the fusion on the validation readings, write fusion.json"
    add_engines(add_command(commands, "fuse", text, _fuse))


def _add_convert(commands: Commands) -> None:
    text = "write an FP16 or INT8 form of an engine for TensorRT beside it, judged against it"
    convert = commands.add_parser("convert", help=text, description=text)
    convert.set_defaults(run=_convert, threads=0)
    convert.add_argument("kind", choices=("face", "speech"))
    convert.add_argument("precision", choices=("fp16", "int8"))
    convert.add_argument("data", type=Path, help="labelled data, as for `emotion-edge evaluate`")
    convert.add_argument(
        "--calibrate", metavar="SPLIT", help="split that sets the INT8 ranges (default: all)"
    )
    convert.add_argument("--check", metavar="SPLIT", help="split that the figures are of (default: all)")
    convert.add_argument("--items", type=count, default=512, help="faces or clips to calibrate with (512)")
    convert.add_argument("--method", choices=("MinMax", "Percentile"), default="MinMax")
    add_engines(convert)


def _export(arguments: argparse.Namespace) -> None:
    from edge.training.engines.ship import export_row
    from edge.training.recipes.rows import find_network

    row = find_network(arguments.row)
    figures = export_row(open_lab(arguments), row, arguments.engines, which=arguments.checkpoint)
    shown = ", ".join(
        f"{title} {figures[name]:.4f}"
        for title, name in (("accuracy", "accuracy"), ("UAR", "uar"), ("ECE", "ece"))
    )
    print(f"{row.name}: {shown}")


def _quantise(arguments: argparse.Namespace) -> None:
    from edge.training.engines.quantise import quantise_row
    from edge.training.figures.scores import rounded
    from edge.training.recipes.rows import find_network

    found = quantise_row(open_lab(arguments), find_network(arguments.row), arguments.engines)
    print(json.dumps(rounded(found), indent=1))


def _standardise(arguments: argparse.Namespace) -> None:
    from edge.training.engines.standardise import standardise_engine

    print(json.dumps(standardise_engine(arguments.engines, arguments.name)))


def _convert(arguments: argparse.Namespace) -> None:
    from edge.training.engines.convert import Conversion, convert

    wanted = Conversion(
        arguments.kind,
        arguments.precision,
        arguments.data,
        arguments.engines,
        arguments.calibrate,
        arguments.check,
        arguments.items,
        arguments.method,
    )
    print(json.dumps(convert(wanted), indent=2))


def _detector(arguments: argparse.Namespace) -> None:
    from edge.config.models import EnginesConfig
    from edge.inference.registry import find_model
    from edge.training.engines.detector import quantise_detector

    model = find_model("centerface", config=EnginesConfig(), kind="detector").path
    print(quantise_detector(model, arguments.films, arguments.engines / "centerface-int8.hollow"))


def _fuse(arguments: argparse.Namespace) -> None:
    from edge.training.engines.fuse import write_fusion

    write_fusion(open_lab(arguments), arguments.engines)


__all__ = ["add_commands"]
