"""Lights with a bridge, a server or an address of their own, against their makers' documentation."""

from __future__ import annotations

import json
from typing import Any

import pytest
from config.presets.test_table import plan, sent

from edge.actions.plan import HttpRequest, UdpRequest
from edge.config.presets import table as presets
from edge.errors import ConfigError

LIGHT = "3a6710fa-4474-4eba-b533-5e6e72968feb"
HUE: dict[str, Any] = {"url": "https://192.168.1.20", "key_file": "hue-key"}


def hue(**fields: Any) -> tuple[HttpRequest, Any]:
    (action,) = plan("hue", {**HUE, **fields})
    assert isinstance(action.request, HttpRequest)
    return action.request, json.loads(action.request.body or b"")


def test_hue_speaks_clip_version_2() -> None:
    request, body = hue(
        light=LIGHT, color="#FF0000", brightness=60, transition=2, bridge_id="ECB5FAFFFE1234AB"
    )
    assert (request.method, request.url) == (
        "PUT",
        f"https://192.168.1.20/clip/v2/resource/light/{LIGHT}",
    )
    assert {name: str(path) for name, path in request.header_files.items()} == {
        "hue-application-key": "hue-key"
    }
    assert request.server_name == "ecb5fafffe1234ab"
    assert body == {
        "on": {"on": True},
        "dimming": {"brightness": 60},
        "color": {"xy": {"x": 0.6401, "y": 0.33}},
        "dynamics": {"duration": 2000},
    }


def test_hue_drives_groups_and_scenes() -> None:
    request, body = hue(group=LIGHT, temperature=6700, state="on")
    assert request.url.endswith(f"/grouped_light/{LIGHT}")
    assert body == {"on": {"on": True}, "color_temperature": {"mirek": 153}}
    request, body = hue(scene=LIGHT, transition=1)
    assert request.url.endswith(f"/scene/{LIGHT}")
    assert body == {"recall": {"action": "active", "duration": 1000}}
    assert hue(light=LIGHT, state="off")[1] == {"on": {"on": False}}


def test_hyperhdr_shows_a_colour_above_what_it_grabs_and_gives_it_back() -> None:
    url = "http://h:8090"
    assert sent("hyperhdr", url=url, color="#FF8000", brightness=50) == [
        (
            "POST http://h:8090/json-rpc",
            {"command": "color", "color": [128, 64, 0], "priority": 50, "origin": "emotion-edge"},
        )
    ]
    assert sent("hyperhdr", url=url, effect="Warm mood blobs", priority=60)[0][1] == {
        "command": "effect",
        "effect": {"name": "Warm mood blobs"},
        "priority": 60,
        "origin": "emotion-edge",
    }
    assert sent("hyperhdr", url=url, state="off")[0][1] == {"command": "clear", "priority": 50}


def govee(**fields: Any) -> list[tuple[str, Any]]:
    told = []
    for action in plan("govee", {"address": "192.168.1.31", **fields}):
        assert isinstance(action.request, UdpRequest)
        assert (action.request.address, action.request.port) == ("192.168.1.31", 4003)
        message = json.loads(action.request.payload)["msg"]
        told.append((message["cmd"], message["data"]))
    return told


def test_govee_gets_power_brightness_and_colour() -> None:
    assert govee(color="#FF8000", brightness=0, transition=3) == [
        ("turn", {"value": 1}),
        ("brightness", {"value": 1}),
        ("colorwc", {"color": {"r": 255, "g": 128, "b": 0}, "colorTemInKelvin": 0}),
    ]
    assert govee(temperature=1800)[1:] == [
        ("colorwc", {"color": {"r": 0, "g": 0, "b": 0}, "colorTemInKelvin": 2000})
    ]
    assert govee(state="off", brightness=50) == [("turn", {"value": 0})]


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("hue", HUE, "exactly one of light, group, scene; found none"),
        ("hue", {**HUE, "light": LIGHT, "scene": LIGHT}, "found light and scene"),
        ("hue", {**HUE, "light": "7"}, "parameters.light"),
        ("hyperhdr", {"url": "http://h"}, "set color or effect"),
        ("hyperhdr", {"url": "http://h", "temperature": 2700}, "takes no temperature"),
        ("govee", {"address": "lamp.local"}, "parameters.address"),
    ],
)
def test_a_wrong_use_is_named(name: str, parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        presets.expand(name, parameters)
    assert message in str(caught.value)
