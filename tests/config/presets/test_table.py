from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest
from pydantic import ValidationError

from edge.actions.plan import HttpRequest, MqttRequest, PlannedAction
from edge.actions.rules import RuleEngine
from edge.actions.trial import sample_mood
from edge.config.models import ActionsConfig, DeviceConfig
from edge.config.presets import catalog
from edge.config.presets import table as presets
from edge.config.presets.parameters import Preset
from edge.errors import ConfigError

Sent = list[tuple[str, Any]]


def plan(name: str, parameters: dict[str, Any]) -> list[PlannedAction]:
    then = [{"use": {"preset": name, "parameters": parameters}}]
    config = ActionsConfig.model_validate({"rules": [{"name": "r", "when": ["sad"], "then": then}]})
    wall = datetime(2026, 11, 23, 6, 14, 5, tzinfo=timezone.utc)
    return RuleEngine(config, device=DeviceConfig(id="hub")).preview(sample_mood("sad"), 0.0, wall)


def sent(preset: str, /, **parameters: Any) -> Sent:
    """Topic or address, and payload, as they go out."""
    found: Sent = []
    for action in plan(preset, parameters):
        request = action.request
        if isinstance(request, MqttRequest):
            text = request.payload.decode()
            found.append((request.topic, json.loads(text) if text.startswith("{") else text))
        elif isinstance(request, HttpRequest):
            found.append((f"{request.method} {request.url}", json.loads(request.body or b"null")))
    return found


def test_zigbee2mqtt_speaks_its_set_topic() -> None:
    assert sent("zigbee2mqtt", name="living room", color="#FFB347", brightness=71, transition=2) == [
        (
            "zigbee2mqtt/living room/set",
            {"state": "ON", "brightness": 180, "color": {"hex": "#FFB347"}, "transition": 2.0},
        )
    ]
    assert sent("zigbee2mqtt", name="g", scene=1) == [("zigbee2mqtt/g/set", {"scene_recall": 1})]
    for off in ("off", "OFF", "Off", False):
        assert sent("zigbee2mqtt", name="g", state=off) == [("zigbee2mqtt/g/set", {"state": "OFF"})]
    assert sent("zigbee2mqtt", name="g", temperature=2700, effect="breathe") == [
        ("zigbee2mqtt/g/set", {"state": "ON", "color_temp": 370}),
        ("zigbee2mqtt/g/set", {"effect": "breathe"}),
    ]


def test_wled_speaks_its_json_interface() -> None:
    assert sent("wled", id="strip", color="#FFA000", brightness=50, transition=2, effect=2) == [
        (
            "wled/strip/api",
            {"on": True, "bri": 128, "transition": 20, "seg": [{"fx": 2, "col": [[255, 160, 0]]}]},
        )
    ]
    assert sent("wled", saved=3) == [("wled/all/api", {"ps": 3})]
    assert sent("wled", state="off", transition=0.5) == [("wled/all/api", {"on": False, "transition": 5})]


def test_tasmota_gets_one_backlog() -> None:
    assert sent("tasmota", topic="lamp", color="#FF8000", brightness=60, transition=2) == [
        ("cmnd/lamp/Backlog", "Fade 1; Speed2 4; HsbColor 30,100,60; POWER ON")
    ]
    assert sent("tasmota", topic="lamp", temperature=2700, brightness=40) == [
        ("cmnd/lamp/Backlog", "CT 370; Dimmer 40; POWER ON")
    ]
    assert sent("tasmota", topic="lamp", state="off") == [("cmnd/lamp/Backlog", "POWER OFF")]


def test_esphome_speaks_the_json_light_schema() -> None:
    assert sent("esphome", node="desk", light="lamp", color="#FF8C00", brightness=50, transition=2) == [
        (
            "desk/light/lamp/command",
            {"state": "ON", "brightness": 128, "color": {"r": 255, "g": 140, "b": 0}, "transition": 2.0},
        )
    ]


def test_mopidy_speaks_the_topics_of_mopiqtt() -> None:
    assert sent("mopidy", volume=40, playlist="m3u:cheerful.m3u8", shuffle=True) == [
        ("mopidy/cmnd/vol", "=40"),
        ("mopidy/cmnd/ploadshfl", "m3u:cheerful.m3u8"),
    ]
    assert sent("mopidy", playlist="m3u:a") == [("mopidy/cmnd/pload", "m3u:a")]
    assert sent("mopidy", stream="http://radio/1.mp3") == [("mopidy/cmnd/pstream", "http://radio/1.mp3")]
    assert sent("mopidy", command="pause", base="music") == [("music/cmnd/plb", "pause")]


