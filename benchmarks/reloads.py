"""Does a daemon grow with its reloads? `python -m benchmarks.reloads [--reloads 1000] [--camera 60]`.

Runs `emotion-edge run` on the sample clip, sends SIGHUP again and again, the file unchanged first, then with
another frame rate each time, and prints its resident memory after the fifth and after the last of each kind.
"""

from __future__ import annotations

import argparse
import json
import time

from benchmarks.daemon import Daemon, running

_WARM = 5
_SETTLE = 10.0


def growth(daemon: Daemon, times: int, *, camera: bool) -> dict[str, float]:
    """Megabytes after the fifth reload and after the last; with `camera` the frame rate changes each time."""
    first = 0.0
    for number in range(times):
        if camera:
            daemon.write(fps=5.0 + number % 2)
        daemon.reload()
        if number == _WARM - 1:
            first = _settled_mb(daemon)
    figures = {"fifth_mb": first, "last_mb": _settled_mb(daemon)}
    figures["grown_mb"] = figures["last_mb"] - first
    return {"times": times, **{name: round(value, 1) for name, value in figures.items()}}


def _settled_mb(daemon: Daemon) -> float:
    """Resident memory once the models are open again, which a reload does not wait for."""
    time.sleep(_SETTLE)
    return daemon.resident_mb()


def main() -> None:
    """Measure and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reloads", type=int, default=1000)
    parser.add_argument("--camera", type=int, default=60)
    arguments = parser.parse_args()
    with running() as daemon:
        result = {"reloads": growth(daemon, arguments.reloads, camera=False)}
    with running() as daemon:
        result["camera_reloads"] = growth(daemon, arguments.camera, camera=True)
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
