"""Lights come back: a real broker; lamps and servers are small, after the makers' documentation."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from integration.broker import Mosquitto, Witness, eventually
from integration.hub import Hub
from paho.mqtt.client import MQTTMessage

from edge.actions.executor import ActionExecutor
from edge.actions.rules import RuleEngine
from edge.actions.states import States
from edge.config.models import ActionsConfig, DeviceConfig
from edge.vocabulary import LABELS, Mood

NOON = datetime(2026, 5, 4, 12).astimezone()
DAYLIGHT = {"state": "ON", "brightness": 215, "color_mode": "color_temp", "color_temp": 250}


class Lamp:
    """A lamp of zigbee2mqtt on the broker: answers `get`, takes `set`, tells its state after both."""

    def __init__(self, port: int, *, retained: bool) -> None:
        self.state: dict[str, Any] = dict(DAYLIGHT)
        self.retained = retained
        self.sets: list[dict[str, Any]] = []
        self.witness = Witness(port, "zigbee2mqtt/lamp/set", "zigbee2mqtt/lamp/get")
        self.witness.client.on_message = self.receive
        if retained:
            self.tell()

    def receive(self, _client: object, _data: object, message: MQTTMessage) -> None:
        if message.topic.endswith("/set"):
            payload = json.loads(message.payload)
            self.sets.append(payload)
            self.change(**{key: value for key, value in payload.items() if key != "transition"})
        else:
            self.tell()

    def change(self, **fields: Any) -> None:
        if "color" in fields:
            fields = {**fields, "color_mode": "xy", "color": {"x": 0.2, "y": 0.2}}
        elif "color_temp" in fields:
            fields = {**fields, "color_mode": "color_temp"}
        self.state |= fields
        self.tell()

    def tell(self) -> None:
        self.witness.client.publish("zigbee2mqtt/lamp", json.dumps(self.state), 0, self.retained)


class Web:
    """A server with one JSON state; keeps what it was sent."""

    def __init__(self, state: Any) -> None:
        self.state = state
        self.calls: list[tuple[str, str, Any]] = []
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer(web.state)

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
                web.calls.append((self.command, self.path, body))
                self.answer({})

            def answer(self, value: Any) -> None:
                body = json.dumps(value).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Home:
    """Rules, executor and publisher as the daemon wires them."""

    def __init__(self, port: int, *rules: dict[str, Any]) -> None:
        config = ActionsConfig.model_validate({"rate": 50, "rules": list(rules)})
        self.hub = Hub(port)
        states = States()
        self.rules = RuleEngine(config, device=DeviceConfig(id="hub"))
        self.hub.publisher.watch(self.rules.watched, states.heard)
        self.executor = ActionExecutor(config, publish=self.hub.publisher.publish, states=states, settle=0.2)
        self.states = states
        self.hub.start().wait()
        self.executor.start()

    def feel(self, emotion: str) -> None:
        spread = np.full(7, 0.02)
        spread[LABELS.index(emotion)] = 0.88
        now = time.monotonic()
        mood = Mood(emotion, 0.88, spread, "face", now, now)
        self.executor.submit(self.rules.on_mood(mood, now, NOON, 1, False))

    def settle(self) -> None:
        """Until everything is carried out, and the lights were looked at again."""
        assert self.executor.drain(10)
        eventually(lambda: not any(thread.name == "actions-light" for thread in threading.enumerate()))

    def stop(self) -> None:
        self.executor.stop()
        self.hub.stop()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    running = Mosquitto(tmp_path).start()
    yield running
    running.stop()


def calm(*then: dict[str, Any], when: str = "angry") -> dict[str, Any]:
    return {"name": when, "when": [when], "restore": True, "then": list(then)}


BLUE = {"use": {"preset": "zigbee2mqtt", "parameters": {"name": "lamp", "color": "#3A6EA5", "transition": 0}}}


@pytest.mark.parametrize("retained", [True, False])
def test_a_zigbee_lamp_is_put_back(broker: Mosquitto, retained: bool) -> None:
    lamp = Lamp(broker.port, retained=retained)
    home = Home(broker.port, calm(BLUE))
    home.feel("angry")
    eventually(lambda: len(lamp.sets) == 1)
    home.settle()
    home.feel("neutral")
    eventually(lambda: len(lamp.sets) == 2)
    assert lamp.sets[1] == {"state": "ON", "brightness": 215, "color_temp": 250, "transition": 0.0}
    home.stop()
    lamp.witness.close()


def test_a_lamp_that_a_person_changed_is_left_alone(broker: Mosquitto) -> None:
    lamp = Lamp(broker.port, retained=True)
    home = Home(broker.port, calm(BLUE))
    home.feel("angry")
    eventually(lambda: len(lamp.sets) == 1)
    home.settle()
    lamp.change(brightness=60)
    home.feel("neutral")
    home.settle()
    assert len(lamp.sets) == 1
    assert home.executor.status().problems == ()
    home.stop()
    lamp.witness.close()


def test_a_lamp_that_tells_nothing_changes_all_the_same(broker: Mosquitto) -> None:
    home = Home(broker.port, calm(BLUE))
    with Witness(broker.port, "zigbee2mqtt/lamp/set") as witness:
        home.feel("angry")
        assert len(witness.wait_for("zigbee2mqtt/lamp/set")) == 1
        home.settle()
        home.feel("neutral")
        home.settle()
        assert len(witness.on("set")) == 1
    home.stop()


def test_a_strip_of_wled_is_put_back(broker: Mosquitto) -> None:
    segment = {"id": 0, "stop": 20, "col": [[255, 160, 0], [0, 0, 0], [0, 0, 0]], "fx": 9, "sx": 1, "pal": 3}
    web = Web({"on": True, "bri": 99, "ps": -1, "seg": [segment]})
    then = {"use": {"preset": "wled", "parameters": {"id": "desk", "color": "#0000FF", "url": web.url}}}
    home = Home(broker.port, calm(then))
    with Witness(broker.port, "wled/desk/api") as witness:
        home.feel("angry")
        witness.wait_for("wled/desk/api")
    home.settle()
    home.feel("neutral")
    eventually(lambda: web.calls)
    kept = {key: value for key, value in segment.items() if key != "stop"}
    assert web.calls == [
        ("POST", "/json/state", {"on": True, "bri": 99, "seg": [kept], "transition": 10}),
    ]
    home.stop()
    web.close()


def test_home_assistant_remembers_a_scene_and_turns_it_on(broker: Mosquitto, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("secret\n")
    web = Web({"entity_id": "light.sofa", "state": "on", "attributes": {"brightness": 80}})
    parameters = {
        "url": web.url,
        "action": "light.turn_on",
        "data": {"entity_id": "light.sofa", "color_name": "blue", "transition": 0},
        "bearer_file": str(token),
    }
    home = Home(broker.port, calm({"use": {"preset": "home-assistant-action", "parameters": parameters}}))
    home.feel("angry")
    home.settle()
    home.feel("neutral")
    eventually(lambda: len(web.calls) == 3)
    (_, created, snapshot), (_, acted, _), (_, returned, scene) = web.calls
    assert (created, acted, returned) == (
        "/api/services/scene/create",
        "/api/services/light/turn_on",
        "/api/services/scene/turn_on",
    )
    assert snapshot["snapshot_entities"] == ["light.sofa"]
    assert scene == {"entity_id": f"scene.{snapshot['scene_id']}", "transition": 0.0}
    home.stop()
    web.close()
