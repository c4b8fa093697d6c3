"""`python -m benchmarks.versions OLD NEW`: start, latency, memory and CPU of two versions' daemons, by turns.

OLD and NEW are checkouts. Both run on the film and the sound of the second one's sample clip, page, metrics,
history and broker off, their modules compiled as those of an installed package are. CPU is that of the
processes, so that a busy machine hardly matters to it; it does to the latencies, of which the ratio counts.
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
from typing import Any, Final

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
    with tempfile.TemporaryDirectory(prefix="versions-compiled-") as compiled:
        for tree in trees.values():
            _daemon(tree, clip, 0.0, compiled)  # compiles, and measures what `auto` stands for
        for _ in range(arguments.rounds):
            for name, tree in trees.items():
                runs[name].append(_help(tree, compiled) | _daemon(tree, clip, arguments.seconds, compiled))
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


def _help(tree: Path, compiled: str) -> Figures:
    before = _children()
    command = [sys.executable, "-m", "edge", "--help"]
    subprocess.run(command, env=_environment(tree, compiled), cwd=tree, stdout=subprocess.DEVNULL, check=True)
    return {"help_cpu_s": _children() - before}


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _environment(tree: Path, compiled: str, **further: str) -> Mapping[str, str]:
    own = {"PYTHONPATH": str(tree), "PYTHONPYCACHEPREFIX": compiled, "PYTHONDONTWRITEBYTECODE": ""}
    return {**os.environ, **own, **further}


def _daemon(tree: Path, clip: Path, seconds: float, compiled: str) -> Figures:
    with tempfile.TemporaryDirectory(prefix="versions-") as folder:
        notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notices.bind(f"{folder}/notify")
        notices.settimeout(_READY_WITHIN)
        config = Path(folder, "config.yaml")
        both = f"camera: {{source: {clip}}}\nmicrophone: {{source: {clip}}}\n"
        config.write_text(both + "mqtt: {enabled: false}\n", encoding="utf-8")
        places = {"NOTIFY_SOCKET": f"{folder}/notify", "STATE_DIRECTORY": folder, "RUNTIME_DIRECTORY": folder}
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "edge", "run", "--summary", "--config", str(config)],
            env=_environment(tree, compiled, **places),
            cwd=tree,  # comes before PYTHONPATH
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            figures = _watched(process.pid, notices, seconds, began)
        finally:
            process.send_signal(signal.SIGTERM)
            told, _ = process.communicate()
            notices.close()
    return figures | _latencies(json.loads(told.splitlines()[-1]))


def _watched(pid: int, notices: socket.socket, seconds: float, began: float) -> Figures:
    while not any(line == "READY=1" for line in notices.recv(65_536).decode().split("\n")):
        pass
    waited, ready = time.monotonic() - began, _cpu(pid)
    time.sleep(seconds)
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    kilobytes = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    return {
        "ready_s": waited,
        "ready_cpu_s": ready,
        "core_percent": 100 * (_cpu(pid) - ready) / seconds if seconds else 0.0,
        "rss_mb": kilobytes / 1024,
    }


def _latencies(summary: Mapping[str, Any]) -> Figures:
    """From the newest capture that counts to the update handed on; whoever ends early has none."""
    found = {f"{name}_ms": value or 0.0 for name, value in summary["latency_ms"].items()}
    tail = found["p99_ms"] / found["p50_ms"] if found["p50_ms"] else 0.0
    return found | {"p99_by_p50": tail, "frames": float(summary["frames"])}


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


if __name__ == "__main__":
    sys.exit(main())
