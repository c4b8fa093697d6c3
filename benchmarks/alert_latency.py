"""From the onset of a mood to its alert: `python -m benchmarks.alert_latency [--onsets 20] [--for 3]`.

A face turns from neutral to angry, as readings of a classifier that is 70 % sure; the daemon's own mood,
rules and publisher do the rest, and a client of a real mosquitto receives the alert. `decided_s` is from the
first angry picture to the alert: smoothing, dwell and `for`, on a clock that is stepped and so exact.
`told_ms` is from the decision to the arrival over MQTT, on the real clock. The camera's and the model's own
latency come on top.
"""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import numpy as np
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from edge.config import Config
from edge.config.plans import room_plans
from edge.daemon.outlets import Outlets
from edge.daemon.rooms import Room
from edge.mood.pooling import FusionParameters
from edge.mood.room import RoomMood
from edge.perception.observation import FaceObservation, FaceSighting
from edge.vocabulary import LABELS, Reading

_BOX = (0.4, 0.2, 0.2, 0.3)
_SURE = 0.7


class Listener:
    """Notes when an alert arrives."""

    def __init__(self, port: int) -> None:
        self.arrived = threading.Event()
        self.at = 0.0
        self.client = Client(CallbackAPIVersion.VERSION2)
        self.client.on_message = lambda _client, _data, message: self._take(message)
        self.client.connect("127.0.0.1", port)
        self.client.subscribe("emotion-edge/bench/alert", 1)
        self.client.loop_start()

    def _take(self, message: MQTTMessage) -> None:
        if json.loads(message.payload)["level"] != "none":
            self.at = time.monotonic()
            self.arrived.set()


@contextmanager
def broker() -> Iterator[int]:
    """A mosquitto of its own."""
    program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
    if program is None:
        raise SystemExit("mosquitto is not installed: apt-get install mosquitto")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mosquitto.conf"
        file.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
        process = subprocess.Popen([program, "-c", str(file)], stderr=subprocess.DEVNULL)
        try:
            _await(port)
            yield port
        finally:
            process.terminate()
            process.wait()


def _await(port: int) -> None:
    with socket.socket() as probe:
        while probe.connect_ex(("127.0.0.1", port)) != 0:
            time.sleep(0.02)


def face(emotion: str, now: float) -> FaceObservation:
    """A picture of one face."""
    shares = np.full(7, (1.0 - _SURE) / 6)
    shares[LABELS.index(emotion)] = _SURE
    reading = Reading("face", shares, 0.9, now, 0.007, _BOX, 1)
    sighting = FaceSighting(1, _BOX, 0.9, 0.9, (), confirmed=True)
    return FaceObservation(now, (reading,), reading, 1, (sighting,))


class Cockpit:
    """Room, rules and publisher on a stepped clock."""

    def __init__(self, port: int, hold: float) -> None:
        self.now = 1000.0
        rule = {"name": "stress", "when": ["angry"], "for": hold, "then": [{"alert": {}}]}
        config = Config.model_validate(
            {
                "device": {"id": "bench"},
                "mqtt": {"host": "127.0.0.1", "port": port},
                "actions": {"rules": [rule]},
            }
        )
        mood = RoomMood(config=config, parameters=FusionParameters(), now=self.now)
        self.room = Room(room_plans(config)[0], mood)
        self.outlets = Outlets(
            config=config, env={}, clock=time.monotonic, wall=time.time, on_command=lambda _: None
        )

    def look(self, emotion: str) -> float:
        """One picture and what follows; the real time at which its consequences began."""
        began, wall = time.monotonic(), datetime.now().astimezone()
        outcome = self.room.mood.see(face(emotion, self.now), self.now)
        if outcome.mood is not None:
            self.outlets.mood_changed(outcome.mood, self.room, self.now, wall)
        self.outlets.tick(self.now, wall)
        return began


def measure(port: int, *, onsets: int, hold: float, fps: float) -> dict[str, float]:
    """Medians and the worst over some onsets, each after ten seconds of neutral."""
    cockpit, listener = Cockpit(port, hold), Listener(port)
    cockpit.outlets.start()
    while cockpit.outlets.connection() != "connected":
        time.sleep(0.01)
    decided, told = [], []
    for _ in range(onsets):
        for _ in range(round(10 * fps)):
            cockpit.now += 1 / fps
            cockpit.look("neutral")
        listener.arrived.clear()
        onset = cockpit.now + 1 / fps
        while cockpit.outlets.acting.alert is None:
            cockpit.now += 1 / fps
            began = cockpit.look("angry")
        decided.append(cockpit.now - onset)
        if not listener.arrived.wait(10):
            raise SystemExit("an alert did not arrive")
        told.append((listener.at - began) * 1000)
    cockpit.outlets.stop()
    listener.client.loop_stop()
    return {
        "decided_s_median": round(statistics.median(decided), 2),
        "decided_s_worst": round(max(decided), 2),
        "told_ms_median": round(statistics.median(told), 1),
        "told_ms_worst": round(max(told), 1),
    }


def main() -> None:
    """Measure and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--onsets", type=int, default=20)
    parser.add_argument("--for", dest="hold", type=float, default=3.0)
    parser.add_argument("--fps", type=float, default=15.0)
    arguments = parser.parse_args()
    with broker() as port:
        found = measure(port, onsets=arguments.onsets, hold=arguments.hold, fps=arguments.fps)
    print(json.dumps({"onsets": arguments.onsets, "for_s": arguments.hold, **found}, indent=2))


if __name__ == "__main__":
    main()
