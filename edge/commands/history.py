"""`emotion-edge history`: what was kept of moods, as text, JSON, CSV, a plot or a page; and erasing it."""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from pathlib import Path
from typing import Final

from edge.commands.common import Subparsers, add_command, add_config, add_json, load, print_json

__all__ = ["add_parser", "run"]

_PRINTED: Final = Path("-")
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = add_command(subparsers, "history", "tell or erase the moods that were kept (history.keep)")
    parser.add_argument(
        "--since", type=_span, default=86_400.0, metavar="SPAN", help="30m, 24h (default), 7d"
    )
    parser.add_argument(
        "--csv", type=Path, metavar="FILE", help="write all segments, one a row; - prints them"
    )
    parser.add_argument("--plot", type=Path, metavar="PNG", help="draw the week: hours by days")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page of its own")
    parser.add_argument("--erase", action="store_true", help="delete all of it, in the running daemon, too")
    add_json(parser)
    add_config(parser)
    parser.set_defaults(run=run)


def _span(text: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhdw])", text.strip())
    if found is None or float(found[1]) <= 0:
        raise argparse.ArgumentTypeError(f"must be a span such as 30m, 24h or 7d, got {text!r}")
    return float(found[1]) * _UNITS[found[2]]


def run(arguments: argparse.Namespace) -> int:
    """Read the file in the state folder; it may be asked for while the daemon writes it."""
    return _erase(arguments) if arguments.erase else _tell(arguments)


def _tell(arguments: argparse.Namespace) -> int:
    from edge.config.directories import state_directory
    from edge.history import report
    from edge.history.store import HistoryStore, history_file
    from edge.history.summary import clipped, summarise

    config = load(arguments).config
    store = HistoryStore(history_file(state_directory(os.environ), config.device.id))
    until = time.time()
    since = until - arguments.since
    found = store.read(since - arguments.since, until)
    segments = clipped(found, since, until)
    now, before = summarise(segments), summarise(clipped(found, since - arguments.since, since))
    printed = arguments.csv == _PRINTED
    if printed:
        report.write_csv(segments, sys.stdout)
    elif arguments.csv is not None:
        with arguments.csv.open("w", newline="", encoding="utf-8") as out:
            report.write_csv(segments, out)
    if arguments.plot is not None:
        report.plot_week(segments, arguments.plot)
    if arguments.html is not None:
        report.write_html(segments, now, before, arguments.html)
    if arguments.json:
        print_json(report.document(segments, now, before, since, until))
    elif segments:
        print(report.text(now, before), file=sys.stderr if printed else sys.stdout)
    else:
        remedy = "; set history.keep, such as 7d, to keep moods" if config.history.keep is None else ""
        print(f"nothing was kept in this span{remedy}", file=sys.stderr if printed else sys.stdout)
    return 0


def _erase(arguments: argparse.Namespace) -> int:
    from edge.config.directories import runtime_candidates, state_directory
    from edge.daemon.control_client import ask, find_socket
    from edge.errors import EdgeError
    from edge.history.store import HistoryStore, history_file

    device = load(arguments).config.device.id
    try:
        path = find_socket(runtime_candidates(os.environ), device, exact=True)
    except EdgeError:
        HistoryStore(history_file(state_directory(os.environ), device)).erase()
        print("erased; no daemon is running", file=sys.stderr)
    else:
        ask(path, "erase-history", {})
        print("erased, in the running daemon, too", file=sys.stderr)
    return 0
