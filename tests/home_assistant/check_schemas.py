"""The discovery message and the blueprint against Home Assistant's own schemas, without a broker."""

import copy
import importlib
import json
from pathlib import Path
from typing import Any

import voluptuous as vol
from homeassistant.components.automation.config import PLATFORM_SCHEMA
from homeassistant.components.blueprint.models import Blueprint, BlueprintInputs
from homeassistant.components.blueprint.schemas import BLUEPRINT_SCHEMA
from homeassistant.components.mqtt.device_trigger import TRIGGER_DISCOVERY_SCHEMA
from homeassistant.components.mqtt.schemas import DEVICE_DISCOVERY_SCHEMA
from homeassistant.util.yaml import loader

SHARED = ("availability", "payload_available", "payload_not_available")


def check_message(message: dict[str, Any]) -> int:
    """Validate the whole and each component; the number of components."""
    DEVICE_DISCOVERY_SCHEMA(copy.deepcopy(message))
    for component in message["components"].values():
        _check_component(component, message)
    return len(message["components"])


def check_refusals(message: dict[str, Any]) -> int:
    """Variants that Home Assistant must refuse, so that the checks above mean something."""
    on_top = message | {"schema": 1}
    in_device = message | {"device": message["device"] | {"schema": 1}}
    for broken in (on_top, in_device):
        _refused(lambda broken=broken: DEVICE_DISCOVERY_SCHEMA(copy.deepcopy(broken)))
    emotion = message["components"]["emotion"] | {"state_class": "measurement"}
    _refused(lambda: _check_component(emotion, message))
    return 3


def check_blueprint(path: Path) -> None:
    """The blueprint, and the automation it makes."""
    data = loader.load_yaml_dict(str(path))
    blueprint = Blueprint(data, expected_domain="automation", path=path.name, schema=BLUEPRINT_SCHEMA)
    inputs = {"emotion_sensor": "sensor.livingroom_emotion", "emotions": ["angry", "fear"]}
    made = BlueprintInputs(blueprint, {"use_blueprint": {"path": path.name, "input": inputs}})
    made.validate()
    PLATFORM_SCHEMA(made.async_substitute() | {"alias": "calm"})


def _check_component(component: dict[str, Any], message: dict[str, Any]) -> None:
    platform = component["platform"]
    shared = {key: message[key] for key in SHARED}
    described = {"device": message["device"], "origin": message["origin"]}
    if platform == "device_automation":
        TRIGGER_DISCOVERY_SCHEMA({**component, **described})
        return
    module = importlib.import_module(f"homeassistant.components.mqtt.{platform}")
    fields = {key: value for key, value in component.items() if key != "platform"}
    module.DISCOVERY_SCHEMA({**shared, **fields, **described})


def _refused(check: Any) -> None:
    try:
        check()
    except vol.Invalid:
        return
    raise AssertionError("Home Assistant takes a message that it should refuse")


def load_message(text: str) -> dict[str, Any]:
    """The message as sent."""
    message: dict[str, Any] = json.loads(text)
    return message
