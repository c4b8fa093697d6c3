"""`train`, `compare`, `leave-one-out`, `choose`, `blend` and `average`: runs, and other weights for them."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from edge.training.commands.options import (
    add_budget,
    add_command,
    add_engines,
    add_protocol,
    open_lab,
    positive,
)

if TYPE_CHECKING:
    from edge.training.commands.options import Commands


def add_commands(commands: Commands) -> None:
    """Register them."""
    _add_train(commands)
    compare = add_command(
        commands, "compare", "train every row (or the named ones) and write the report", _compare
    )
    compare.add_argument("rows", nargs="*", default=[])
    add_budget(compare)
    add_engines(compare)
    _add_ear(compare, "the ear of the rows that have one; without it they are left out")
    text = "train a row once for each speaker of a corpus, without them"
    leave = add_command(commands, "leave-one-out", text, _leave_one_out)
    leave.add_argument("row")
    leave.add_argument("--corpus", default="savee", help="the corpus whose speakers are left out (savee)")
    add_budget(leave)
    text = "train a row once without each corpus, and judge it by everybody in that"
    strangers = add_command(commands, "strangers", text, _strangers)
    strangers.add_argument("row")
    strangers.add_argument("--corpus", action="append", default=[], help="only this one (may be given again)")
    strangers.add_argument(
        "--group",
        choices=("choices", "reported", "all"),
        default="all",
        help="corpora that decide, those that are reported, or both",
    )
    strangers.add_argument(
        "--change", default="none", metavar="NAME", help="with that part of the recipe changed, to compare it"
    )
    add_budget(strangers)
    _add_ear(strangers, "an ear that has not heard them")
    text = "make the last weights of a run the row's although others scored higher"
    choose = add_command(commands, "choose", text, _choose)
    choose.add_argument("row")
    choose.add_argument("--because", required=True, metavar="TEXT", help="the reason, for the report")
    choose.add_argument("--decay", type=float, help="which of its averages (else the better one)")
    text = "average a run's weights with those of the engine it started from"
    blend = add_command(commands, "blend", text, _blend)
    blend.add_argument("row")
    blend.add_argument("engine", type=Path)
    text = "make the mean of the weights of several checkpoints of a row its best if that scores higher"
    average = add_command(commands, "average", text, _average)
    average.add_argument("row")
    average.add_argument("checkpoint", nargs="+", metavar="CHECKPOINT.pt[=WEIGHT]")
    average.add_argument("--because", default="", metavar="TEXT", help="take it anyhow, for that reason")


def _add_train(commands: Commands) -> None:
    train = add_command(commands, "train", "train a row, going on where it stopped", _train)
    train.add_argument("row")
    add_budget(train)
    train.add_argument("--fresh", action="store_true", help="start over instead of resuming")
    train.add_argument("--resume", action="store_true", help="resume (the default)")
    train.add_argument(
        "--from", dest="engine", type=Path, metavar="ENGINE.onnx", help="start from its weights"
    )
    train.add_argument(
        "--teacher",
        action="append",
        default=[],
        metavar="FILE[@CORPUS,CORPUS][=SHARE]",
        help="learn from the answers, too, of an engine (.onnx) to every item, or of a run's best.pt to "
        "every varied batch; several teach with the mean of theirs, each, if an engine that listens to "
        "speech, only those corpora and with that share of the targets",
    )
    train.add_argument(
        "--rate", type=positive, default=1.0, help="share of the row's peak learning rates (1)"
    )
    _add_ear(train, "an ear that was fitted, for a row that has one")
    add_protocol(train).add_argument(
        "--change",
        type=lambda name: f"change-{name}",
        dest="protocol",
        metavar="NAME",
        help="an ablation: a run beside the row's own with that part of its recipe changed, or `none`",
    )


def _add_ear(command: argparse.ArgumentParser, text: str) -> None:
    command.add_argument("--ear", type=Path, metavar="RUNS/imitation/best.pt", help=text)


def _train(arguments: argparse.Namespace) -> None:
    from edge.errors import DataError
    from edge.training.figures.evaluate import evaluate_row
    from edge.training.recipes.loop import Budget
    from edge.training.recipes.row import NetworkRow
    from edge.training.recipes.rows import find_row
    from edge.training.recipes.start import Start, Teacher
    from edge.training.runs.training import train

    lab, row = open_lab(arguments), find_row(arguments.row)
    teachers = tuple(map(Teacher.read, arguments.teacher))
    start = Start(arguments.engine, teachers, arguments.rate, arguments.ear)
    if isinstance(row, NetworkRow):
        budget = Budget(arguments.epochs or row.epochs, arguments.minutes)
        run = train(lab, row, budget, start=start, fresh=arguments.fresh)
        print(f"{row.name}: {run.epoch} epochs in {run.elapsed / 60:.1f} minutes")
        return
    if start != Start():
        raise DataError(f"{row.name} is a classical model: it starts from no engine and has no teacher")
    if lab.protocol.name.startswith("change-"):
        raise DataError(f"{row.name} is a classical model: it has no recipe to change")
    evaluate_row(lab, row.name)


def _compare(arguments: argparse.Namespace) -> None:
    from edge.training.report.comparison import compare

    lab = open_lab(arguments)
    budget = {"epochs": arguments.epochs, "minutes": arguments.minutes}
    compare(lab, arguments.rows, arguments.engines, **budget, ear=arguments.ear)


def _leave_one_out(arguments: argparse.Namespace) -> None:
    from edge.training.figures.left_out import leave_one_out
    from edge.training.figures.scores import rounded

    document = leave_one_out(
        open_lab(arguments),
        arguments.row,
        arguments.corpus,
        epochs=arguments.epochs,
        minutes=arguments.minutes,
    )
    print(json.dumps(rounded(document), indent=1))


def _strangers(arguments: argparse.Namespace) -> None:
    from edge.evaluation.speakers import CHOICES, REPORTED
    from edge.training.figures.left_out import leave_corpora_out
    from edge.training.figures.scores import rounded
    from edge.training.recipes.rows import find_speech
    from edge.training.recipes.start import Start

    groups = {"choices": CHOICES, "reported": REPORTED, "all": (*CHOICES, *REPORTED)}
    corpora = arguments.corpus or groups[arguments.group]
    row, lab = find_speech(arguments.row), open_lab(arguments)
    document = leave_corpora_out(
        lab,
        row,
        corpora,
        start=Start(ear=arguments.ear),
        change=arguments.change,
        epochs=arguments.epochs,
        minutes=arguments.minutes,
    )
    print(json.dumps(rounded(document), indent=1))


def _choose(arguments: argparse.Namespace) -> None:
    from edge.training.figures.choose import choose_last
    from edge.training.recipes.rows import find_network

    row = find_network(arguments.row)
    score = choose_last(open_lab(arguments), row, arguments.because, arguments.decay)
    print(f"{row.name}: the last weights, {score:.4f}; evaluate and export the row again")


def _blend(arguments: argparse.Namespace) -> None:
    from edge.training.figures.blend import blend
    from edge.training.recipes.rows import find_network

    scores = blend(open_lab(arguments), find_network(arguments.row), arguments.engine)
    for share, score in scores.items():
        print(f"{arguments.row}: {share:.0%} of the run, the rest {arguments.engine.stem}: {score:.4f}")


def _average(arguments: argparse.Namespace) -> None:
    from edge.training.figures.average import Member, average
    from edge.training.recipes.rows import find_network

    members = [Member.read(text) for text in arguments.checkpoint]
    row = find_network(arguments.row)
    score, taken = average(open_lab(arguments), row, members, arguments.because)
    print(f"{row.name}: the mean scores {score:.4f}, {'its best now' if taken else 'less than its best'}")


__all__ = ["add_commands"]
