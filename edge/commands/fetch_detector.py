"""`emotion-edge fetch-detector`: bring the face detector's weights into the model cache, once."""

from __future__ import annotations

import argparse
import os

from edge.commands.common import Subparsers, add_command, add_config, add_json, load, print_json

__all__ = ["add_parser", "run"]


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = add_command(
        subparsers, "fetch-detector", "fetch the face detector's weights into the model cache"
    )
    add_json(parser)
    add_config(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Fetch once; says what it did."""
    from edge.inference.directories import cache_directory
    from edge.inference.fetch import fetch_detector

    fetched = fetch_detector(cache_directory(load(arguments).config.engines, os.environ))
    if arguments.json:
        print_json({"file": str(fetched.path), "cached": fetched.cached})
    else:
        print(f"face detector {'is there' if fetched.cached else 'fetched'}: {fetched.path}")
    return 0
