"""The laboratory's command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from edge.errors import EdgeError
from edge.training.commands import ears, engines, judge, train


def build_parser() -> argparse.ArgumentParser:
    """All commands; each sets `run`."""
    parser = argparse.ArgumentParser(
        prog="python -m edge.training", description="Train and compare the models."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for room in (train, ears, judge, engines):
        room.add_commands(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command: 0 fine, 1 failed, 2 wrong usage, 130 interrupted (a training can be resumed)."""
    arguments = build_parser().parse_args(argv)
    try:
        _limit_threads(arguments.threads)
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


def _limit_threads(count: int) -> None:
    import torch

    if count > 0:
        torch.set_num_threads(count)


__all__ = ["build_parser", "main"]
