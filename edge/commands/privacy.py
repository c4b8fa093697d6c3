"""`emotion-edge privacy on|off|status`: close or open camera and microphone of the running daemon."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final

from edge.commands.common import Subparsers, add_command, add_config, add_json, load, print_json

__all__ = ["add_parser", "run"]


_THINGS: Final = ("camera", "microphone", "all")


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = add_command(
        subparsers, "privacy", "close camera and microphone of the running daemon (on), or open them (off)"
    )
    parser.add_argument("what", choices=("on", "off", "status"), help="on = devices closed")
    parser.add_argument("thing", nargs="?", choices=_THINGS, default="all", help="camera, microphone or all")
    parser.add_argument("--room", metavar="ID", help="only the devices of this room (default: all rooms)")
    parser.add_argument("--socket", type=Path, metavar="FILE", help="control socket (default: found)")
    add_json(parser)
    add_config(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Ask the daemon and print what is open; 1 if there is none, or what was asked could not be stored."""
    import os

    from edge.config.directories import runtime_candidates
    from edge.daemon.control_client import ask, find_socket

    path = arguments.socket or find_socket(runtime_candidates(os.environ), load(arguments).config.device.id)
    asked: dict[str, Any] = {"what": arguments.what}
    if arguments.what != "status":
        asked["things"] = ["camera", "microphone"] if arguments.thing == "all" else [arguments.thing]
        if arguments.room is not None:
            asked["room"] = arguments.room
    answer = ask(path, "privacy", asked)
    if arguments.json:
        print_json(answer)
    else:
        print(_text(answer, arguments.room))
    if arguments.what != "status" and answer.get("not_stored"):
        return 1
    return 0


def _text(answer: dict[str, Any], room: str | None) -> str:
    reasons = answer.get("reasons", {})
    rows = []
    for name in _names(answer, room):
        words = ("on", "off") if name == "actions" else ("open", "closed")
        reason = f" ({reasons[name]})" if reasons.get(name) else ""
        rows.append(f"{name}: {words[not answer[name]]}{reason}")
    if answer.get("not_stored"):
        rows.append(
            f"not stored: {answer['not_stored']}. This counts now, but might not after a restart; "
            "the daemon keeps trying to store it"
        )
    return "\n".join(rows)


def _names(answer: dict[str, Any], room: str | None) -> list[str]:
    """The switches of the answer: those of rooms, or of one and whom it keeps closed, else the device's."""
    reasons = answer.get("reasons", {})
    rooms = [
        name
        for name in answer
        if "/" in name
        and (room in (None, name.split("/")[0]) or reasons.get(name, "").startswith(f"shared with {room}:"))
    ]
    return [*(rooms or ("camera", "microphone")), "actions"]
