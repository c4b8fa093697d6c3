"""`emotion-edge fetch-detector`: bring the face detector's weights into the model cache, once."""

from __future__ import annotations

import argparse

from edge.commands.common import Subparsers, add_command, add_config, add_json, load, print_json


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = add_command(subparsers, "fetch-detector", "fetch the face detector's weights into the model cache")
    parser.add_argument("--force", action="store_true", help="fetch again even if it is there")
    add_json(parser)
    add_config(parser)
    parser.set_defaults(run=run)