def test_sonos_steps_follow_each_other_on_one_topic() -> None:
    planned = plan("sonos", {"player": "kitchen", "volume": 15, "playlist": "sonos:playlist:7"})
    assert sent("sonos", player="kitchen", volume=15, playlist="sonos:playlist:7") == [
        ("sonos/kitchen/control", {"command": "volume", "input": 15}),
        ("sonos/kitchen/control", {"command": "clearqueue"}),
        ("sonos/kitchen/control", {"command": "queue", "input": "sonos:playlist:7"}),
        ("sonos/kitchen/control", {"command": "switchtoqueue"}),
        ("sonos/kitchen/control", {"command": "play"}),
    ]
    assert [action.after for action in planned] == [0.0, 1.0, 1.0, 1.0, 1.0]


def test_snapcast_speaks_json_rpc() -> None:
    assert sent("snapcast", url="http://snap:1780/", client="c1", volume=30, group="g1", stream="s1") == [
        (
            "POST http://snap:1780/jsonrpc",
            {
                "id": 1,
                "jsonrpc": "2.0",
                "method": "Client.SetVolume",
                "params": {"id": "c1", "volume": {"muted": False, "percent": 30}},
            },
        ),
        (
            "POST http://snap:1780/jsonrpc",
            {
                "id": 2,
                "jsonrpc": "2.0",
                "method": "Group.SetStream",
                "params": {"id": "g1", "stream_id": "s1"},
            },
        ),
    ]
    targets = [
        action.target for action in plan("snapcast", {"url": "http://snap", "client": "c", "group": "g"})
    ]
    assert targets == ["snapcast c", "snapcast g"]


def test_music_assistant_speaks_its_command_interface() -> None:
    parameters = {"url": "http://ma:8095", "player": "p1", "media": "library://playlist/3", "volume": 20}
    play = {"queue_id": "p1", "media": "library://playlist/3", "option": "replace", "radio_mode": False}
    assert sent("music-assistant", **parameters) == [
        (
            "POST http://ma:8095/api",
            {
                "message_id": "emotion-edge",
                "command": "players/cmd/volume_set",
                "args": {"player_id": "p1", "volume_level": 20},
            },
        ),
        (
            "POST http://ma:8095/api",
            {"message_id": "emotion-edge", "command": "player_queues/play_media", "args": play},
        ),
    ]


def test_home_assistant_webhook_carries_the_mood() -> None:
    [(where, body)] = sent("home-assistant-webhook", url="http://ha:8123", webhook="mood")
    assert where == "POST http://ha:8123/api/webhook/mood"
    assert body == {
        "emotion": "sad",
        "previous": "neutral",
        "confidence": 0.9,
        "device": "hub",
        "ts": "2026-11-23T06:14:05.000+00:00",
    }


def test_home_assistant_action_goes_to_its_service() -> None:
    parameters = {"url": "http://ha:8123", "action": "light.turn_on", "data": {"entity_id": "light.a"}}
    assert sent("home-assistant-action", **parameters, bearer_file="token") == [
        ("POST http://ha:8123/api/services/light/turn_on", {"entity_id": "light.a"})
    ]


def test_a_scene_sets_its_look_unless_told_otherwise() -> None:
    light = {"preset": "wled", "parameters": {"id": "strip", "brightness": 10}}
    [(topic, payload)] = sent("calming-light", light=light)
    assert topic == "wled/strip/api"
    assert payload["bri"] == 26
    assert payload["seg"][0]["col"] == [[0x3A, 0x6E, 0xA5]]
    white = {"preset": "zigbee2mqtt", "parameters": {"name": "lamp", "temperature": 2700}}
    [(_, payload)] = sent("warm-light", light=white)
    assert payload["color_temp"] == 370
    assert "color" not in payload


def test_cheer_up_is_light_and_music() -> None:
    light = {"preset": "tasmota", "parameters": {"topic": "lamp"}}
    music = {"preset": "mopidy", "parameters": {"playlist": "m3u:a"}}
    assert [topic for topic, _ in sent("cheer-up", light=light, music=music)] == [
        "cmnd/lamp/Backlog",
        "mopidy/cmnd/pload",
    ]


