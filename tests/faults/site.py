"""A site under fault: the real daemon with a real broker, camera and microphone, and what was seen of it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from integration.broker import Mosquitto, Witness, eventually
from integration.process import DaemonProcess
from paho.mqtt.client import Client

from edge.config.models import EnginesConfig
from edge.daemon.control_client import ask
from edge.inference.directories import cache_directory
from edge.samples import sample_clip

DEVICE = "site"
BASE = f"emotion-edge/{DEVICE}"


class Site:
    """Daemon, broker and witness; `camera` and `microphone` are sources, the sample clip unless told."""

    def __init__(self, folder: Path, *, environment: dict[str, str] | None = None, **sections: Any) -> None:
        self.folder, self.state = folder, folder / "state"
        self.state.mkdir(exist_ok=True)
        self.config = folder / "config.yaml"
        self.broker = Mosquitto(folder)
        self.sections: dict[str, Any] = {
            "device": {"id": DEVICE},
            "camera": {"source": str(sample_clip())},
            "microphone": {"source": str(sample_clip())},
            "mqtt": {"host": "127.0.0.1", "port": self.broker.port, "readings": True, "keepalive": 5},
            **sections,
        }
        self.write()
        self.daemon = DaemonProcess(folder, config=self.config)
        self.environment = {
            "STATE_DIRECTORY": str(self.state),
            "CACHE_DIRECTORY": str(cache_with_detector(folder)),
            **(environment or {}),
        }
        self.witness: Witness | None = None

    def write(self, **sections: Any) -> None:
        """The configuration, with other sections in this place."""
        self.config.write_text(yaml.safe_dump({**self.sections, **sections}))

    def open(self) -> Site:
        """Broker, witness and daemon, until moods arrive."""
        self.broker.start()
        self.watch()
        self.daemon.start(self.environment).ready()
        self.flows("/state", within=60)
        return self

    def watch(self) -> Witness:
        """A witness that was not there before."""
        if self.witness is not None:
            self.witness.close()
        self.witness = Witness(self.broker.port, f"{BASE}/#", "homeassistant/#", configure=_patient)
        return self.witness

    def begin_anew(self) -> None:
        """What a fault has left is forgotten, so that the next one is judged by itself."""
        self.daemon.close()
        self.broker.stop()
        self.broker = Mosquitto(self.folder, port=self.broker.port)
        shutil.rmtree(self.state, ignore_errors=True)
        self.state.mkdir(exist_ok=True)
        self.write()
        (self.folder / "notify").unlink(missing_ok=True)
        self.daemon = DaemonProcess(self.folder, config=self.config)
        self.open()

    def close(self) -> None:
        """End everything."""
        self.daemon.close()
        if self.witness is not None:
            self.witness.close()
        self.broker.stop()

    @property
    def seen(self) -> Witness:
        """The present witness."""
        assert self.witness is not None
        return self.witness

    @property
    def pid(self) -> int:
        """Process id of the daemon."""
        assert self.daemon.process is not None
        return self.daemon.process.pid

    def restart(self) -> None:
        """A new process on the same files."""
        self.daemon.notifications.clear()
        self.daemon.start(self.environment).ready()

    def count(self, topic: str) -> int:
        """Messages seen on a topic."""
        return len(self.seen.on(topic))

    def flows(self, topic: str = "/face", more: int = 1, *, within: float = 30.0) -> float:
        """Wait for further messages; the seconds until they came."""
        begin, before = time.monotonic(), self.count(topic)
        eventually(lambda: self.count(topic) >= before + more, within=within, what=f"{topic}\n{self.tail()}")
        return time.monotonic() - begin

    def problems(self) -> list[str]:
        """What the newest health names."""
        told = self.seen.payloads(f"{BASE}/health")
        return list(told[-1]["problems"]) if told else []

    def health_says(self, text: str, *, within: float = 30.0) -> str:
        """Wait until a problem contains the text; the whole problem."""
        eventually(
            lambda: any(text in problem for problem in self.problems()),
            within=within,
            what=f"health says {text!r}: {self.problems()}\n{self.tail()}",
        )
        return next(problem for problem in self.problems() if text in problem)

    def log_says(self, text: str, *, within: float = 20.0) -> str:
        """Wait until a log line contains the text; the line's message."""
        eventually(lambda: self.daemon.logged(text), within=within, what=f"{text!r} in\n{self.tail()}")
        return next(line for line in reversed(list(self.daemon.log)) if text in line).split(": ", 1)[-1]

    def healthy(self, *, within: float = 60.0) -> float:
        """Wait until health is ok; the seconds."""
        begin = time.monotonic()
        eventually(
            lambda: (told := self.seen.payloads(f"{BASE}/health")) and told[-1]["status"] == "ok",
            within=within,
            what=f"health is ok again: {self.problems()}\n{self.tail()}",
        )
        return time.monotonic() - begin

    def online(self, *, within: float = 30.0) -> float:
        """A new witness sees availability, state and switches of a connected daemon; the seconds."""
        begin = time.monotonic()
        seen = self.watch()
        eventually(
            lambda: seen.payloads(f"{BASE}/availability")[-1:] == ["online"], within=within, what="online"
        )
        seen.wait_for(f"{BASE}/state", within=within)
        return time.monotonic() - begin

    def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Ask over the control socket."""
        return ask(self.folder / f"{DEVICE}.sock", command, arguments)

    def switch(self, name: str, word: str, *, within: float = 10.0) -> float:
        """Switch over MQTT until the broker keeps it; the seconds."""
        begin = time.monotonic()
        self.seen.say(f"{BASE}/{name}/set", word)
        topic = f"{BASE}/{name}"
        eventually(lambda: self.seen.payloads(topic)[-1:] == [word], within=within, what=f"{name} {word}")
        return time.monotonic() - begin

    @contextmanager
    def frozen(self, pid: int) -> Iterator[None]:
        """A process that stands still (SIGSTOP) for as long as the block."""
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def tail(self) -> str:
        """The end of the daemon's log."""
        return "\n".join(list(self.daemon.log)[-15:])


def cache_with_detector(folder: Path) -> Path:
    """A cache of its own, in which the fetched detector is found."""
    own = folder / "cache"
    own.mkdir(exist_ok=True)
    for path in cache_directory(EnginesConfig()).glob("*.*"):
        if path.is_file() and not (own / path.name).exists():
            (own / path.name).symlink_to(path)
    return own


def _patient(client: Client) -> None:
    client.max_queued_messages_set(0)


class UdpCamera:
    """A network camera: the sample clip over and over, as MPEG-TS over UDP."""

    def __init__(self, port: int) -> None:
        self.port, self.source = port, f"udp://127.0.0.1:{port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, size: str = "640:480") -> UdpCamera:
        """Send, with a key frame every second."""
        codec = [
            "-vf",
            f"scale={size}",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-tune",
            "zerolatency",
            "-g",
            "15",
        ]
        source = ["-stream_loop", "-1", "-re", "-i", str(sample_clip()), "-an"]
        target = ["-f", "mpegts", f"{self.source}?pkt_size=1316"]
        self.process = subprocess.Popen(["ffmpeg", "-nostdin", "-v", "quiet", *source, *codec, *target])
        return self

    @property
    def pid(self) -> int:
        """Process id of ffmpeg."""
        assert self.process is not None
        return self.process.pid

    def kill(self) -> None:
        """As a cable that is pulled."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
