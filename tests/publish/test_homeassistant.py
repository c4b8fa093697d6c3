import json
from typing import Any

import pytest

from edge.config import Config
from edge.config.models import DeviceConfig
from edge.config.plans import RoomPlan, room_plans
from edge.publish.entities import ENTITIES, of_a_room, of_the_device, offered
from edge.publish.entity import Entity
from edge.publish.homeassistant import discovery, removal
from edge.publish.topics import Topics
from edge.vocabulary import LABELS, NONE

TOPICS = Topics("emotion-edge", "living-room")
DEVICE = DeviceConfig(id="living-room", name="Living room emotion", room="Living room")
TOP_LEVEL = {
    "device",
    "origin",
    "availability",
    "payload_available",
    "payload_not_available",
    "components",
}
DEVICE_KEYS = {
    "identifiers",
    "name",
    "manufacturer",
    "model",
    "sw_version",
    "suggested_area",
    "configuration_url",
}


def message(url: str | None = None) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(discovery(TOPICS, DEVICE, version="1.2.3", url=url).payload)
    return payload


def by_key(key: str) -> Entity:
    return next(entity for entity in ENTITIES if entity.key == key)


def test_no_key_that_home_assistant_would_reject_the_whole_message_for() -> None:
    found = message("http://hub.local:8780/")
    assert set(found) == TOP_LEVEL
    assert set(found["device"]) == DEVICE_KEYS
    assert found["origin"]["name"] == "emotion-edge"


def test_it_is_retained_on_the_device_topic_and_removed_by_an_empty_one() -> None:
    sent = discovery(TOPICS, DEVICE, version="1")
    gone = removal(TOPICS)
    assert (sent.topic, sent.retain) == (gone.topic, gone.retain)
    assert sent.topic == "homeassistant/device/emotion_edge_living-room/config"
    assert gone.payload == b""


def test_every_entity_that_needs_no_choices_and_a_trigger_for_each_emotion() -> None:
    components = message()["components"]
    triggers = [c for c in components.values() if c["platform"] == "device_automation"]
    assert len(components) == 20 + len(LABELS)
    assert [trigger["subtype"] for trigger in triggers] == list(LABELS)
    assert all(trigger["payload"] == trigger["subtype"] for trigger in triggers)


def test_valence_and_arousal_are_measured_only_where_scores_are_published() -> None:
    told = offered(scores=True)
    components = json.loads(discovery(TOPICS, DEVICE, version="1", entities=told).payload)["components"]
    for key in ("valence", "arousal"):
        assert key not in message()["components"]
        assert components[key]["state_class"] == "measurement"
        assert components[key]["state_topic"] == TOPICS.of("scores")
        assert components[key]["value_template"] == f"{{{{ value_json.{key} }}}}"
        assert components[key]["expire_after"] == 30


def test_every_entity_has_platform_unique_id_and_an_id_with_its_domain() -> None:
    entities = {k: c for k, c in message()["components"].items() if c["platform"] != "device_automation"}
    assert len({component["unique_id"] for component in entities.values()}) == len(entities)
    for key, component in entities.items():
        assert component["unique_id"] == f"emotion_edge_living-room_{key}"
        assert component["default_entity_id"] == f"{component['platform']}.living_room_{key}"
        assert "object_id" not in component
        assert component["qos"] in (0, 1)


def test_options_come_with_the_enum_class_and_without_unit_or_state_class() -> None:
    emotion = message()["components"]["emotion"]
    assert emotion["options"] == [*LABELS, NONE]
    assert emotion["device_class"] == "enum"
    assert not {"state_class", "unit_of_measurement"} & set(emotion)


def test_a_sensor_of_words_is_no_measurement_and_an_alert_says_why() -> None:
    words = [one for one in offered(scores=True) if one.platform == "sensor" and one.kind in ("text", "word")]
    assert {one.key for one in words} == {"emotion", "alert"}
    assert all(one.options for one in words)
    alert = message()["components"]["alert"]
    assert alert["options"] == ["none", "notice", "warning", "critical"]
    assert "state_class" not in alert
    assert "value_json.get('message', none)" in alert["json_attributes_template"]


def test_event_types_are_the_labels_alone() -> None:
    assert message()["components"]["changed"]["event_types"] == list(LABELS)


def test_the_button_takes_the_same_path_as_every_restart() -> None:
    restart = message()["components"]["restart"]
    assert restart["command_topic"] == TOPICS.of("request/restart")
    assert restart["payload_press"] == "{}"


def test_nothing_that_home_assistant_sends_is_retained() -> None:
    assert not [c for c in message()["components"].values() if c.get("retain")]


def test_a_page_is_linked_only_where_there_is_one() -> None:
    assert "configuration_url" not in message()["device"]
    assert message("http://hub:8780/")["device"]["configuration_url"] == "http://hub:8780/"


def test_diagnostic_numbers_are_off_by_default() -> None:
    components = message()["components"]
    assert [k for k, c in components.items() if c.get("enabled_by_default") is False] == [
        "confidence",
        "latency",
        "fusion_rule",
        "reset_settings",
    ]


