"""`python -m benchmarks.window [RECORDING]`: CPU of the features of a speech window, and of `analyze`.

Run it with PYTHONPATH set to a version's checkout, from outside of any checkout, to measure that version:
`cd / && PYTHONPATH=CHECKOUT python NEW/benchmarks/window.py RECORDING`.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from typing import Final

import cv2
import numpy as np

from edge.perception.features import speech_features

_REPEATS: Final = 100


def main() -> int:
    """Print one JSON document."""
    cv2.setNumThreads(1)
    found = {"window_cpu_ms": round(_window(), 3)}
    if len(sys.argv) > 1:
        before = _children()
        command = [sys.executable, "-m", "edge", "analyze", sys.argv[1], "--json"]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        found["analyze_cpu_s"] = round(_children() - before, 2)
        found["analyze_rss_mb"] = round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
    print(json.dumps(found))
    return 0


def _window() -> float:
    """CPU of all threads in milliseconds for 3 s of noise."""
    samples = np.random.default_rng(0).normal(0, 0.05, 48_000).astype(np.float32)
    speech_features(samples)
    before = time.process_time()
    for _ in range(_REPEATS):
        speech_features(samples)
    return 1000 * (time.process_time() - before) / _REPEATS


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
