"""A sound server for tests: PulseAudio with a null sink, and ALSA configured to record from it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from integration.broker import PATIENCE

ALSA = """
pcm.testmic {
    type pulse
    device "speaker.monitor"
    hint { show on description "Monitor of the test speaker" }
}
pcm.!default { type pulse device "speaker.monitor" }
ctl.!default { type pulse }
"""


def wait_until(condition: Callable[[], object], timeout: float = 15.0) -> bool:
    """Poll until the condition holds; whether it did in time."""
    deadline = time.monotonic() + timeout * PATIENCE
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return bool(condition())


class SoundServer:
    """One PulseAudio with its own runtime folder; may be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "socket"
        self.environment = {
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "PULSE_RUNTIME_PATH": str(folder),
            "PULSE_SERVER": f"unix:{self.socket}",
            "PULSE_COOKIE": str(folder / "cookie"),
            "ALSA_CONFIG_PATH": str(folder / "alsa.conf"),
        }
        (folder / "alsa.conf").write_text(ALSA)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, rate: int = 48_000) -> None:
        """Start and wait until it answers."""
        log = (self.folder / "pulseaudio.log").open("wb")
        sink = f"module-null-sink sink_name=speaker rate={rate}"
        socket = f"module-native-protocol-unix auth-anonymous=1 socket={self.socket}"
        options = ["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disallow-exit"]
        self._process = subprocess.Popen(
            ["pulseaudio", *options, "-L", sink, "-L", socket],
            env=os.environ | self.environment,
            stdout=log,
            stderr=log,
        )
        log.close()
        if not wait_until(self._answers, 20):
            raise RuntimeError(
                f"pulseaudio did not start: {(self.folder / 'pulseaudio.log').read_text()[-500:]}"
            )

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
            self.socket.unlink(missing_ok=True)

    def suspend(self) -> None:
        """Let it stand still, as a hung server does."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def play(self, file: Path) -> subprocess.Popen[bytes]:
        """Play a wav file into the null sink."""
        return subprocess.Popen(
            ["pacat", "--playback", "--latency-msec=30", "--file-format=wav", "--device=speaker", str(file)],
            env=os.environ | self.environment,
        )

    def recordings(self) -> int:
        """How many programs record at the moment."""
        return len(self._ask("list", "short", "source-outputs").stdout.splitlines())

    def _answers(self) -> bool:
        return self._ask("info").returncode == 0

    def _ask(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        environment = os.environ | self.environment
        return subprocess.run(
            ["pactl", *words], env=environment, capture_output=True, check=False, timeout=10
        )


def need(*programs: str) -> None:
    """Skip the test when a program is not installed."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}; apt install pulseaudio libasound2-plugins ffmpeg espeak-ng")
