"""What docs/mqtt.md shows is what happens."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
import schemas
from integration.broker import Mosquitto, Witness, eventually, free_port
from integration.hub import Hub

MakeHub = Callable[..., Hub]
MakeWitness = Callable[..., Witness]
TEXT = (Path(__file__).parents[2] / "docs/mqtt.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[tuple[str, str]]:
    """The fenced blocks of a kind, each with the word behind it."""
    return re.findall(rf"^```{kind}(?: (\w+))?\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("name", "example"), blocks("json"))
def test_every_example_fits_its_schema(name: str, example: str) -> None:
    jsonschema.validate(json.loads(example), schemas.load(name) | {"additionalProperties": False})


def test_the_access_list_confines_hubs_and_lets_home_assistant_work(
    tmp_path: Path, hub: MakeHub, witness: MakeWitness
) -> None:
    passwords, access = tmp_path / "passwords", tmp_path / "access"
    passwords.touch(mode=0o600)
    for user in ("hall", "attic", "homeassistant", "display"):
        subprocess.run(["mosquitto_passwd", "-b", str(passwords), user, "secret"], check=True)
    access.write_text(blocks("acl")[0][1])
    access.chmod(0o600)
    settings = (f"password_file {passwords}", f"acl_file {access}")
    broker = Mosquitto(tmp_path, *settings, anonymous=False).start()
    try:
        house = witness(broker.port, "emotion-edge/#", "homeassistant/#", user=("homeassistant", "secret"))
        display = witness(broker.port, "emotion-edge/#", user=("display", "secret"))
        hall = hub(broker.port, "hall", username="hall", password="secret").start().wait()
        burglar = hub(broker.port, "hall", machine="b", username="attic", password="secret").start().wait()
        hall.feel("happy")
        burglar.feel("sad")
        house.wait_for("hall/event")
        house.wait_for("/config")
        house.say("emotion-edge/hall/camera/set", "OFF")
        display.say("emotion-edge/hall/microphone/set", "OFF")
        eventually(lambda: hall.commands)
        eventually(burglar.publisher.problems)
        assert [event["event_type"] for event in house.payloads("hall/event")] == ["happy"]
        assert [command.name for command in hall.commands] == ["camera"]
        assert {message.topic.split("/")[-1] for message in display.messages} == {"state", "availability"}
        assert not burglar.commands
        assert not hall.publisher.problems()
    finally:
        broker.stop()


def test_the_bridge_carries_moods_outwards_and_no_old_events(
    tmp_path: Path, hub: MakeHub, witness: MakeWitness
) -> None:
    central = Mosquitto(tmp_path, port=free_port()).start()
    bridge = blocks("bridge")[0][1].replace("central.example.org:8883", f"127.0.0.1:{central.port}")
    # the shortest pause between attempts, instead of 30 s, keeps the test short
    house = Mosquitto(tmp_path, *bridge.splitlines(), "restart_timeout 1").start()
    try:
        one = hub(house.port).start().wait()
        seen = witness(central.port, "houses/#")
        eventually(lambda: "houses/berlin/hall/availability" in central.log())
        one.feel("happy")
        assert seen.wait_for("berlin/hall/event")[0]["event_type"] == "happy"
        seen.wait_for("berlin/hall/state")
        seen.say("houses/berlin/hall/camera/set", "ON")
        central.kill()
        one.feel("sad", previous="happy")
        eventually(
            lambda: house.log().count("emotion-edge/hall/event'") >= 2, what="the event is at the house"
        )
        central.start()
        late = witness(central.port, "houses/#")
        assert late.wait_for("berlin/hall/state", within=15.0)[-1]["emotion"] == "sad"
        late.settle()
        assert not late.on("/event")
        assert not one.commands
    finally:
        house.stop()
        central.stop()
