"""A daemon called attic on the sample clip, with a broker of its own, and the commands that ask it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from integration.broker import Mosquitto, Witness, free_port
from integration.process import DaemonProcess

from edge.daemon.control_client import ask
from edge.samples import sample_clip

__all__ = ["BASE", "DEVICE", "Attic"]

DEVICE = "attic"
BASE = f"emotion-edge/{DEVICE}"


class Attic:
    """Broker and daemon; the daemon is not started yet. Scores, a heartbeat a second and the page are on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.broker = Mosquitto(folder).start()
        self.page = free_port()
        clip = sample_clip()
        settings = {
            "device__id": DEVICE,
            "camera__source": clip,
            "camera__fps": 5,
            "microphone__source": clip,
            "mqtt__host": "127.0.0.1",
            "mqtt__port": self.broker.port,
            "mqtt__scores": "true",
            "mqtt__heartbeat": 1,
            "kiosk__enabled": "true",
            "kiosk__port": self.page,
        }
        self.daemon = DaemonProcess(folder, settings)

    def close(self) -> None:
        """End both."""
        self.daemon.close()
        self.broker.stop()

    def start_again(self) -> None:
        """After the daemon has ended: a new one on the same files."""
        self.daemon.notifications.clear()
        self.daemon.log.clear()
        self.daemon.start().ready()

    def witness(self, *topics: str) -> Witness:
        """Sees these topics, all of the device's unless told."""
        return Witness(self.broker.port, *(topics or (f"{BASE}/#",)))

    def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Ask over the control socket."""
        return ask(self.folder / f"{DEVICE}.sock", command, arguments)

    def command(self, *arguments: str, out: int = subprocess.PIPE) -> subprocess.Popen[str]:
        """`emotion-edge ...` as a user of this daemon would run it."""
        here = {
            "RUNTIME_DIRECTORY": str(self.folder),
            "TMPDIR": str(self.folder),
            "EMOTION_EDGE_DEVICE__ID": DEVICE,
            "TERM": "xterm",
        }
        return subprocess.Popen(
            [sys.executable, "-m", "edge", *arguments],
            env={**os.environ, **here},
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
        )

    def done(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The same, to its end."""
        process = self.command(*arguments)
        out, complaint = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, out, complaint)
