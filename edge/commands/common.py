"""What several commands share: options, loading the configuration, printing JSON."""

from __future__ import annotations

import argparse
import json
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge.config import Loaded

Subparsers = argparse._SubParsersAction  # the type argparse returns, never exported


def add_command(
    subparsers: Subparsers[argparse.ArgumentParser], name: str, text: str
) -> argparse.ArgumentParser:
    """A sub-command whose help line is also its description."""
    return subparsers.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")


def add_config(parser: argparse.ArgumentParser) -> None:
    """The option `--config`."""
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
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


def load(arguments: argparse.Namespace) -> Loaded:
    """The configuration that `--config` or the environment names. Raises ConfigError."""
    from edge.config import load_config

    return load_config(arguments.config, env=os.environ)


def print_json(document: object) -> None:
    """One JSON document on stdout."""
    print(json.dumps(document, indent=2, ensure_ascii=False), flush=True)
