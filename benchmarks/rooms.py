"""What a further room costs: memory, processor time and latency of a daemon with one to four.

Every room plays a copy of the sample clip, picture and sound, at `--fps` pictures a second. Figures are of
`--seconds`, after the first ones in which models load. Ratios are of one run.

    python -m benchmarks.rooms --rooms 1 2 3 4
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from edge.daemon.control_client import ask
from edge.samples import sample_clip

_SETTLE: Final = 8.0
_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cost:
    """One run: resident memory, share of one core, pictures a second of each room, and the median latency."""

    rooms: int
    rss_mb: float
    cpu_share: float
    fps: float
    latency_ms: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Run each number of rooms in turn and print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rooms", type=int, nargs="+", default=[1, 2, 3, 4])
    parser.add_argument("--fps", type=float, default=3.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    costs = [measure(rooms, options.fps, options.seconds) for rooms in options.rooms]
    print(json.dumps([asdict(cost) for cost in costs]) if options.json else table(costs))


def measure(rooms: int, fps: float, seconds: float) -> Cost:
    """A daemon of so many rooms for so many seconds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with _running(folder, rooms, fps) as process:
            time.sleep(_SETTLE)
            before, began = _spent(process.pid), time.monotonic()
            time.sleep(seconds)
            share = (_spent(process.pid) - before) / (time.monotonic() - began)
            health = ask(folder / "bench.sock", "health", {})
            face = health["face"]
            return Cost(rooms, _resident(process.pid), share, face["fps"] / rooms, face["latency_ms"])


def table(costs: Sequence[Cost]) -> str:
    """As text, with what each room adds to the run before and the ratio to one room."""
    first = costs[0]
    rows = [f"{'rooms':>5} {'RSS MB':>8} {'+MB/room':>9} {'core':>7} {'x':>6} {'fps':>6} {'ms':>7} {'x':>6}"]
    for before, cost in zip([first, *costs], costs, strict=False):
        more = (cost.rss_mb - before.rss_mb) / max(1, cost.rooms - before.rooms)
        rows.append(
            f"{cost.rooms:5} {cost.rss_mb:8.1f} {more:9.1f} {cost.cpu_share:7.3f} "
            f"{cost.cpu_share / first.cpu_share:6.2f} {cost.fps:6.1f} {cost.latency_ms:7.1f} "
            f"{cost.latency_ms / first.latency_ms:6.2f}"
        )
    return "\n".join(rows)


@contextmanager
def _running(folder: Path, rooms: int, fps: float) -> Iterator[subprocess.Popen[bytes]]:
    config = folder / "config.yaml"
    config.write_text(json.dumps(_configuration(folder, rooms, fps)), encoding="utf-8")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(folder / "notify"))
        systemd.settimeout(120.0)
        places = dict.fromkeys(("STATE_DIRECTORY", "RUNTIME_DIRECTORY"), str(folder))
        process = subprocess.Popen(
            [sys.executable, "-m", "edge", "run", "--config", str(config)],
            env={**os.environ, **places, "NOTIFY_SOCKET": str(folder / "notify")},
            stderr=subprocess.DEVNULL,
        )
        try:
            while b"READY=1" not in systemd.recv(4096):
                continue
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _configuration(folder: Path, rooms: int, fps: float) -> dict[str, object]:
    made = {}
    for number in range(1, rooms + 1):
        clip = folder / f"room{number}.mp4"
        shutil.copy(sample_clip(), clip)
        camera = {"eye": {"source": str(clip), "fps": fps}}
        made[f"room{number}"] = {"cameras": camera, "microphones": {"ear": {"source": "camera"}}}
    return {"device": {"id": "bench"}, "mqtt": {"enabled": False}, "rooms": made}


def _spent(pid: int) -> float:
    """Seconds of processor time so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
