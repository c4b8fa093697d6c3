"""The daemon measured as its users run it: a process of its own, a broker, the sample clip."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.errors import EdgeError
from edge.publish.mqtt.embedded import EmbeddedBroker

__all__ = ["measure"]

READY_WITHIN: Final = 60.0
WARM_UP: Final = 3.0
"""Seconds after READY that do not count for CPU: models warm up, the clip's first frames are decoded."""


@dataclass(frozen=True, slots=True)
class Load:
    """What the daemon is given to do."""

    source: Path
    seconds: float
    width: int = 640
    height: int = 480
    fps: float = 15.0


def measure(load: Load, *, env: Mapping[str, str]) -> dict[str, object]:
    """Latency, CPU share, memory and time to READY of one daemon. Raises EdgeError when it does not run."""
    with ExitStack() as stack:
        broker = stack.enter_context(EmbeddedBroker())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="emotion-edge-bench-")))
        notify = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        notify.bind(str(folder / "notify"))
        notify.settimeout(READY_WITHIN)
        started = time.monotonic()
        child = stack.enter_context(_spawn(load, folder, broker.port, env))
        stack.callback(child.kill)
        _wait_ready(notify, child)
        ready = time.monotonic() - started
        time.sleep(WARM_UP)
        begun, cpu = time.monotonic(), _cpu_seconds(child.pid)
        time.sleep(load.seconds)
        share = (_cpu_seconds(child.pid) - cpu) / (time.monotonic() - begun)
        memory = _memory(child.pid)
        child.terminate()
        summary = _summary(child)
    return _report(load, summary, ready, share, memory)


def _report(
    load: Load, summary: dict[str, object], ready: float, share: float, memory: tuple[float, float]
) -> dict[str, object]:
    duration, frames = summary["duration_s"], summary["frames"]
    assert isinstance(duration, float)
    assert isinstance(frames, int)
    return {
        "latency_ms": summary["latency_ms"],
        "cpu_share": round(share, 3),
        "rss_mb": memory[0],
        "peak_rss_mb": memory[1],
        "ready_s": round(ready, 2),
        "fps": round(frames / duration, 1),
        "frames": frames,
        "faces": summary["faces"],
        "speech_windows": summary["speech_windows"],
        "duration_s": duration,
        "load": f"{load.width}x{load.height} at {load.fps:g} fps, {load.source.name}",
        "cores": os.cpu_count(),
    }


def _spawn(load: Load, folder: Path, port: int, env: Mapping[str, str]) -> subprocess.Popen[str]:
    settings = {
        "CAMERA__SOURCE": load.source,
        "CAMERA__WIDTH": load.width,
        "CAMERA__HEIGHT": load.height,
        "CAMERA__FPS": load.fps,
        "MICROPHONE__SOURCE": load.source,
        "MQTT__HOST": "127.0.0.1",
        "MQTT__PORT": port,
        "MQTT__PROTOCOL": EmbeddedBroker.protocol,
        "DEVICE__ID": "bench",
        "LOG__LEVEL": "warning",
    }
    own = {f"EMOTION_EDGE_{name}": str(value) for name, value in settings.items()}
    places = {
        "NOTIFY_SOCKET": str(folder / "notify"),
        "STATE_DIRECTORY": str(folder),
        "RUNTIME_DIRECTORY": str(folder),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "edge", "run", "--summary"],
        env={**env, **own, **places},
        stdout=subprocess.PIPE,
        text=True,
    )


def _wait_ready(notify: socket.socket, child: subprocess.Popen[str]) -> None:
    notify.settimeout(1.0)
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        try:
            if b"READY=1" in notify.recv(4096):
                return
        except TimeoutError:
            if child.poll() is not None:
                raise EdgeError(
                    f"the daemon ended with exit code {child.returncode} before it was ready"
                ) from None
    raise EdgeError(f"the daemon was not ready within {READY_WITHIN:.0f} s")


def _summary(child: subprocess.Popen[str]) -> dict[str, object]:
    out, _ = child.communicate(timeout=30)
    lines = out.strip().splitlines()
    if child.returncode != 0 or not lines:
        raise EdgeError(f"the daemon ended with exit code {child.returncode}")
    summary: dict[str, object] = json.loads(lines[-1])
    return summary


def _cpu_seconds(pid: int) -> float:
    """User and system time of a process and its threads (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> tuple[float, float]:
    """Resident set now and at its peak, MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = dict(re.findall(r"^(VmRSS|VmHWM):\s+(\d+) kB", status, re.MULTILINE))
    return round(int(found["VmRSS"]) / 1024, 1), round(int(found["VmHWM"]) / 1024, 1)
