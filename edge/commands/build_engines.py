"""The command `build_engines.py`: options, progress on stderr, the result on stdout."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final, get_args

from edge.commands.common import add_config, exit_code
from edge.config import Config, load_config
from edge.config.models import EnginesConfig
from edge.errors import ConfigError, EdgeError, EngineError
from edge.inference.auto import AUTO
from edge.inference.directories import cache_directory, model_directory
from edge.inference.tensorrt.build import (
    BuildResult,
    BuildTask,
    Compiler,
    Sizes,
    build,
    models_to_build,
    profiles,
)
from edge.inference.tensorrt.listing import list_plans, prune_plans
from edge.inference.tensorrt.machine import Machine
from edge.inference.tensorrt.plans import PlanStore
from edge.inference.tensorrt.recipe import Options, Precision
from edge.inference.tensorrt.toolchain import MIB, UnknownTargetError, local_toolchain, rtx_toolchain

__all__ = ["EX_CONFIG", "Report", "build_parser", "main"]


EX_CONFIG: Final = 78


@dataclass(slots=True)
class Report:
    """What is printed at the end."""

    tensorrt: str | None = None
    plans: list[dict[str, object]] = field(default_factory=list)
    error: str | None = None

    @property
    def ok(self) -> bool:
        """Whether everything asked for was done."""
        return self.error is None and all(plan["ok"] for plan in self.plans)

    def document(self) -> dict[str, object]:
        """For `--json`; `error` is there only when nothing could be tried."""
        report: dict[str, object] = {"ok": self.ok, "tensorrt": self.tensorrt, "plans": self.plans}
        return report | ({"error": self.error} if self.error else {})


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command: 0 fine, 1 failed, 2 wrong usage or unknown target, 78 bad configuration."""
    return exit_code(lambda: _main(argv))


def _main(argv: Sequence[str] | None) -> int:
    arguments = build_parser().parse_args(argv)
    report, code = Report(), 0
    try:
        _run(arguments, report)
    except KeyboardInterrupt:
        print("interrupted; finished plans are kept", file=sys.stderr)
        return 130
    except EdgeError as error:
        report.error = str(error)
        code = {ConfigError: EX_CONFIG, UnknownTargetError: 2}.get(type(error), 1)
    if arguments.json:
        print(json.dumps(report.document(), indent=2, ensure_ascii=False))
    elif not report.error:
        _print_table(report.plans)
    if report.error:
        print(f"build_engines: {report.error}", file=sys.stderr)
    failed = not report.ok and not arguments.list
    return code or int(failed)


def build_parser() -> argparse.ArgumentParser:
    """The options, all with a default."""
    parser = argparse.ArgumentParser(
        prog="build_engines.py",
        description="Compile the models for this machine's GPU with TensorRT, or ahead of time for others.",
    )
    parser.add_argument("models", nargs="*", metavar="MODEL", help="names of models (default: those in use)")
    parser.add_argument(
        "--precision", type=_precisions, metavar="P[,P]", help="fp32, fp16, int8 (default: engines.precision)"
    )
    parser.add_argument("--workspace", type=_positive, metavar="MIB", help="scratch memory of the builder")
    parser.add_argument("--max-batch", type=_batch, default=8, metavar="N", help="largest batch, 1..64 (8)")
    parser.add_argument(
        "--detector-size",
        type=_sizes,
        metavar="WxH[,WxH]",
        help="default: what the configuration needs, 640x480",
    )
    parser.add_argument(
        "--target", metavar="sm_86[,…]", help="compile ahead of time with TensorRT-RTX; needs no GPU"
    )
    parser.add_argument(
        "--optimization-level", type=int, choices=range(6), default=3, help="0 fast .. 5 thorough"
    )
    parser.add_argument("--engines", type=Path, metavar="DIR", help="where the models are")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="where the plans go")
    add_config(parser, default=None)
    parser.add_argument("--force", action="store_true", help="compile even what is there")
    parser.add_argument(
        "--list", action="store_true", help="show the plans and whether they fit this machine"
    )
    parser.add_argument("--prune", action="store_true", help="delete plans that do not fit this machine")
    parser.add_argument("-v", "--verbose", action="store_true", help="all of TensorRT's messages")
    parser.add_argument("--json", action="store_true", help="print one JSON document on stdout")
    return parser


