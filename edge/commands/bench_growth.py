"""`emotion-edge bench growth`: what more faces, rooms, pictures and hours cost, beside the least of each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from edge.commands.common import Subparsers, add_command, add_json, print_json, seconds

if TYPE_CHECKING:
    from edge.bench.growth import Point

__all__ = ["add_parser", "run"]

Number = TypeVar("Number", int, float)
_SIZES = ("480p", "720p", "1080p")


def add_parser(parts: Subparsers[argparse.ArgumentParser]) -> None:
    """Register `bench growth`."""
    parser = add_command(parts, "growth", "measure how the cost grows with faces, rooms, pictures and hours")
    listed = "N,…"
    parser.add_argument("--faces", type=_list(int, 1, 8), default=(1, 2, 4, 8), metavar=listed)
    parser.add_argument("--rooms", type=_list(int, 1, 16), default=(1, 2, 3, 4), metavar=listed)
    parser.add_argument("--fps", type=_list(float, 1, 60), default=(5.0, 15.0, 30.0), metavar=listed)
    parser.add_argument("--sizes", type=_sizes, default=_SIZES, metavar="480p,720p,1080p")
    text = "of sound to analyse (default 1,10,60; 0 for none)"
    parser.add_argument(
        "--minutes", type=_list(float, 0, 600), default=(1.0, 10.0, 60.0), metavar=listed, help=text
    )
    parser.add_argument(
        "--seconds", type=seconds, default=10.0, help="of pictures for each point (default 10)"
    )
    parser.add_argument("--chart", type=Path, metavar="FILE", help="a picture of it, .svg or .png")
    text = "put table and chart into a document, between its marks; the chart lies beside it"
    parser.add_argument("--write", type=Path, metavar="FILE.md", help=text)
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print a Markdown table, or JSON. Every point counts against the first of its series, in this run."""
    from edge.bench.growth import grown, series
    from edge.bench.growth_report import chart, table
    from edge.bench.machine import processor_name

    wanted = series(
        faces=arguments.faces,
        rooms=arguments.rooms,
        fps=arguments.fps,
        sizes=arguments.sizes,
        minutes=tuple(minutes for minutes in arguments.minutes if minutes),
    )
    found = {one.name: grown(one, seconds=arguments.seconds, tell=_tell) for one in wanted}
    machine = processor_name()
    if arguments.chart is not None:
        chart(found, arguments.chart, machine)
    if arguments.write is not None:
        _write(arguments.write, found, machine)
    if arguments.json:
        points = {name: [asdict(point) for point in some] for name, some in found.items()}
        print_json({"machine": machine, "seconds": arguments.seconds, "series": points})
    else:
        print(f"{machine}\n\n{table(found)}")
    return 0


def _write(document: Path, found: dict[str, list[Point]], machine: str) -> None:
    from edge.bench.growth_report import chart, table, written
    from edge.errors import EdgeError

    picture = document.with_name(f"{document.stem}-growth.svg")
    chart(found, picture, machine)
    shown = f"![cost beside the first of each series]({picture.name})"
    text = f"{machine}; CPU of all threads.\n\n{shown}\n\n{table(found)}"
    try:
        document.write_text(written(document.read_text(encoding="utf-8"), text), encoding="utf-8")
    except OSError as error:
        raise EdgeError(f"cannot write {document}: {error.strerror}") from error


def _tell(text: str) -> None:
    print(f"measuring {text}", file=sys.stderr, flush=True)


def _list(kind: Callable[[str], Number], least: float, most: float) -> Callable[[str], tuple[Number, ...]]:
    """Numbers with commas between them, the smallest first: it is what the others count against."""

    def read(text: str) -> tuple[Number, ...]:
        try:
            numbers = sorted(kind(part) for part in text.split(",") if part)
        except ValueError:
            raise argparse.ArgumentTypeError(
                f"must be numbers with commas between them, got {text}"
            ) from None
        if not all(least <= number <= most for number in numbers):
            raise argparse.ArgumentTypeError(f"must be {least:g} to {most:g}, got {text}")
        return tuple(numbers)

    return read


def _sizes(text: str) -> tuple[str, ...]:
    wanted = text.split(",") if text else []
    if unknown := sorted(set(wanted) - set(_SIZES)):
        raise argparse.ArgumentTypeError(f"must be of {', '.join(_SIZES)}, got {', '.join(unknown)}")
    return tuple(size for size in _SIZES if size in wanted)
