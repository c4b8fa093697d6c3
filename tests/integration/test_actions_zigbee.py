"""The payloads for zigbee2mqtt, through its own converters: what a lamp would be sent over Zigbee.

Opt-in: in some folder `npm install zigbee-herdsman-converters`, then ZIGBEE_CONVERTERS=that folder.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from edge.actions.things import KINDS
from edge.config.presets.lights import Zigbee2Mqtt

FOLDER = os.environ.get("ZIGBEE_CONVERTERS", "")
pytestmark = [
    pytest.mark.skipif(not FOLDER, reason="set ZIGBEE_CONVERTERS: npm install zigbee-herdsman-converters"),
    pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed: apt-get install nodejs"),
]
LAMPS = [("LCT001", "Philips"), ("TRADFRI bulb E27 CWS opal 600lm", "IKEA of Sweden")]
Sent = list[tuple[str, str, dict[str, Any]]]


def convert(lamp: tuple[str, str], *messages: dict[str, Any]) -> list[Sent]:
    """Commands for each payload; every key must have a converter."""
    script = Path(__file__).with_name("zigbee.js")
    modules = {"NODE_PATH": str(Path(FOLDER) / "node_modules")}
    done = subprocess.run(
        ["node", str(script), *lamp],
        input=json.dumps(messages),
        env={**os.environ, **modules},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [one["unknown"] for one in found] == [[] for _ in messages]
    return [[(cluster, command, payload) for cluster, command, payload in one["commands"]] for one in found]


def payloads(**parameters: Any) -> list[dict[str, Any]]:
    preset = Zigbee2Mqtt.model_validate({"name": "lamp", **parameters})
    return [json.loads(json.dumps(action["mqtt"]["payload"])) for action in preset.actions()]


def commands(sent: Sent) -> dict[str, dict[str, Any]]:
    return {command: payload for _, command, payload in sent}


@pytest.mark.parametrize("lamp", LAMPS, ids=lambda lamp: lamp[1])
def test_a_colour_fades_in_with_its_brightness(lamp: tuple[str, str]) -> None:
    (sent,) = convert(lamp, *payloads(color="#3A6EA5", brightness=30, transition=2))
    level, color = commands(sent)["moveToLevelWithOnOff"], commands(sent)["moveToColor"]
    assert (level["level"], level["transtime"]) == (76, 20)
    assert color["transtime"] == 20
    assert (color["colorx"] / 65536, color["colory"] / 65536) == pytest.approx((0.18, 0.213), abs=0.01)


@pytest.mark.parametrize("lamp", LAMPS, ids=lambda lamp: lamp[1])
def test_a_white_and_off_are_understood(lamp: tuple[str, str]) -> None:
    warm = payloads(temperature=2700, brightness=60)
    white, off = convert(lamp, *warm, *payloads(state="off", transition=3))
    assert commands(white)["moveToLevelWithOnOff"]["level"] == 152
    assert {"moveToColorTemp", "moveToColor"} & commands(white).keys()
    last = off[-1]
    assert (last[1], last[2]["level"], last[2]["transtime"]) == ("moveToLevelWithOnOff", 0, 30)


@pytest.mark.parametrize("lamp", LAMPS, ids=lambda lamp: lamp[1])
def test_what_brings_a_light_back_is_understood(lamp: tuple[str, str]) -> None:
    kind = KINDS["zigbee2mqtt"]
    state = {"state": "ON", "brightness": 215, "color_mode": "xy", "color": {"x": 0.46, "y": 0.41}}
    look = kind.look({**state, "color_temp": 370})
    assert look is not None
    (sent,) = convert(lamp, kind.back(look, 1.5))
    level = commands(sent)["moveToLevelWithOnOff"]
    assert (level["level"], level["transtime"]) == (215, 15)
    assert commands(sent)["moveToColor"]["colorx"] == pytest.approx(0.46 * 65535, abs=2)


def test_a_scene_is_recalled() -> None:
    (sent,) = convert(LAMPS[0], *payloads(scene=3))
    ((cluster, command, payload),) = sent
    assert (cluster, command, payload["sceneid"]) == ("genScenes", "recall", 3)
