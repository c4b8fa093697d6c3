"""The daemon as a process of its own, as systemd and users run it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from integration.broker import PATIENCE, eventually

READY_WITHIN = 60.0


class DaemonProcess:
    """`emotion-edge run` with a notification socket; logs and notifications are kept."""

    def __init__(
        self, folder: Path, settings: Mapping[str, object] | None = None, *, config: Path | None = None
    ) -> None:
        self.folder = folder
        self.notifications: list[str] = []
        self.log: list[str] = []
        self._config = config
        given = settings or {}
        self._settings = {f"EMOTION_EDGE_{name.upper()}": str(value) for name, value in given.items()}
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notify.bind(str(folder / "notify"))
        self.process: subprocess.Popen[str] | None = None

    def start(self, extra: Mapping[str, str] | None = None, *arguments: str) -> DaemonProcess:
        """Start it; returns before it is ready."""
        own = ["--config", str(self._config)] if self._config is not None else []
        places = {
            "NOTIFY_SOCKET": str(self.folder / "notify"),
            "STATE_DIRECTORY": str(self.folder),
            "RUNTIME_DIRECTORY": str(self.folder),
            "HOME": os.environ.get("HOME", "/root"),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "edge", "run", *own, *arguments],
            env={**os.environ, **places, **self._settings, **(extra or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._read_log, args=(self.process,), daemon=True).start()
        return self

    def ready(self) -> DaemonProcess:
        """Wait for READY=1."""
        eventually(
            lambda: self.said("READY=1") or self.ended, within=READY_WITHIN, what="READY=1 or an early end"
        )
        assert self.said("READY=1"), "\n".join(self.log)
        return self

    @property
    def ended(self) -> bool:
        """Whether the process has exited."""
        return self.process is not None and self.process.poll() is not None

    def said(self, word: str) -> int:
        """How many notifications contain a line."""
        return sum(word in text.split("\n") or text.startswith(word) for text in list(self.notifications))

    def logged(self, text: str) -> bool:
        """Whether a log line contains the text."""
        return any(text in line for line in list(self.log))

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def wait(self, timeout: float = 10.0) -> int:
        """Wait for its end; the exit code."""
        assert self.process is not None
        return self.process.wait(timeout * PATIENCE)

    def close(self) -> None:
        """Make sure that nothing is left behind."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._notify.close()

    def _listen(self) -> None:
        while True:
            try:
                self.notifications.append(self._notify.recv(65_536).decode())
            except OSError:
                return

    def _read_log(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr is not None
        for line in iter(process.stderr.readline, ""):
            self.log.append(line.rstrip("\n"))
