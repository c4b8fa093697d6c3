"""A daemon of one's own to be flooded."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edge.daemon.control_client import ask
from edge.samples import sample_clip

__all__ = ["FloodedDaemon", "flooded_daemon"]


@dataclass(frozen=True, slots=True)
class FloodedDaemon:
    """`emotion-edge run` on the sample clip, with its sockets and files in `folder`."""

    process: subprocess.Popen[bytes]
    folder: Path
    device: str

    @property
    def base(self) -> str:
        """What its topics begin with."""
        return f"emotion-edge/{self.device}"

    def privacy(self, camera: str) -> None:
        """Close (`OFF`) or open (`ON`) the camera over the control socket."""
        what = "off" if camera == "ON" else "on"
        ask(self.folder / f"{self.device}.sock", "privacy", {"what": what, "things": ["camera"]})

    def camera_open(self) -> bool:
        """What the daemon itself says."""
        answer = ask(self.folder / f"{self.device}.sock", "privacy", {"what": "status"})
        return bool(answer["camera"])

    def cpu_seconds(self) -> float:
        """Processor time it has used, user and system."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> float:
        """Ask it to end; the seconds that took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        return time.monotonic() - began


@contextmanager
def flooded_daemon(folder: Path, port: int, device: str = "flooded") -> Iterator[FloodedDaemon]:
    """Start it; whatever happens, it does not outlive the block."""
    settings = {
        "DEVICE__ID": device,
        "CAMERA__SOURCE": str(sample_clip()),
        "MICROPHONE__SOURCE": str(sample_clip()),
        "MQTT__HOST": "127.0.0.1",
        "MQTT__PORT": str(port),
    }
    env = {f"EMOTION_EDGE_{name}": value for name, value in settings.items()}
    places = {"STATE_DIRECTORY": str(folder), "RUNTIME_DIRECTORY": str(folder)}
    log = (folder / "daemon.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "edge", "run"], env={**os.environ, **env, **places}, stderr=log, stdout=log
    )
    try:
        yield FloodedDaemon(process, folder, device)
    finally:
        process.kill()
        process.wait()
        log.close()
