"""`emotion-edge settings`: what can be set while the daemon runs, on top of the configuration."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edge.commands.common import Subparsers, add_command, add_config, add_json, load, print_json

__all__ = ["add_parser", "run"]


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = add_command(
        subparsers, "settings", "show or change settings of the running daemon, which it remembers"
    )
    parser.add_argument(
        "changes",
        nargs="*",
        metavar="KEY=VALUE",
        help="sensitivity, profile, rule, people, half_life, face_model, speech_model; KEY= as in the file",
    )
    parser.add_argument("--room", metavar="ID", help="of this room alone (default: of all rooms)")
    parser.add_argument(
        "--reset", action="store_true", help="as in the configuration file; with --room as for all rooms"
    )
    parser.add_argument("--socket", type=Path, metavar="FILE", help="control socket (default: found)")
    add_json(parser)
    add_config(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Ask the daemon and print what holds; 1 if there is none, it refuses, or it could not store it."""
    from edge.config.directories import runtime_candidates
    from edge.daemon.control_client import ask, find_socket

    asked = _asked(arguments.changes, reset=arguments.reset)
    place = {} if arguments.room is None else {"room": arguments.room}
    path = arguments.socket or find_socket(runtime_candidates(os.environ), load(arguments).config.device.id)
    answer = ask(path, "settings", asked | place)
    if arguments.json:
        print_json(answer)
    else:
        print(_text(answer))
    return 1 if asked and answer.get("not_stored") else 0


def _asked(changes: Sequence[str], *, reset: bool) -> dict[str, Any]:
    from edge.config.document import parse_scalar
    from edge.errors import EdgeError

    if reset and changes:
        raise EdgeError("--reset gives everything back to the file; give changes in a command of their own")
    if reset:
        return {"reset": True}
    asked: dict[str, Any] = {}
    for change in changes:
        key, equals, value = change.partition("=")
        if not equals:
            raise EdgeError(f"{change!r} is no KEY=VALUE, such as people=subject")
        try:
            asked[key.strip()] = parse_scalar(value)
        except ValueError as error:
            raise EdgeError(f"{change!r}: {error}") from error
    return asked


def _text(answer: dict[str, Any]) -> str:
    rows = []
    for key, value in answer["values"].items():
        own = f"  (set here; the file says {answer['file'][key]})" if key in answer["set"] else ""
        known = answer["choices"].get(key)
        rows.append(f"{key}: {value}{own}" + (f"  [{', '.join(known)}]" if known else ""))
    for room, changed in answer.get("rooms", {}).items():
        own = ", ".join(f"{key}={value}" for key, value in changed.items())
        rows += [f"set for {room} alone: {own}"] if own else []
    if answer.get("not_stored"):
        rows.append(
            f"not stored: {answer['not_stored']}. This counts now; the daemon keeps trying to store it"
        )
    return "\n".join(rows)
