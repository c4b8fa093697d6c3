"""The laboratory's command line."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from edge.errors import EdgeError
from edge.training.protocols import CHANGE, CONTROL

ENGINES = Path(__file__).parents[2] / "engines"
Command = Callable[[argparse.Namespace], None]
if TYPE_CHECKING:
    from edge.training.runs.lab import Lab

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def build_parser() -> argparse.ArgumentParser:
    """All commands; each sets `run`."""
    parser = argparse.ArgumentParser(
        prog="python -m edge.training", description="Train and compare the models."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    train = _command(commands, "train", "train a row, going on where it stopped", _train)
    train.add_argument("row")
    _budget(train)
    train.add_argument("--fresh", action="store_true", help="start over instead of resuming")
    train.add_argument("--resume", action="store_true", help="resume (the default)")
    train.add_argument(
        "--from", dest="engine", type=Path, metavar="ENGINE.onnx", help="start from its weights"
    )
    train.add_argument(
        "--teacher",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="learn from the answers, too, of an engine (.onnx) to every item, or of a run's best.pt to "
        "every varied batch; several teach with the mean of theirs",
    )
    train.add_argument(
        "--rate", type=_positive, default=1.0, help="share of the row's peak learning rates (1)"
    )
    _protocol(train).add_argument(
        "--change",
        type=lambda name: CHANGE + name,
        dest="protocol",
        metavar="NAME",
        help="an ablation: a run beside the row's own with that part of its recipe changed, or `none`",
    )
    _other_weights(commands)
    compare = _command(
        commands, "compare", "train every row (or the named ones) and write the report", _compare
    )
    compare.add_argument("rows", nargs="*", default=[])
    _budget(compare)
    compare.add_argument("--engines", type=Path, default=ENGINES)
    describe = _command(commands, "describe", "layers, shapes and parameters of a row", _describe)
    describe.add_argument("row")
    evaluate = _command(commands, "evaluate", "figures of a trained row on the validation split", _evaluate)
    evaluate.add_argument("row")
    _protocol(evaluate)
    evaluate.add_argument(
        "--engine", type=Path, metavar="ENGINE.onnx", help="an exported engine in place of the run"
    )
    _to_engines(commands)
    fuse = _command(commands, "fuse", "fit the fusion on the validation readings, write fusion.json", _fuse)
    fuse.add_argument("--engines", type=Path, default=ENGINES)
    report = _command(commands, "report", "write REPORT.md from what has been run", _report)
    report.add_argument("--engines", type=Path, default=ENGINES)
    return parser


def _other_weights(commands: Commands) -> None:
    """Trainings with a speaker left out, and other weights for a run."""
    leave = _command(
        commands,
        "leave-one-out",
        "train a row once for each speaker of a corpus, without them",
        _leave_one_out,
    )
    leave.add_argument("row")
    leave.add_argument("--corpus", default="savee", help="the corpus whose speakers are left out (savee)")
    _budget(leave)
    choose = _command(
        commands, "choose", "make the last weights of a run the row's although others scored higher", _choose
    )
    choose.add_argument("row")
    choose.add_argument("--because", required=True, metavar="TEXT", help="the reason, for the report")
    choose.add_argument("--decay", type=float, help="which of its averages (else the better one)")
    blend = _command(
        commands, "blend", "average a run's weights with those of the engine it started from", _blend
    )
    blend.add_argument("row")
    blend.add_argument("engine", type=Path)


def _to_engines(commands: Commands) -> None:
    """What writes engines."""
    export = _command(commands, "export", "write a trained row's engine and card", _export)
    export.add_argument("row")
    export.add_argument("--engines", type=Path, default=ENGINES)
    export.add_argument("--checkpoint", choices=("best", "last"), default="best")
    quantise = _command(
        commands,
        "quantise",
        "write an INT8 engine for the CPU if it loses little and is faster; remove one that loses more",
        _quantise,
    )
    quantise.add_argument("row")
    quantise.add_argument("--engines", type=Path, default=ENGINES)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command: 0 fine, 1 failed, 2 wrong usage, 130 interrupted (a training can be resumed)."""
    arguments = build_parser().parse_args(argv)
    try:
        _threads(arguments.threads)
        arguments.run(arguments)
    except EdgeError as error:
        print(f"emotion-edge training: {error}", file=sys.stderr)
        return 1
    except ImportError as error:
        print(f"emotion-edge training: {error}: pip install -e '.[train]' brings it", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _command(commands: Commands, name: str, text: str, run: Command) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text)
    parser.add_argument("--data", type=Path, help="data folder (else $EMOTION_EDGE_DATA)")
    parser.add_argument(
        "--runs", type=Path, help="checkpoints and logs (else $EMOTION_EDGE_RUNS or the cache)"
    )
    parser.add_argument("--seed", type=int, default=0, help="others than 0 have runs of their own")
    parser.add_argument("--threads", type=int, default=0, help="processor threads (0: all)")
    parser.set_defaults(run=run)
    return parser


