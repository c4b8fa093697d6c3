"""`python -m benchmarks.versions OLD NEW`: start, memory and CPU of two versions' daemons, by turns.

OLD and NEW are checkouts. Both run on the film and the sound of the second one's sample clip, page, metrics,
history and broker off. Everything is CPU seconds of the processes, so that a busy machine hardly matters.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_READY_WITHIN: Final = 120.0

Figures = dict[str, float]


def main(argv: Sequence[str] | None = None) -> int:
    """Print medians and ratios as JSON: 0 fine, 1 when a daemon did not become ready."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.versions", description=__doc__)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--seconds", type=float, default=30.0, help="of each run after READY (30)")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args(argv)
    clip = arguments.new.resolve() / "edge" / "samples" / "sample.mp4"
    trees = {"old": arguments.old.resolve(), "new": arguments.new.resolve()}
    runs: dict[str, list[Figures]] = {name: [] for name in trees}
    for _ in range(arguments.rounds):
        for name, tree in trees.items():
            runs[name].append(_help(tree) | _daemon(tree, clip, arguments.seconds))
    medians = {name: {key: _median(found, key) for key in found[0]} for name, found in runs.items()}
    ratios = {key: round(medians["new"][key] / value, 3) for key, value in medians["old"].items() if value}
    print(json.dumps({"machine": _machine(), **medians, "new_by_old": ratios}, indent=1))
    return 0


def _median(runs: Sequence[Figures], key: str) -> float:
    return round(statistics.median(run[key] for run in runs), 3)


def _machine() -> str:
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}, {os.cpu_count()} cores"


def _help(tree: Path) -> Figures:
    before = _children()
    command = [sys.executable, "-m", "edge", "--help"]
    subprocess.run(command, env=_environment(tree), cwd=tree, stdout=subprocess.DEVNULL, check=True)
    return {"help_cpu_s": _children() - before}


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _environment(tree: Path, **further: str) -> Mapping[str, str]:
    return {**os.environ, "PYTHONPATH": str(tree), **further}


def _daemon(tree: Path, clip: Path, seconds: float) -> Figures:
    with tempfile.TemporaryDirectory(prefix="versions-") as folder:
        notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notices.bind(f"{folder}/notify")
        notices.settimeout(_READY_WITHIN)
        config = Path(folder, "config.yaml")
        both = f"camera: {{source: {clip}}}\nmicrophone: {{source: {clip}}}\n"
        config.write_text(both + "mqtt: {enabled: false}\n", encoding="utf-8")
        places = {"NOTIFY_SOCKET": f"{folder}/notify", "STATE_DIRECTORY": folder, "RUNTIME_DIRECTORY": folder}
        process = subprocess.Popen(
            [sys.executable, "-m", "edge", "run", "--config", str(config)],
            env=_environment(tree, **places),
            cwd=tree,  # comes before PYTHONPATH
            stderr=subprocess.DEVNULL,
        )
        try:
            return _watched(process.pid, notices, seconds)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()
            notices.close()


def _watched(pid: int, notices: socket.socket, seconds: float) -> Figures:
    while not any(line == "READY=1" for line in notices.recv(65_536).decode().split("\n")):
        pass
    ready = _cpu(pid)
    time.sleep(seconds)
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    kilobytes = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    return {
        "ready_cpu_s": ready,
        "core_percent": 100 * (_cpu(pid) - ready) / seconds,
        "rss_mb": kilobytes / 1024,
    }


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


if __name__ == "__main__":
    sys.exit(main())
