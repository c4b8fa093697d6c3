"""`emotion-edge bench`: how fast and how frugal the daemon is on this machine."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from edge.commands import bench_engines as engines
from edge.commands import bench_growth, bench_stages
from edge.commands.common import Subparsers, add_command, add_json, print_json, seconds

__all__ = ["add_parser", "run"]


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Register the command and its parts: the daemon itself (default), `engines`, `stages` and `growth`."""
    parser = add_command(subparsers, "bench", "measure latency, CPU share and memory of the daemon")
    parser.add_argument("--seconds", type=seconds, default=20.0, help="how long to measure (default 20)")
    parser.add_argument("--width", type=int, default=640)
    parser.add_argument("--height", type=int, default=480)
    parser.add_argument("--fps", type=float, default=15.0)
    parser.add_argument("--source", type=Path, help="a video instead of the sample clip")
    add_json(parser)
    parser.set_defaults(run=run)
    parts = parser.add_subparsers(title="other measurements", metavar="WHAT")
    engines.add_parser(parts)
    bench_stages.add_parser(parts)
    bench_growth.add_parser(parts)


def run(arguments: argparse.Namespace) -> int:
    """Measure the daemon as a process of its own, fed with a clip at real-time speed."""
    from edge.bench.daemon import Load, measure
    from edge.capture.files.media_file import MediaFile
    from edge.samples import sample_clip

    source = MediaFile(arguments.source or sample_clip()).path
    load = Load(source, arguments.seconds, arguments.width, arguments.height, arguments.fps)
    figures = measure(load, env=os.environ)
    if arguments.json:
        print_json(figures)
        return 0
    for name, value in figures.items():
        shown = (
            ", ".join(f"{key} {part}" for key, part in value.items()) if isinstance(value, dict) else value
        )
        print(f"{name:16} {shown}")
    return 0
