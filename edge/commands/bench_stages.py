"""`emotion-edge bench stages`: what each step costs, by the number of faces."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from edge.commands.common import Subparsers, add_command, add_config, add_json, load, print_json, seconds

if TYPE_CHECKING:
    from edge.bench.stages import Stage

__all__ = ["add_parser", "run"]


def add_parser(parts: Subparsers[argparse.ArgumentParser]) -> None:
    """Register `bench stages`."""
    parser = add_command(parts, "stages", "measure each step: decode, detect, track, judge, fuse, publish")
    parser.add_argument("--faces", type=_faces, default=(1, 8), metavar="N,…", help="1 to 8 (default 1,8)")
    parser.add_argument("--width", type=int, help="of the pictures (default: as configured)")
    parser.add_argument("--height", type=int)
    parser.add_argument("--fps", type=float, help="pictures a second (default: as configured)")
    parser.add_argument("--seconds", type=seconds, default=0.5, help="for each step (default 0.5)")
    add_json(parser)
    add_config(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print a Markdown table of CPU milliseconds, or JSON."""
    from edge.bench.engine_report import describe
    from edge.bench.stages import stages

    config = load(arguments).config
    asked = {name: getattr(arguments, name) for name in ("width", "height", "fps")}
    camera = config.camera.model_copy(update={key: value for key, value in asked.items() if value})
    config = config.model_copy(update={"camera": camera})
    found = {faces: stages(config, faces=faces, seconds=arguments.seconds) for faces in arguments.faces}
    load_of = f"{camera.width}x{camera.height} at {camera.fps:g} fps"
    if arguments.json:
        rows = {str(faces): [asdict(one) for one in some] for faces, some in found.items()}
        print_json({"machine": describe(None), "load": load_of, "faces": rows})
    else:
        print(f"{describe(None)}; {load_of}; CPU milliseconds of a call\n\n{_table(found)}")
    return 0


def _faces(text: str) -> tuple[int, ...]:
    numbers = tuple(int(part) for part in text.split(","))
    if not all(1 <= number <= 8 for number in numbers):
        raise argparse.ArgumentTypeError(f"must be 1 to 8, got {text}")
    return numbers


def _table(found: dict[int, list[Stage]]) -> str:
    heads = [f"{faces} face{'s' if faces > 1 else ''}" for faces in found]
    lines = ["| step | " + " | ".join(heads) + " | a second |", "|---" * (len(heads) + 2) + "|"]
    for same in zip(*found.values(), strict=True):
        cells = " | ".join(f"{one.ms:.2f}" for one in same)
        lines.append(f"| {same[0].name} | {cells} | {same[0].per_second:g} |")
    return "\n".join(lines)
