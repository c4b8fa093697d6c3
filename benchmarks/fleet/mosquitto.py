"""A mosquitto of one's own to measure, and what it costs."""

from __future__ import annotations

import os
import resource
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edge.errors import EdgeError

__all__ = ["SETTINGS", "Broker", "allow_open_files", "mosquitto"]

SETTINGS = (
    "allow_anonymous true",
    # Nagle's algorithm would hold back the second message of a change.
    "set_tcp_nodelay true",
    # With the default of 20 a subscriber to a fleet gets no more than 20 messages in a round trip.
    "max_inflight_messages 1000",
    "max_queued_messages 0",
)


@dataclass(frozen=True, slots=True)
class Broker:
    """A running broker; `pid` is None where it is somebody else's."""

    host: str
    port: int
    pid: int | None = None

    def cpu_seconds(self) -> float:
        """Processor time it has used, user and system."""
        if self.pid is None:
            return 0.0
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mb(self) -> float:
        """Resident memory."""
        if self.pid is None:
            return 0.0
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        kib = next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
        return kib / 1024


@contextmanager
def mosquitto(settings: Sequence[str] = SETTINGS) -> Iterator[Broker]:
    """A broker on a free port of the loopback, without persistence. EdgeError if it is not installed.

    `settings` are lines of mosquitto.conf.
    """
    program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        raise EdgeError(
            "mosquitto is not installed: apt-get install mosquitto, or name a broker with --broker"
        )
    with tempfile.TemporaryDirectory(prefix="emotion-edge-fleet-") as folder:
        port = _free_port()
        config = Path(folder) / "mosquitto.conf"
        lines = [f"listener {port} 127.0.0.1", *settings]
        user = ["user root"] if os.getuid() == 0 else []
        config.write_text("\n".join([*lines, *user]) + "\n")
        process = subprocess.Popen([program, "-c", str(config)], stderr=subprocess.DEVNULL)
        try:
            _wait_for(port, process)
            yield Broker("127.0.0.1", port, process.pid)
        finally:
            process.terminate()
            process.wait(10)


def allow_open_files(count: int) -> None:
    """Raise the limit of open files of this process and its children. EdgeError says what is allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= count:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, max(hard, count)))
    except (ValueError, OSError) as error:
        raise EdgeError(
            f"this needs {count} open files, {hard} are allowed: ulimit -n {count}, or fewer --hubs"
        ) from error


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 10.0
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise EdgeError("mosquitto does not start; try: mosquitto -v")