def _run(arguments: argparse.Namespace, report: Report) -> None:
    config = load_config(arguments.config, env=os.environ).config
    engines = config.engines.model_copy(
        update={
            "directory": arguments.engines or config.engines.directory,
            "cache": arguments.cache or config.engines.cache,
        }
    )
    directory, cache = model_directory(engines), cache_directory(engines)
    if arguments.list or arguments.prune:
        stores = [PlanStore(cache), PlanStore(directory / "built")]
        report.tensorrt, report.plans = (prune_plans if arguments.prune else list_plans)(stores)
        return
    machines, compiler = _toolchain(arguments)
    report.tensorrt = machines[0].tensorrt
    sizes = arguments.detector_size or _configured_sizes(config)
    if not (cache / "centerface.onnx").is_file():
        _say("the face detector is not in the cache: run `emotion-edge fetch-detector` to compile it too")
    tasks = [
        BuildTask(model, precision, profile, machine, _options(arguments))
        for model in models_to_build(directory, cache, arguments.models, _classifiers(engines))
        for machine in machines
        for precision in arguments.precision or (config.engines.precision,)
        for profile in profiles(model, arguments.max_batch, sizes)
    ]
    store = PlanStore(cache)
    for task in tasks:
        result = build(task, store, compiler, _say, force=arguments.force)
        report.plans.append(asdict(result))
        _say_failure(result)


def _toolchain(arguments: argparse.Namespace) -> tuple[list[Machine], Compiler]:
    if arguments.target is not None:
        return rtx_toolchain(arguments.target, verbose=arguments.verbose)
    try:
        machine, compiler = local_toolchain(verbose=arguments.verbose)
    except EngineError as error:
        raise EngineError(
            f"{error}; to compile for another machine: --target sm_86 (needs no GPU)"
        ) from error
    return [machine], compiler


def _options(arguments: argparse.Namespace) -> Options:
    workspace = None if arguments.workspace is None else arguments.workspace * MIB
    return Options(workspace, arguments.optimization_level)


def _configured_sizes(config: Config) -> Sizes:
    from edge.config.plans import room_plans
    from edge.perception.detector import input_size

    cameras = [camera.config for plan in room_plans(config) for camera in plan.cameras] or [config.camera]
    needed = [input_size(one.width, one.height, one.detector.longer_side) for one in cameras]
    return tuple(dict.fromkeys([*needed, (640, 480)]))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _say_failure(result: BuildResult) -> None:
    if result.error:
        _say(f"{result.model} {result.precision} for {result.target}: failed: {result.error}")


def _print_table(plans: list[dict[str, object]]) -> None:
    for plan in plans:
        state = "no" if not plan["ok"] else "there" if plan.get("cached") else "new"
        print(f"{state:6}{plan['model']!s:14}{plan['precision']!s:6}{plan['target']!s:8}", end="")
        print(plan["file"] if plan["ok"] else plan["error"])


def _precisions(text: str) -> tuple[Precision, ...]:
    known: tuple[Precision, ...] = get_args(Precision)
    chosen = tuple(name for name in known if name in text.split(","))
    if not chosen or len(chosen) != len(set(text.split(","))):
        raise argparse.ArgumentTypeError(f"{text!r} is not among {', '.join(known)}")
    return chosen


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of MiB above 0")
    return int(text)


def _batch(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(f"{text!r} is not a batch of 1 to 64")
    return int(text)


def _sizes(text: str) -> Sizes:
    pairs = [part.lower().split("x") for part in text.split(",")]
    if not all(
        len(pair) == 2 and all(side.isdigit() and int(side) % 32 == 0 < int(side) for side in pair)
        for pair in pairs
    ):
        raise argparse.ArgumentTypeError(f"{text!r}: sizes are WxH, both multiples of 32, as in 640x480")
    return tuple((int(width), int(height)) for width, height in pairs)


if __name__ == "__main__":
    sys.exit(main())


def _classifiers(engines: EnginesConfig) -> tuple[str, str]:
    """The models that a GPU would run; of `auto` the float32 ones, which plans are made from."""
    face = "face" if engines.face == AUTO else engines.face
    return face, "speech" if engines.speech == AUTO else engines.speech
