"""The command `emotion-edge`: its sub-commands, exit codes and the one place where errors become messages."""

from __future__ import annotations

import argparse
import importlib
import io
import os
import sys
from collections.abc import Sequence
from typing import Final

from edge import __version__
from edge.commands.common import add_config, add_verbose, exit_code
from edge.errors import ConfigError, EdgeError

__all__ = ["EX_CONFIG", "build_parser", "main"]

EX_CONFIG: Final = 78
_COMMANDS: Final = (
    "edge.commands.run",
    "edge.commands.demo",
    "edge.commands.analyze",
    "edge.commands.evaluate",
    "edge.commands.doctor",
    "edge.commands.check_config",
    "edge.commands.devices",
    "edge.commands.bench",
    "edge.commands.fetch_detector",
    "edge.commands.mqtt",
    "edge.commands.actions",
    "edge.commands.privacy",
    "edge.commands.alert",
    "edge.commands.history",
    "edge.commands.settings",
    "edge.commands.watch",
)
"""Modules with `add_parser(subparsers)`; light to import, so that `--help` is quick."""


def build_parser(command: str | None = None) -> argparse.ArgumentParser:
    """The command line; each command sets `run`, a function of the parsed arguments to an exit code.

    Of all commands, or of the one with this name alone, where there is such a one.
    """
    parser = argparse.ArgumentParser(
        prog="emotion-edge",
        description="Senses the mood of a room from face and voice and publishes it over MQTT.",
    )
    parser.add_argument("--version", action="version", version=f"emotion-edge {__version__}")
    add_config(parser, default=None)
    add_verbose(parser, default=False)
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    named = f"edge.commands.{command.replace('-', '_')}" if command else ""
    for module in [named] if named in _COMMANDS else _COMMANDS:
        importlib.import_module(module).add_parser(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command: 0 fine, 1 failed, 2 wrong usage, 78 bad configuration, 130 interrupted."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")  # names of files may be of any encoding
    return exit_code(lambda: _run(argv))


def _run(argv: Sequence[str] | None) -> int:
    words = sys.argv[1:] if argv is None else argv
    arguments = build_parser(words[0] if words else None).parse_args(words)
    if arguments.verbose:
        _log_everything()
    try:
        return int(arguments.run(arguments))
    except ConfigError as error:
        print(error, file=sys.stderr)
        return EX_CONFIG
    except EdgeError as error:
        print(f"emotion-edge: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _log_everything() -> None:
    from edge.config.models import LogConfig
    from edge.daemon.logs import configure

    configure(LogConfig(level="debug"), env=os.environ)