def test_log_entries_are_never_superseded() -> None:
    parameters = {"url": "http://log/entries", "agreement": {"consent": "written"}}
    [entry] = plan("call-quality-log", parameters)
    assert not entry.supersede
    [(where, body)] = sent("call-quality-log", **parameters)
    assert where == "POST http://log/entries"
    assert body["call"] == "hub"
    assert body["consent"] == "written"


def test_cockpit_and_tutor_tell_what_and_how_bad() -> None:
    [(_, alert)] = sent("cockpit-alert", topic="cockpit/alert", severity="critical")
    assert (alert["alert"], alert["severity"], alert["emotion"]) == ("stress", "critical", "sad")
    [(_, hint)] = sent("tutor-hint", topic="tutor", hint="slow-down")
    assert hint["hint"] == "slow-down"


@pytest.mark.parametrize("name", list(presets.PRESETS))
def test_the_example_of_every_preset_works_and_its_rule_is_valid(name: str) -> None:
    [document] = catalog.documents(name)
    example = document["example"]
    rule = example if "when" in example else {"name": "r", "when": ["sad"], "then": [example]}
    ActionsConfig.model_validate(json.loads(json.dumps({"rules": [rule]}, default=str)))
    assert plan(name, presets.PRESETS[name].example_)
    assert name in catalog.text()
    assert "example:" in catalog.text(name)


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("wledd", {}, "preset: no preset 'wledd', did you mean 'wled'?"),
        ("wled", {"colour": "#112233"}, "parameters.colour: unknown, did you mean 'color'?"),
        ("zigbee2mqtt", {}, "parameters.name: missing"),
        ("wled", {"color": "red"}, "parameters.color: 'red' is not a color"),
        ("wled", {"brightness": 300}, "parameters.brightness"),
        ("wled", {"temperature": 2700}, "parameters.temperature: WLED takes no temperature"),
        ("esphome", {"node": "a/#", "light": "x"}, "parameters.node"),
        ("zigbee2mqtt", {"name": "{emtion}"}, "did you mean 'emotion'?"),
        ("mopidy", {}, "parameters: mopidy has nothing to do"),
        ("snapcast", {"url": "http://s", "volume": 3}, "parameters.client: volume is set, but for no client"),
        ("tutor-hint", {}, "parameters.topic: set either topic or url"),
        ("calming-light", {"light": {"preset": "mopidy"}}, "parameters.light.preset: no preset 'mopidy'"),
        (
            "calming-light",
            {"light": {"preset": "wled", "parameters": {"idd": "x"}}},
            "parameters.light.parameters.idd: unknown, did you mean 'id'?",
        ),
    ],
)
def test_a_wrong_use_is_named_with_its_place(name: str, parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        presets.expand(name, parameters)
    assert message in str(caught.value)


def test_class_variables_name_their_type_because_python_3_10_cannot_evaluate_a_bare_one() -> None:
    kinds = {
        base for preset in presets.PRESETS.values() for base in preset.__mro__ if issubclass(base, Preset)
    }
    written = {text for kind in kinds for text in vars(kind).get("__annotations__", {}).values()}
    assert any(str(text).startswith("ClassVar[") for text in written)
    assert "ClassVar" not in written


@pytest.mark.parametrize("trust", [{"ca": "/etc/ca.pem"}, {"verify": False}])
@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("home-assistant-webhook", {"url": "https://h", "webhook": "w"}),
        ("home-assistant-action", {"url": "https://h", "action": "light.turn_on", "bearer_file": "t"}),
        ("snapcast", {"url": "https://h", "client": "c", "volume": 3}),
        ("music-assistant", {"url": "https://h", "player": "p", "command": "play"}),
        ("tutor-hint", {"url": "https://h"}),
        ("call-quality-log", {"url": "https://h"}),
    ],
)
def test_whatever_calls_a_server_may_name_its_authority(
    name: str, parameters: dict[str, Any], trust: dict[str, Any]
) -> None:
    for action in plan(name, {**parameters, **trust}):
        assert isinstance(action.request, HttpRequest)
        assert (str(action.request.ca), action.request.verify) == (str(trust.get("ca")), "ca" in trust)


def test_a_preset_that_makes_no_action_is_found_when_the_configuration_is_read() -> None:
    use = {
        "use": {"preset": "tutor-hint", "parameters": {"url": "https://h", "ca": "a.pem", "verify": False}}
    }
    with pytest.raises(ValidationError, match=r"make no action: .*exclude each other"):
        ActionsConfig.model_validate({"rules": [{"name": "r", "when": ["sad"], "then": [use]}]})
