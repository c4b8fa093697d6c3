"""What several commands share: options, loading the configuration, printing JSON."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge.config import Loaded

__all__ = [
    "Subparsers",
    "add_command",
    "add_config",
    "add_json",
    "add_verbose",
    "exit_code",
    "load",
    "log_override",
    "port",
    "print_json",
    "seconds",
]


Subparsers = argparse._SubParsersAction  # the type argparse returns, never exported


def add_command(
    subparsers: Subparsers[argparse.ArgumentParser], name: str, text: str
) -> argparse.ArgumentParser:
    """A sub-command whose help line is also its description."""
    parser = subparsers.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    add_verbose(parser)
    return parser


def add_verbose(parser: argparse.ArgumentParser, default: object = argparse.SUPPRESS) -> None:
    """The option `-v`; a sub-command without it keeps what stood before the command."""
    parser.add_argument(
        "-v", "--verbose", action="store_true", default=default, help="log everything, on stderr"
    )


def add_config(parser: argparse.ArgumentParser, default: object = argparse.SUPPRESS) -> None:
    """The option `--config`; a sub-command without it keeps what stood before the command."""
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        default=default,
        help="configuration (default: $EMOTION_EDGE_CONFIG, /etc/emotion-edge/config.yaml, the packaged one)",
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """The option `--json`."""
    parser.add_argument("--json", action="store_true", help="print one JSON document on stdout")


def seconds(text: str) -> float:
    """A duration as an option's type: finite, not negative."""
    value = float(text)
    if not (math.isfinite(value) and value >= 0):
        raise argparse.ArgumentTypeError(f"must be a number of seconds, 0 or more, got {text}")
    return value


def port(text: str) -> int:
    """A TCP port as an option's type."""
    value = int(text)
    if not 0 < value < 65536:
        raise argparse.ArgumentTypeError(f"must be a port, 1 to 65535, got {text}")
    return value


def load(arguments: argparse.Namespace, *, without_broken_rules: bool = False) -> Loaded:
    """The configuration that `--config` or the environment names, changed by `-v`. Raises ConfigError."""
    from edge.config import load_config

    return load_config(
        arguments.config,
        env=os.environ,
        overrides=log_override(arguments),
        without_broken_rules=without_broken_rules,
    )


def log_override(arguments: argparse.Namespace) -> dict[str, object]:
    """What `-v` changes in the configuration."""
    return {"log.level": "debug"} if arguments.verbose else {}


def exit_code(command: Callable[[], int]) -> int:
    """That of a command, 1 if its output cannot be written or its reader leaves, as `head` does on purpose.

    Without the flush the interpreter would find this out at its very end, and report it in its own way.
    """
    try:
        try:
            return command()
        finally:
            sys.stdout.flush()
    except OSError as error:
        if not isinstance(error, BrokenPipeError):
            print(f"emotion-edge: {_worded(error)}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _worded(error: OSError) -> str:
    named = error.filename is not None and error.strerror is not None
    return f"{error.filename}: {error.strerror}" if named else str(error)


def print_json(document: object) -> None:
    """One JSON document on stdout."""
    print(json.dumps(document, indent=2, ensure_ascii=False), flush=True)
