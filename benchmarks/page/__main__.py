"""`python -m benchmarks.page [load] [delay] [viewers] [history]`: what the page costs and how soon it knows.

`load`: bytes and first paint in Chromium, from loopback. `delay`: from the arrival of a mood over MQTT to its
word on the page. `viewers`: CPU and memory of the page's server alone. `history`: size of a month, and
erasing it. Without a word all four.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.page.browsing import delay, load
from benchmarks.page.past import history
from benchmarks.page.serving import viewers

_MEASURES: Final[dict[str, Callable[[], dict[str, Any]]]] = {
    "load": load,
    "delay": delay,
    "viewers": viewers,
    "history": history,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print one JSON document."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__)
    parser.add_argument("what", nargs="*", choices=[*_MEASURES, []])
    wanted = parser.parse_args(argv).what or list(_MEASURES)
    print(json.dumps({"machine": _machine()} | {name: _MEASURES[name]() for name in wanted}, indent=1))
    return 0


def _machine() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}, {max(1, len(names))} cores"


if __name__ == "__main__":
    sys.exit(main())
