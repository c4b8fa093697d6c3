"""`emotion-edge evaluate face|speech|fusion DATA`: how good the models are on labelled data."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from edge.commands.common import Subparsers, add_command, add_config, add_json, load, print_json
from edge.errors import DataError

__all__ = ["Metrics", "add_parser", "run"]


Metrics = dict[str, Any]
_FIGURES: Final = ("accuracy", "uar", "macro_f1", "top2_accuracy", "ece", "nll", "ms_per_item")


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = add_command(subparsers, "evaluate", "measure the models, or their fusion, on labelled data")
    parser.add_argument("task", choices=("face", "speech", "fusion"))
    parser.add_argument("data", type=Path, metavar="DATA", help="folder, .npz or .csv; see docs/models.md")
    parser.add_argument("--model", metavar="FILE", help="a model instead of the configured one")
    parser.add_argument("--split", metavar="NAME", help="only the rows of this split or usage")
    parser.add_argument(
        "--channel",
        action="append",
        default=[],
        metavar="NAME",
        help="speech: also as heard through telephone, mobile, messenger, recording, overdriven, denoised "
        "or microphone (may be given again)",
    )
    parser.add_argument("--fit", type=Path, metavar="NPZ", help="fusion: fit the rules on these scores")
    parser.add_argument(
        "--visual", choices=("visual", "visual2"), default="visual", help="fusion: which face scores"
    )
    parser.add_argument("--plot", type=Path, metavar="PNG", help="draw the confusion matrix")
    add_json(parser)
    add_config(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Measure and print; the JSON document has every figure."""
    figures = _fusion(arguments) if arguments.task == "fusion" else _classifier(arguments)
    if arguments.plot is not None:
        from edge.evaluation.plots import plot_confusion

        plot_confusion(figures["confusion"], arguments.plot, title=f"{arguments.task}, {arguments.data.name}")
    if arguments.json:
        print_json(figures)
    else:
        _print(figures)
    return 0


def _classifier(arguments: argparse.Namespace) -> Metrics:
    from edge.commands.progress import bar
    from edge.evaluation.evaluate import evaluate_face, evaluate_speech

    config, progress = load(arguments).config.engines, _counted(bar(arguments.task))
    place = arguments.data, arguments.model, arguments.split
    if arguments.task == "face":
        if arguments.channel:
            raise DataError("--channel is about sound: faces have none")
        return evaluate_face(*place, config=config, progress=progress)
    return evaluate_speech(*place, config=config, channels=arguments.channel, progress=progress)


def _counted(show: Callable[[float], None]) -> Callable[[int, int], None]:
    return lambda done, total: show(done / max(total, 1))


def _fusion(arguments: argparse.Namespace) -> Metrics:
    from edge.evaluation.fusion import FittedFusion, evaluate_fusion, read_stacking
    from edge.inference.directories import model_directory
    from edge.mood.parameters import read_parameters

    config = load(arguments).config
    directory = model_directory(config.engines)
    parameters = read_parameters(directory, config.fusion, config.engines)
    shipped = FittedFusion(parameters, stacking=read_stacking(directory / "fusion.json"))
    return evaluate_fusion(arguments.data, fit=arguments.fit, visual=arguments.visual, shipped=shipped)


def _print(figures: Metrics) -> None:
    print(f"{figures['task']}: {figures['n']} items")
    for name in _FIGURES:
        if name in figures:
            print(f"  {name:14} {figures[name]:.4f}")
    for group in ("modalities", "rules"):
        for name, values in figures.get(group, {}).items():
            print(f"  {name:14} " + "  ".join(f"{key} {value:.4f}" for key, value in values.items()))
    if figures.get("people_apart"):
        print("  fitted on other people:")
    for name, values in figures.get("people_apart", {}).items():
        print(f"    {name:23} " + "  ".join(f"{key} {value:.4f}" for key, value in values.items()))
    for name, values in figures.get("channels", {}).items():
        scores = "  ".join(f"{key} {values[key]:.4f}" for key in ("accuracy", "uar", "ece"))
        mostly = max(values["said"], key=values["said"].__getitem__)
        print(f"  {name:14} {scores}  mostly {mostly} ({values['said'][mostly]:.0%})")
    for label, values in figures.get("per_class", {}).items():
        recall, precision = values["recall"], values["precision"]
        print(f"  {label:14} recall {recall:.3f}  precision {precision:.3f}  n {values['support']}")
    if figures.get("skipped"):
        print("  skipped: " + ", ".join(f"{label} {count}" for label, count in figures["skipped"].items()))