def test_settings_are_numbers_and_selects_that_send_one_key_each() -> None:
    choices = {"profile": ["none", "evening"], "face_model": ["face"], "speech_model": ["speech"]}
    told = offered(scores=False, choices=choices)
    components = json.loads(discovery(TOPICS, DEVICE, version="1", entities=told).payload)["components"]
    sensitivity, profile = components["sensitivity"], components["profile"]
    assert (sensitivity["platform"], sensitivity["min"], sensitivity["max"]) == ("number", 0, 100)
    assert sensitivity["command_template"] == "{{ {'sensitivity': value | float} | tojson }}"
    assert (profile["platform"], profile["options"]) == ("select", ["none", "evening"])
    assert profile["command_topic"] == TOPICS.of("settings/set")
    assert profile["command_template"] == "{{ {'profile': value} | tojson }}"
    assert profile["value_template"] == "{{ value_json.profile }}"
    assert {"face_model", "speech_model"} <= set(components)


def test_a_select_is_told_only_once_its_choices_are_known() -> None:
    assert not {"profile", "face_model", "speech_model"} & set(message()["components"])


@pytest.mark.parametrize(
    ("key", "payload", "value"),
    [
        ("emotion", {"emotion": "sad"}, "sad"),
        ("face", {"faces": 0}, False),
        ("face", {"faces": 2}, True),
        ("confidence", {"confidence": 0.81}, 81),
        ("problem", {"status": "ok"}, False),
        ("problem", {"status": "degraded"}, True),
        ("latency", {"face": {"latency_ms": 7.4}}, 7.4),
        ("latency", {"face": None}, None),
        ("latency", {}, None),
    ],
)
def test_the_table_reads_values_as_the_templates_do(key: str, payload: dict[str, Any], value: Any) -> None:
    assert by_key(key).read(payload) == value


def test_keys_are_unique() -> None:
    assert len({entity.key for entity in ENTITIES}) == len(ENTITIES)


def plan(**room: Any) -> RoomPlan:
    config = Config.model_validate({"device": {"id": "hub"}, "rooms": {"living": room}})
    return room_plans(config)[0]


LIVING = {"name": "Living room", "cameras": {"eye": {"source": "0"}}}


def test_a_room_is_a_device_behind_the_hub_with_what_its_devices_can_tell() -> None:
    hub = Topics("emotion-edge", "hub")
    entities = of_a_room(offered(scores=True), plan(**LIVING))
    sent = discovery(
        hub.room("living"), DeviceConfig(id="hub"), version="1", entities=entities, room=plan(**LIVING)
    )
    found = json.loads(sent.payload)
    assert sent.topic == "homeassistant/device/emotion_edge_hub__living/config"
    assert sent.refers, "it goes after the hub's"
    assert found["device"]["via_device"] == "emotion_edge_hub"
    assert (found["device"]["name"], found["device"]["suggested_area"]) == ("Living room", "Living room")
    assert found["availability"] == [{"topic": "emotion-edge/hub/availability"}]
    keys = {name for name in found["components"] if not name.startswith("trigger_")}
    settings = {"sensitivity", "half_life", "mood_of", "fusion_rule", "reset_settings"}
    moods = {"emotion", "changed", "glimpse", "sure", "confidence", "valence", "arousal"}
    assert keys == settings | moods | {"face", "camera"}
    assert found["components"]["sensitivity"]["state_topic"] == "emotion-edge/hub/living/settings"
    assert found["components"]["reset_settings"]["payload_press"] == '{"reset": true}'
    emotion = found["components"]["emotion"]
    assert emotion["unique_id"] == "emotion_edge_hub__living_emotion"
    assert emotion["default_entity_id"] == "sensor.hub_living_emotion"
    assert found["components"]["trigger_happy"]["topic"] == "emotion-edge/hub/living/event"


def test_a_hub_of_rooms_has_no_mood_and_takes_back_the_entities_of_one() -> None:
    every = offered(scores=True)
    sent = discovery(
        Topics("emotion-edge", "hub"),
        DeviceConfig(id="hub"),
        version="1",
        entities=of_the_device(every),
        gone=[one for one in every if one.scope == "room"],
    )
    found = json.loads(sent.payload)["components"]
    assert found["emotion"] == {"platform": "sensor"}
    assert found["trigger_happy"] == {"platform": "device_automation"}
    assert found["camera"]["name"] == "Cameras"
    assert found["restart"]["command_topic"] == "emotion-edge/hub/request/restart"


def test_every_entity_belongs_to_the_hub_or_to_its_rooms() -> None:
    every = offered(scores=True, choices=dict.fromkeys(("profile", "face_model", "speech_model"), ("a",)))
    both = {**LIVING, "microphones": {"ear": {}}}
    keys = {one.key for one in (*of_the_device(every), *of_a_room(every, plan(**both)))}
    assert keys == {one.key for one in every}
