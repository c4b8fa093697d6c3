"""A daemon of several rooms on files and a real broker: topics, switches, reloads, privacy over restarts."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import schemas
import yaml
from integration.broker import Mosquitto, Witness, eventually
from integration.process import DaemonProcess

from edge.samples import sample_clip

BASE = "emotion-edge/hub"
DISCOVERY = "homeassistant/device/emotion_edge_hub"
soon = partial(eventually, within=60.0)
"""Models of several rooms take their time where others load the machine."""


class House:
    """A hub with a clip for every room."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self._port = folder, port
        self.file = folder / "config.yaml"
        self.daemon = DaemonProcess(folder, config=self.file)

    def clip(self, room: str) -> Path:
        """The file that a room plays, of its own."""
        file = self.folder / f"{room}.mp4"
        if not file.exists():
            shutil.copy(sample_clip(), file)
        return file

    def write(self, *rooms: str, **sections: Any) -> None:
        """The configuration with these rooms, each with the picture and the sound of its clip."""
        made = {
            room: {
                "cameras": {"eye": {"source": str(self.clip(room)), "fps": 5}},
                "microphones": {"ear": {"source": "camera"}},
            }
            for room in rooms
        }
        plain = {
            "device": {"id": "hub", "name": "Hub"},
            "mqtt": {"host": "127.0.0.1", "port": self._port, "heartbeat": 1, "people": True},
            "rooms": made,
        }
        self.file.write_text(yaml.safe_dump(plain | sections, sort_keys=False))

    def reload(self, *rooms: str, **sections: Any) -> None:
        """Write another configuration and have it read."""
        before = self.daemon.said("READY=1")
        self.write(*rooms, **sections)
        self.daemon.send(signal.SIGHUP)
        soon(lambda: self.daemon.said("READY=1") > before, what="the reload")

    def plays(self, room: str) -> bool:
        """Whether the daemon has the room's file open."""
        assert self.daemon.process is not None
        folder = Path(f"/proc/{self.daemon.process.pid}/fd")
        return str(self.clip(room)) in {_target(one) for one in folder.iterdir()}

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """An `emotion-edge` command beside the daemon."""
        here = {"RUNTIME_DIRECTORY": str(self.folder), "STATE_DIRECTORY": str(self.folder)}
        return subprocess.run(
            [sys.executable, "-m", "edge", *arguments, "--config", str(self.file)],
            env={**os.environ, **here},
            capture_output=True,
            text=True,
            check=False,
        )


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


@pytest.fixture
def house(tmp_path: Path, mosquitto: Mosquitto) -> Iterator[House]:
    made = House(tmp_path, mosquitto.port)
    yield made
    made.daemon.close()


def newest(witness: Witness, topic: str) -> Any:
    """The newest message of a topic: an object, a word, or empty text."""
    found = [message.payload.decode() for message in witness.messages if message.topic == topic]
    text = found[-1] if found else "nothing yet"
    return json.loads(text) if text.startswith("{") else text


def someone(witness: Witness, room: str) -> bool:
    state = newest(witness, f"{BASE}/{room}/state")
    return isinstance(state, dict) and state["faces"] == 1 and state["emotion"] != "none"


def told(witness: Witness, topic: str, key: str) -> bool:
    """Whether the newest message of a topic is an object with something under a key."""
    found = newest(witness, topic)
    return isinstance(found, dict) and bool(found.get(key))


def sees(witness: Witness, room: str) -> bool:
    health = newest(witness, f"{BASE}/health")
    return isinstance(health, dict) and health["rooms"][room]["cameras"]["eye"]["state"] == "open"


def cleared(witness: Witness, topic: str) -> bool:
    return bool(newest(witness, topic) == "")


def test_every_room_has_its_own_topics_and_is_a_device_behind_the_hub(
    house: House, mosquitto: Mosquitto
) -> None:
    house.write("living", "hall")
    with Witness(mosquitto.port, f"{BASE}/#", "homeassistant/#") as witness:
        house.daemon.start().ready()
        for room in ("living", "hall"):
            soon(partial(someone, witness, room), what=f"a mood in {room}")
            jsonschema.validate(newest(witness, f"{BASE}/{room}/state"), schemas.load("state"))
            soon(partial(told, witness, f"{BASE}/{room}/people", "people"))
            soon(partial(told, witness, f"{DISCOVERY}__{room}/config", "device"))
            device = newest(witness, f"{DISCOVERY}__{room}/config")
            assert (device["device"]["via_device"], device["device"]["name"]) == (
                "emotion_edge_hub",
                room.capitalize(),
            )
            assert device["components"]["emotion"]["state_topic"] == f"{BASE}/{room}/state"
            assert device["components"]["camera"]["command_topic"] == f"{BASE}/{room}/camera/set"
        hub = newest(witness, f"{DISCOVERY}/config")
        assert hub["components"]["emotion"] == {"platform": "sensor"}, "a hub has no mood"
        assert hub["components"]["restart"]["command_topic"] == f"{BASE}/request/restart"
        soon(partial(sees, witness, "hall"), what="health tells that the hall's camera is open")
        jsonschema.validate(newest(witness, f"{BASE}/health"), schemas.load("health"))
        assert [room["id"] for room in newest(witness, f"{BASE}/info")["rooms"]] == ["living", "hall"]
        topics = [message.topic for message in witness.messages]
        first = topics.index(f"{DISCOVERY}/config")
        assert first < min(topics.index(f"{DISCOVERY}__{room}/config") for room in ("living", "hall"))


