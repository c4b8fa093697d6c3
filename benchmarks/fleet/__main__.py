"""`python -m benchmarks.fleet`: many virtual hubs on one broker: latency, loss, the broker's CPU."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from benchmarks.fleet.simulation import run
from edge.errors import EdgeError


def main(argv: Sequence[str] | None = None) -> int:
    """Run the simulation: 0 nothing lost, 1 otherwise or when it could not run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fleet", description=__doc__)
    parser.add_argument("--hubs", type=int, default=100, metavar="N", help="how many hubs (100)")
    parser.add_argument("--seconds", type=float, default=30.0, metavar="S", help="how long to measure (30)")
    parser.add_argument("--changes", type=float, default=3.0, metavar="N", help="moods a minute and hub (3)")
    parser.add_argument("--broker", metavar="HOST:PORT", help="a running broker instead of a new mosquitto")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    try:
        return run(parser.parse_args(argv))
    except EdgeError as error:
        print(f"fleet: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
