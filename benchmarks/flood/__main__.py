"""`python -m benchmarks.flood`: requests by the thousand, and what a daemon still does meanwhile."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict

from benchmarks.flood.measurement import FloodReport, measure
from benchmarks.flood.sender import Flood
from edge.commands.common import print_json
from edge.errors import EdgeError

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Flood a daemon of its own on a mosquitto of its own: 0 all promises kept, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.flood", description=__doc__)
    parser.add_argument("--rate", type=int, default=10_000, metavar="N", help="messages a second (10000)")
    parser.add_argument("--seconds", type=float, default=15.0, metavar="S", help="how long (15)")
    parser.add_argument("--qos", type=int, choices=(0, 1), default=0, help="of the flood (0)")
    parser.add_argument("--topic", default="request/doctor", help="below the device's base (request/doctor)")
    parser.add_argument("--payload", default="{}", help="of every message ({})")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    given = parser.parse_args(argv)
    flood = Flood("", 0, given.topic, given.payload.encode(), given.rate, given.seconds, given.qos)
    try:
        report = measure(flood)
    except EdgeError as error:
        print(f"flood: {error}", file=sys.stderr)
        return 1
    if given.json:
        print_json(asdict(report))
    else:
        for name, value in asdict(report).items():
            print(f"{name:20}{value}")
    return 0 if kept(report) else 1


def kept(report: FloodReport) -> bool:
    """Whether every switch was obeyed within a second, the broker keeps the truth, and stopping was quick."""
    slowest = max(report.socket_slowest_s, report.mqtt_slowest_s, report.mqtt_after_s)
    return slowest < 1.0 and report.retained_true and report.reconnects == 0 and report.stop_s < 15.0


if __name__ == "__main__":
    sys.exit(main())