def test_off_in_one_room_closes_its_devices_and_leaves_the_others_open(
    house: House, mosquitto: Mosquitto
) -> None:
    house.write("living", "hall")
    with Witness(mosquitto.port, f"{BASE}/#") as witness:
        house.daemon.start().ready()
        soon(lambda: house.plays("living") and house.plays("hall"))
        for device in ("camera", "microphone"):
            witness.say(f"{BASE}/living/{device}/set", "OFF")
        soon(lambda: not house.plays("living"), what="the file of the room is closed")
        soon(lambda: newest(witness, f"{BASE}/living/microphone") == "OFF")
        assert house.plays("hall")
        assert newest(witness, f"{BASE}/hall/camera") == "ON"
        assert newest(witness, f"{BASE}/camera") == "ON", "somewhere a camera is open"
        answer = house.command("privacy", "on", "--room", "hall")
        assert answer.returncode == 0, answer.stderr
        assert "hall/camera: closed (switched off)" in answer.stdout
        soon(lambda: not house.plays("hall"))
        soon(lambda: newest(witness, f"{BASE}/camera") == "OFF")
        assert "there are living, hall" in house.command("privacy", "on", "--room", "attic").stderr
        witness.say(f"{BASE}/camera/set", "ON")
        soon(lambda: house.plays("living") and house.plays("hall"), what="all cameras are open")
        assert newest(witness, f"{BASE}/living/microphone") == "OFF"


def test_a_reload_adds_and_removes_rooms_without_a_gap_in_the_others(
    house: House, mosquitto: Mosquitto
) -> None:
    house.write("living", "hall")
    with Witness(mosquitto.port, f"{BASE}/#", "homeassistant/#") as witness:
        house.daemon.start().ready()
        soon(lambda: someone(witness, "living") and someone(witness, "hall"))
        house.reload("living", "attic")
        soon(lambda: someone(witness, "attic"), what="a mood in the new room")
        assert not house.plays("hall")
        for name in ("state", "people", "camera", "microphone"):
            soon(partial(cleared, witness, f"{BASE}/hall/{name}"))
        soon(lambda: newest(witness, f"{DISCOVERY}__hall/config") == "")
        assert newest(witness, f"{DISCOVERY}__attic/config")["device"]["name"] == "Attic"
        opened = [line for line in house.daemon.log if "camera living/eye opened" in line]
        assert len(opened) == 1, "its camera stayed open"
        models = [line for line in house.daemon.log if "model face" in line and "runs on" in line]
        assert len(models) == 1, "no model was opened again"
    with Witness(mosquitto.port, f"{BASE}/hall/#") as late:
        assert late.messages == [], "the broker keeps nothing of it"


def test_a_room_that_a_reload_adds_takes_over_what_is_closed_and_keeps_it_over_restarts(
    house: House, mosquitto: Mosquitto
) -> None:
    house.write("living")
    house.daemon.start().ready()
    soon(lambda: house.plays("living"))
    assert house.command("privacy", "on").returncode == 0
    house.reload("living", "hall")
    with Witness(mosquitto.port, f"{BASE}/#") as witness:
        soon(lambda: newest(witness, f"{BASE}/hall/camera") == "OFF")
        assert not house.plays("living")
        assert not house.plays("hall")
        assert house.command("privacy", "off", "--room", "hall").returncode == 0
        soon(lambda: house.plays("hall"))
        house.daemon.send(signal.SIGTERM)
        assert house.daemon.wait() == 0
        offline = "doctor", "--privacy"
        report = house.command(*offline).stdout
        assert (
            "would stay closed: switched off" in report.split("camera living/eye")[1].split("camera hall")[0]
        )
        assert "would be opened" in report.split("camera hall/eye")[1].split("microphone hall")[0]
        before = house.daemon.said("READY=1")
        house.daemon.start()
        soon(lambda: house.daemon.said("READY=1") > before)
        soon(lambda: house.plays("hall"))
        assert not house.plays("living"), "off outlasts a restart, room by room"


def test_without_rooms_again_nothing_opens_that_was_closed_somewhere(
    house: House, mosquitto: Mosquitto
) -> None:
    house.write("living", "hall")
    house.daemon.start().ready()
    assert house.command("privacy", "on", "camera", "--room", "hall").returncode == 0
    with Witness(mosquitto.port, f"{BASE}/#") as witness:
        source = str(house.clip("living"))
        alone = {"camera": {"source": source}, "microphone": {"source": source}}
        house.reload(**alone)
        soon(lambda: newest(witness, f"{BASE}/camera") == "OFF")
        soon(lambda: newest(witness, f"{BASE}/microphone") == "ON")
        soon(lambda: isinstance(newest(witness, f"{BASE}/state"), dict))
        witness.say(f"{BASE}/camera/set", "ON")
        soon(lambda: newest(witness, f"{BASE}/camera") == "ON")


