"""`emotion-edge watch`: the running daemon's moods and probabilities as live bars in a terminal."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from edge.commands.common import Subparsers, add_command, add_config, load, seconds

if TYPE_CHECKING:
    from edge.commands.screen import Screen

__all__ = ["add_parser", "run"]

_EVERY: Final = 1.0


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = add_command(
        subparsers, "watch", "show moods and probabilities of the running daemon, until Ctrl-C"
    )
    parser.add_argument("--socket", type=Path, metavar="FILE", help="control socket (default: found)")
    parser.add_argument("--duration", type=seconds, metavar="S", help="end by itself after S seconds")
    parser.add_argument(
        "--json", action="store_true", help="print one JSON document a second, each in a line"
    )
    add_config(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Ask once a second; 0 when it is ended, 1 if no daemon was ever found."""
    from edge.commands.screen import Screen

    device = load(arguments).config.device.id
    until = time.monotonic() + arguments.duration if arguments.duration is not None else float("inf")
    try:
        with Screen(sys.stdout, plain=arguments.json) as screen:
            return _follow(screen, arguments, device, until)
    except KeyboardInterrupt:
        return 0


def _follow(screen: Screen, arguments: argparse.Namespace, device: str, until: float) -> int:
    """Show each answer; a daemon that goes is waited for, one that was never there is an error."""
    from edge.errors import EdgeError

    seen = gone = False
    due = time.monotonic()
    while due < until:
        try:
            state = _ask(arguments.socket, device)
        except EdgeError as error:
            if not seen:
                raise
            if not gone:
                screen.note(f"{error}; waiting for it")
            gone = True
        else:
            seen, gone = True, False
            _show(screen, state, as_json=arguments.json)
        due = max(due + _EVERY, time.monotonic())
        time.sleep(max(0.0, min(due, until) - time.monotonic()))
    return 0


def _ask(socket: Path | None, device: str) -> Mapping[str, Any]:
    from edge.config.directories import runtime_candidates
    from edge.daemon.control_client import ask, find_socket

    return ask(socket or find_socket(runtime_candidates(os.environ), device), "state", {})


def _show(screen: Screen, state: Mapping[str, Any], *, as_json: bool) -> None:
    from edge.commands.bars import line, picture

    if as_json:
        screen.line(json.dumps(state, ensure_ascii=False))
    elif screen.live:
        screen.picture(picture(state, screen.width, unicode=screen.unicode))
    else:
        for room in state["rooms"]:
            screen.line(line(state["now"], room))
