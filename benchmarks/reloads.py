"""Does a daemon grow with its reloads? `python -m benchmarks.reloads [--reloads 1000] [--camera 60]`.

Runs `emotion-edge run` on the sample clip, sends SIGHUP again and again, the file unchanged first, then with
another frame rate each time, and prints its resident memory after the fifth and after the last of each kind.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.samples import sample_clip

_WARM = 5
_READY_WITHIN = 120.0


class Daemon:
    """A daemon process that is reloaded; systemd is a socket of ours."""

    def __init__(self, folder: Path) -> None:
        self._config = folder / "config.yaml"
        self.write(fps=5.0)
        self._systemd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._systemd.bind(str(folder / "notify"))
        self._systemd.settimeout(_READY_WITHIN)
        places = dict.fromkeys(("STATE_DIRECTORY", "RUNTIME_DIRECTORY"), str(folder))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "edge", "run", "--config", str(self._config)],
            env={**os.environ, **places, "NOTIFY_SOCKET": str(folder / "notify")},
            stderr=subprocess.DEVNULL,
        )
        self._await_ready()

    def write(self, *, fps: float) -> None:
        """The configuration, with so many pictures a second."""
        clip = str(sample_clip())
        document = {
            "camera": {"source": clip, "fps": fps},
            "microphone": {"source": clip},
            "mqtt": {"enabled": False},
        }
        self._config.write_text(json.dumps(document), encoding="utf-8")

    def reload(self) -> None:
        """Ask for a reload and wait for its end."""
        self.process.send_signal(signal.SIGHUP)
        self._await_ready()

    def resident_mb(self) -> float:
        """Resident memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024

    def close(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(30)
        self._systemd.close()

    def _await_ready(self) -> None:
        while b"READY=1" not in self._systemd.recv(4096):
            continue


@contextmanager
def running() -> Iterator[Daemon]:
    """A daemon in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        daemon = Daemon(Path(folder))
        try:
            yield daemon
        finally:
            daemon.close()


def growth(daemon: Daemon, times: int, *, camera: bool) -> dict[str, float]:
    """Megabytes after the fifth reload and after the last; with `camera` the frame rate changes each time."""
    first = 0.0
    for number in range(times):
        if camera:
            daemon.write(fps=5.0 + number % 2)
        daemon.reload()
        if number == _WARM - 1:
            first = daemon.resident_mb()
    figures = {"fifth_mb": first, "last_mb": daemon.resident_mb()}
    figures["grown_mb"] = figures["last_mb"] - first
    return {"times": times, **{name: round(value, 1) for name, value in figures.items()}}


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
