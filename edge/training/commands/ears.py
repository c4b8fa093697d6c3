"""`imitate`, `fit` and `join`: an ear, and a network that has one."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from edge.training.commands.options import add_budget, add_command, add_protocol, open_lab

if TYPE_CHECKING:
    from edge.training.commands.options import Commands


def add_commands(commands: Commands) -> None:
    """Register them."""
    text = "fit an ear to the first layers of Whisper, without labels"
    imitate = add_command(commands, "imitate", text, _imitate)
    imitate.add_argument(
        "source", type=Path, metavar="FILE", help="pipecat-ai's wheel, or smart-turn-v3.2-cpu.onnx out of it"
    )
    imitate.add_argument(
        "--without",
        dest="apart",
        action="append",
        default=[],
        metavar="CORPUS",
        help="not to be heard (may be given again)",
    )
    add_budget(imitate)
    text = "fit the layer behind an ear: speech/ear, with strangers once without each corpus"
    fit = add_command(commands, "fit", text, _fit)
    fit.add_argument("ear", type=Path, metavar="RUNS/imitation/best.pt")
    fit.add_argument(
        "--without",
        dest="apart",
        action="append",
        default=[],
        metavar="CORPUS",
        help="left out and judged (again: more)",
    )
    text = "put the weights of speech/ear and speech/plain beside each other in speech/ours"
    add_protocol(add_command(commands, "join", text, _join))


def _imitate(arguments: argparse.Namespace) -> None:
    from edge.training.recipes.loop import Budget
    from edge.training.runs.imitation import EPOCHS, imitate

    budget = Budget(arguments.epochs or EPOCHS, arguments.minutes)
    run = imitate(open_lab(arguments), arguments.source, budget, arguments.apart)
    print(f"{run.folder / 'best.pt'}: {run.best:.3f} of the variance after {run.elapsed / 60:.1f} minutes")


def _fit(arguments: argparse.Namespace) -> None:
    from edge.training.figures.fit_ear import fit_ear
    from edge.training.recipes.rows import find_speech

    found = fit_ear(open_lab(arguments), find_speech("speech/ear"), arguments.ear, arguments.apart)
    for name, score in found.items():
        print(f"speech/ear, {name}: {score:.4f}")


def _join(arguments: argparse.Namespace) -> None:
    from edge.training.figures.join import join
    from edge.training.recipes.rows import find_speech

    print(f"speech/ours: {join(open_lab(arguments), find_speech('speech/ours')):.4f}")


__all__ = ["add_commands"]
