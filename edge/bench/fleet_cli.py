"""`emotion-edge bench fleet`: its options; the work is imported only when it is asked for."""

from __future__ import annotations

import argparse

from edge.commands.common import Subparsers, add_command, add_json


def add_parser(parts: Subparsers[argparse.ArgumentParser]) -> None:
    """Register `bench fleet`."""
    parser = add_command(parts, "fleet", "many virtual hubs on one broker: latency, loss, the broker's CPU")
    parser.add_argument("--hubs", type=int, default=100, metavar="N", help="how many hubs (100)")
    parser.add_argument("--seconds", type=float, default=30.0, metavar="S", help="how long to measure (30)")
    parser.add_argument("--changes", type=float, default=3.0, metavar="N", help="moods a minute and hub (3)")
    parser.add_argument("--broker", metavar="HOST:PORT", help="a running broker instead of a new mosquitto")
    add_json(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from edge.bench.fleet import run

    return run(arguments)
