"""`emotion-edge bench engines`: every engine and runtime of this machine, in one table."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict

from edge.commands.common import Subparsers, add_command, add_config, add_json, load, print_json

__all__ = ["add_parser", "run"]


def add_parser(parts: Subparsers[argparse.ArgumentParser]) -> None:
    """Register `bench engines`."""
    parser = add_command(parts, "engines", "measure every model on every runtime this machine has")
    parser.add_argument("--seconds", type=float, default=2.0, help="how long for each figure (default 2)")
    add_json(parser)
    add_config(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print a Markdown table, or JSON; without a GPU only the CPU's rows, and why on stderr."""
    from edge.bench.engine_report import describe, measured, subjects, table, usable_machine

    config = load(arguments).config
    machine, problem = usable_machine()
    rows = [row for subject in subjects(config, machine) for row in measured(subject, arguments.seconds)]
    if arguments.json:
        documents = [asdict(row) for row in rows]
        print_json({"machine": describe(machine), "tensorrt_missing": problem, "rows": documents})
    else:
        print(f"{describe(machine)}\n\n{table(rows)}")
    if problem:
        print(f"no TensorRT rows: {problem}", file=sys.stderr)
    return 0
