"""Options that several commands of the laboratory have."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge.errors import DataError

if TYPE_CHECKING:
    from edge.training.recipes.protocols import Protocol
    from edge.training.runs.lab import Lab

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_ENGINES: Final = Path(__file__).parents[3] / "engines"
Run = Callable[[argparse.Namespace], None]


def add_command(commands: Commands, name: str, text: str, run: Run) -> argparse.ArgumentParser:
    """A command with the options that all have."""
    parser = commands.add_parser(name, help=text, description=text)
    parser.add_argument("--data", type=Path, help="data folder (else $EMOTION_EDGE_DATA)")
    parser.add_argument(
        "--runs", type=Path, help="checkpoints and logs (else $EMOTION_EDGE_RUNS or the cache)"
    )
    parser.add_argument("--seed", type=int, default=0, help="others than 0 have runs of their own")
    parser.add_argument(
        "--without-wild", action="store_true", help="without the faces of unclear origin, in runs of its own"
    )
    parser.add_argument("--threads", type=int, default=0, help="processor threads (0: all)")
    parser.set_defaults(run=run)
    return parser


def add_budget(parser: argparse.ArgumentParser) -> None:
    """How long to train, where, and on how many variants of a clip."""
    parser.add_argument("--epochs", type=count, help="epochs (else the row's own number)")
    parser.add_argument("--minutes", type=positive, help="minutes instead of epochs")
    parser.add_argument(
        "--device",
        choices=("auto", "cpu", "cuda"),
        default="auto",
        help="where to train (a GPU if any)",
    )
    parser.add_argument(
        "--variants",
        type=count,
        default=8,
        help="variations of each clip of speech, every second one as another person's (8)",
    )


def add_engines(parser: argparse.ArgumentParser) -> None:
    """The folder of engines."""
    parser.add_argument("--engines", type=Path, default=_ENGINES)


def add_protocol(parser: argparse.ArgumentParser) -> argparse._MutuallyExclusiveGroup:
    """Who is trained on and who is judged."""
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--protocol", choices=("speaker", "random", "strangers"), default="speaker")
    parser.add_argument(
        "--without",
        metavar="NAME",
        help="with --protocol strangers: the corpus, or set of faces (fer2013, wild), left out and judged",
    )
    choice.add_argument(
        "--control",
        action="store_const",
        const="control",
        dest="protocol",
        help="a run beside the row's own, from scratch, to compare at equal minutes",
    )
    return choice


def positive(text: str) -> float:
    """A finite number above zero."""
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not above zero")
    return value


def count(text: str) -> int:
    """1 or more."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return value


def open_lab(arguments: argparse.Namespace) -> Lab:
    """The laboratory that the options name."""
    from edge.training.runs.lab import Lab

    lab = Lab.open(arguments.data, arguments.runs, arguments.seed, device=getattr(arguments, "device", "cpu"))
    variants = getattr(arguments, "variants", lab.variants)
    wild = not getattr(arguments, "without_wild", False)
    return replace(lab, protocol=_protocol(arguments), variants=variants, wild=wild)


def _protocol(arguments: argparse.Namespace) -> Protocol:
    from edge.training.recipes.protocols import StrangersOut, read_protocol

    name, left_out = getattr(arguments, "protocol", "speaker"), getattr(arguments, "without", None)
    if (name == "strangers") != (left_out is not None):
        raise DataError("--protocol strangers and --without NAME belong together")
    return StrangersOut(left_out) if left_out is not None else read_protocol(name)


__all__ = [
    "_ENGINES",
    "add_budget",
    "add_command",
    "add_engines",
    "add_protocol",
    "count",
    "open_lab",
    "positive",
]