def seats(house: House) -> dict[str, Any]:
    source = str(house.clip("car"))
    return {
        "driver": {"cameras": {"dash": {"source": source, "fps": 5}}},
        "passenger": {"cameras": {"dash": {"source": source, "fps": 5, "region": [0.9, 0, 0.1, 1]}}},
    }


def test_two_seats_of_one_camera_open_it_once_and_close_it_with_the_first_that_is_off(
    house: House, mosquitto: Mosquitto
) -> None:
    house.write(rooms=seats(house))
    with Witness(mosquitto.port, f"{BASE}/#") as witness:
        house.daemon.start().ready()
        soon(lambda: someone(witness, "driver"))
        assert sum("mp4: open" in line for line in house.daemon.log) == 1
        witness.say(f"{BASE}/passenger/camera/set", "OFF")
        soon(lambda: newest(witness, f"{BASE}/driver/camera") == "OFF")
        assert not house.plays("car"), "off means the device is closed"
        told = house.command("privacy", "off", "--room", "driver").stdout
        assert "driver/camera: closed (shared with passenger: switched off)" in told
        assert not house.plays("car")
        witness.say(f"{BASE}/passenger/camera/set", "ON")
        soon(lambda: newest(witness, f"{BASE}/driver/camera") == "ON")
        assert house.plays("car")


def test_seats_that_are_switched_apart_close_their_camera_with_the_last(
    house: House, mosquitto: Mosquitto
) -> None:
    house.write(rooms=seats(house), privacy={"shared_camera": "apart"})
    with Witness(mosquitto.port, f"{BASE}/#") as witness:
        house.daemon.start().ready()
        soon(lambda: someone(witness, "driver"))
        assert newest(witness, f"{BASE}/passenger/state")["faces"] == 0, "nobody is in that part"
        assert sum("mp4: open" in line for line in house.daemon.log) == 1
        witness.say(f"{BASE}/driver/camera/set", "OFF")
        soon(lambda: newest(witness, f"{BASE}/driver/camera") == "OFF")
        soon(
            lambda: newest(witness, f"{BASE}/health")["rooms"]["driver"]["cameras"]["dash"].get(
                "open_elsewhere"
            ),
            what="health says that the camera is open for the other seat",
        )
        assert house.plays("car")
        witness.say(f"{BASE}/passenger/camera/set", "OFF")
        soon(lambda: not house.plays("car"), what="the last one closes it")


def test_a_room_is_tuned_alone_over_mqtt_and_by_the_command_and_remembers_it(
    house: House, mosquitto: Mosquitto
) -> None:
    house.write("living", "hall")
    with Witness(mosquitto.port, f"{BASE}/#", "homeassistant/#") as witness:
        house.daemon.start().ready()
        soon(lambda: isinstance(newest(witness, f"{BASE}/hall/settings"), dict))
        witness.say(f"{BASE}/hall/settings/set", json.dumps({"people": "subject", "sensitivity": 60}))
        soon(lambda: newest(witness, f"{BASE}/hall/settings")["set"] == ["sensitivity", "people"])
        jsonschema.validate(newest(witness, f"{BASE}/hall/settings"), schemas.load("settings"))
        assert newest(witness, f"{BASE}/living/settings")["people"] == "all"
        assert newest(witness, f"{BASE}/settings")["set"] == []
        witness.say(f"{BASE}/attic/settings/set", '{"people": "subject"}')
        soon(lambda: newest(witness, f"{BASE}/response/settings").get("error") == "there is no room 'attic'")
        told = newest(witness, f"{DISCOVERY}__hall/config")
        assert told["components"]["sensitivity"]["command_topic"] == f"{BASE}/hall/settings/set"
        assert "face_model" not in told["components"]
        shown = house.command("settings", "half_life=2", "--room", "hall")
        assert "half_life: 2.0  (set here; the file says 0.5)" in shown.stdout, shown.stderr
        assert "set for hall alone: sensitivity=60" in house.command("settings").stdout
        house.daemon.send(signal.SIGTERM)
        assert house.daemon.wait() == 0
        before = house.daemon.said("READY=1")
        house.daemon.start()
        soon(lambda: house.daemon.said("READY=1") > before)
        assert (
            json.loads(house.command("settings", "--room", "hall", "--json").stdout)["values"]["people"]
            == "subject"
        )
        house.reload("living")
        soon(lambda: newest(witness, f"{BASE}/hall/settings") == "", what="nothing left of a room that went")
        house.reload("living", "hall")
        soon(lambda: isinstance(newest(witness, f"{BASE}/hall/settings"), dict))
        assert house.command("settings", "--room", "hall", "--reset").returncode == 0
        soon(lambda: newest(witness, f"{BASE}/hall/settings")["set"] == [])
        assert not list(house.folder.glob("settings-*"))
