"""`emotion-edge alert [ack]`: the alert that stands in the running daemon; ack says that somebody noticed."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from edge.commands.common import Subparsers, add_command, add_config, add_json, load, print_json

__all__ = ["add_parser", "run"]


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = add_command(subparsers, "alert", "tell the alert of the running daemon, or acknowledge it")
    parser.add_argument("what", nargs="?", choices=("status", "ack"), default="status", help="ack = noticed")
    parser.add_argument("--cause", default="", help="with ack: this alert alone (default: all)")
    parser.add_argument("--socket", type=Path, metavar="FILE", help="control socket (default: found)")
    add_json(parser)
    add_config(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Ask the daemon; 1 if there is none."""
    import os

    from edge.config.directories import runtime_candidates
    from edge.daemon.control_client import ask, find_socket

    path = arguments.socket or find_socket(runtime_candidates(os.environ), load(arguments).config.device.id)
    answer = ask(path, "alert", {"acknowledge": arguments.cause} if arguments.what == "ack" else {})
    if arguments.json:
        print_json(answer)
    else:
        print(_text(answer))
    return 0


def _text(answer: dict[str, Any]) -> str:
    alert = answer["alert"]
    if alert is None:
        return "no alert"
    noticed = " (acknowledged)" if alert["acknowledged"] else ""
    return f"{alert['level']}: {alert['message']} [{alert['cause']}]{noticed}"
