"""Does a daemon grow with time? `python -m benchmarks.soak [--minutes 60] [--fps 15] [--broker HOST:PORT]`.

Runs `emotion-edge run` on the sample clip over and over, takes down its resident memory every ten seconds,
and prints the growth after the first five minutes: from the first minute to the last one, by their medians,
and as the slope of a line through all samples. `--log FILE` keeps the samples: seconds and megabytes.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

from benchmarks.daemon import Daemon, running

_EVERY = 10.0
_WARM_S = 300.0


def watched(daemon: Daemon, seconds: float) -> list[tuple[float, float]]:
    """Seconds since the start and megabytes, until the time is over."""
    samples, began = [], time.monotonic()
    while (at := time.monotonic() - began) < seconds:
        samples.append((at, daemon.resident_mb()))
        time.sleep(_EVERY)
    return samples


def growth(samples: list[tuple[float, float]], *, warm: float = _WARM_S) -> dict[str, float]:
    """What happened to the memory after `warm` seconds. ValueError for less than a minute of samples."""
    at, resident = np.array([sample for sample in samples if sample[0] >= warm]).reshape(-1, 2).T
    if len(at) < 2 or at[-1] - at[0] < 60.0:
        raise ValueError(f"a soak lasts at least {warm / 60 + 1:.0f} minutes")
    first, last = resident[at < at[0] + 60.0], resident[at > at[-1] - 60.0]
    figures = {
        "minutes": (at[-1] - at[0]) / 60,
        "first_mb": np.median(first),
        "last_mb": np.median(last),
        "highest_mb": resident.max(),
        "grown_mb": np.median(last) - np.median(first),
        "slope_mb_per_hour": np.polyfit(at, resident, 1)[0] * 3600,
    }
    return {name: round(float(value), 2) for name, value in figures.items()}


def main() -> None:
    """Measure and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--fps", type=float, default=15.0)
    parser.add_argument("--broker")
    parser.add_argument("--log", type=Path)
    arguments = parser.parse_args()
    with running(fps=arguments.fps, broker=arguments.broker) as daemon:
        samples = watched(daemon, arguments.minutes * 60)
    if arguments.log is not None:
        arguments.log.write_text("".join(f"{at:.0f} {megabytes:.2f}\n" for at, megabytes in samples))
    print(json.dumps({"fps": arguments.fps, **growth(samples)}, indent=2))


if __name__ == "__main__":
    main()
