"""A daemon on the sample clip in a folder of its own, for measurements of what a long life does to it."""

from __future__ import annotations

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
from typing import Final

from edge.samples import sample_clip

__all__ = ["Daemon", "running"]

_READY_WITHIN: Final = 120.0


class Daemon:
    """A daemon process that is reloaded; systemd is a socket of ours."""

    def __init__(self, folder: Path, *, fps: float, broker: str | None = None) -> None:
        self._config, self._broker = folder / "config.yaml", broker
        self.write(fps=fps)
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
            "mqtt": {"enabled": False} if self._broker is None else _mqtt(self._broker),
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
def running(*, fps: float = 5.0, broker: str | None = None) -> Iterator[Daemon]:
    """A daemon in a folder of its own; with `broker`, HOST:PORT, it publishes there."""
    with tempfile.TemporaryDirectory() as folder:
        daemon = Daemon(Path(folder), fps=fps, broker=broker)
        try:
            yield daemon
        finally:
            daemon.close()


def _mqtt(broker: str) -> dict[str, object]:
    host, _, port = broker.rpartition(":")
    return {"host": host, "port": int(port)}