def _budget(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--epochs", type=_count, help="epochs (else the row's own number)")
    parser.add_argument("--minutes", type=_positive, help="minutes instead of epochs")
    parser.add_argument(
        "--device",
        choices=("auto", "cpu", "cuda"),
        default="auto",
        help="where to train (a GPU if any)",
    )
    parser.add_argument(
        "--variants",
        type=_count,
        default=8,
        help="variations of each clip of speech, every second one as another person's (8)",
    )


def _protocol(parser: argparse.ArgumentParser) -> argparse._MutuallyExclusiveGroup:
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--protocol", choices=("speaker", "random"), default="speaker")
    choice.add_argument(
        "--control",
        action="store_const",
        const=CONTROL,
        dest="protocol",
        help="a run beside the row's own, from scratch, to compare at equal minutes",
    )
    return choice


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not above zero")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return value


def _threads(count: int) -> None:
    import torch

    if count > 0:
        torch.set_num_threads(count)


def _lab(arguments: argparse.Namespace) -> Lab:
    from edge.training.runs.lab import Lab

    lab = Lab.open(arguments.data, arguments.runs, arguments.seed, device=getattr(arguments, "device", "cpu"))
    protocol = getattr(arguments, "protocol", lab.protocol)
    return replace(lab, protocol=protocol, variants=getattr(arguments, "variants", lab.variants))


def _train(arguments: argparse.Namespace) -> None:
    from edge.training.comparison import train_row
    from edge.training.runs.start import Start

    train_row(
        _lab(arguments),
        arguments.row,
        epochs=arguments.epochs,
        minutes=arguments.minutes,
        start=Start(arguments.engine, tuple(arguments.teacher), arguments.rate),
        fresh=arguments.fresh,
    )


def _leave_one_out(arguments: argparse.Namespace) -> None:
    from edge.training.comparison import leave_one_out
    from edge.training.engines.export import rounded

    document = leave_one_out(
        _lab(arguments), arguments.row, arguments.corpus, epochs=arguments.epochs, minutes=arguments.minutes
    )
    print(json.dumps(rounded(document), indent=1))


def _blend(arguments: argparse.Namespace) -> None:
    from edge.training.figures.blend import blend
    from edge.training.recipes.rows import find_row

    scores = blend(_lab(arguments), find_row(arguments.row), arguments.engine)
    for share, score in scores.items():
        print(f"{arguments.row}: {share:.0%} of the run, the rest {arguments.engine.stem}: {score:.4f}")


def _choose(arguments: argparse.Namespace) -> None:
    from edge.training.figures.choice import choose_last
    from edge.training.recipes.rows import find_row

    score = choose_last(_lab(arguments), find_row(arguments.row), arguments.because, arguments.decay)
    print(f"{arguments.row}: the last weights, {score:.4f}; evaluate and export the row again")


def _compare(arguments: argparse.Namespace) -> None:
    from edge.training.comparison import compare

    compare(
        _lab(arguments), arguments.rows, arguments.engines, epochs=arguments.epochs, minutes=arguments.minutes
    )


def _describe(arguments: argparse.Namespace) -> None:
    from edge.training.models.origin import keras_parameters, layer_shapes
    from edge.training.recipes.rows import find_row

    row = find_row(arguments.row)
    network = row.network()
    print(f"{row.name}: {row.title}; {keras_parameters(network):,} parameters")
    for kind, shape in layer_shapes(network, row.sample()):
        print(f"  {kind:<10} {shape}")


def _evaluate(arguments: argparse.Namespace) -> None:
    from edge.training.comparison import evaluate_engine, evaluate_row
    from edge.training.engines.export import rounded

    lab = _lab(arguments)
    if arguments.engine is None:
        document = evaluate_row(lab, arguments.row)
    else:
        document = evaluate_engine(lab, arguments.row, arguments.engine)
    print(json.dumps(rounded(document), indent=1))


def _export(arguments: argparse.Namespace) -> None:
    from edge.training.engines.ship import export_row
    from edge.training.recipes.rows import find_row

    figures = export_row(
        _lab(arguments), find_row(arguments.row), arguments.engines, which=arguments.checkpoint
    )
    print(
        f"{arguments.row}: accuracy {figures['accuracy']:.4f}, UAR {figures['uar']:.4f}, ECE "
        f"{figures['ece']:.4f}"
    )


def _quantise(arguments: argparse.Namespace) -> None:
    from edge.training.engines.export import rounded
    from edge.training.engines.quantise import quantise_row
    from edge.training.recipes.rows import find_row

    print(
        json.dumps(
            rounded(quantise_row(_lab(arguments), find_row(arguments.row), arguments.engines)), indent=1
        )
    )


def _fuse(arguments: argparse.Namespace) -> None:
    from edge.training.engines.fuse import write_fusion

    write_fusion(_lab(arguments), arguments.engines)


def _report(arguments: argparse.Namespace) -> None:
    from edge.training.report.report import write_report

    write_report(_lab(arguments), arguments.engines)
