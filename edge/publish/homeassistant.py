"""Home Assistant's device discovery message (2024.12 or newer), made from the table of entities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from edge.config.models import DeviceConfig
from edge.config.plans import RoomPlan
from edge.publish.entities import offered
from edge.publish.entity import Entity, Kind
from edge.publish.mqtt.message import Message, encode
from edge.publish.topics import Topics
from edge.vocabulary import LABELS

__all__ = ["OFFLINE", "ONLINE", "component", "discovery", "removal", "template", "trigger"]

ONLINE: Final = "online"
OFFLINE: Final = "offline"
_ABSENT: Final = {"sure": "true", "people": "0", "moods": "{}"}
"""What an attribute is where the payload does not have it."""

_TEMPLATES: Final[dict[Kind, str]] = {
    "text": "{{ %s }}",
    "number": "{{ %s }}",
    "flag": "{{ 'ON' if %s else 'OFF' }}",
    "percent": "{{ (%s * 100) | round(0) }}",
    "problem": "{{ 'OFF' if %s == 'ok' else 'ON' }}",
}


def discovery(
    topics: Topics,
    device: DeviceConfig,
    *,
    version: str,
    url: str | None = None,
    entities: Sequence[Entity] | None = None,
    room: RoomPlan | None = None,
    gone: Iterable[Entity] = (),
) -> Message:
    """The retained message that makes the device and all its entities appear.

    With `room` it is that of a room, a device of its own behind the hub. `gone` are entities to be removed.

    `url` is the device's own page, http or https. No key beyond Home Assistant's own is sent at the top
    or in `device`: one unknown key there would make it reject the whole message.
    """
    told = offered(scores=False) if entities is None else entities
    components = {entity.key: component(entity, topics, device) for entity in told}
    triggers = {f"trigger_{label}": trigger(label, topics) for label in LABELS}
    if any(entity.key == "changed" for entity in told):
        components |= triggers
    else:
        components |= {name: {"platform": "device_automation"} for name in triggers}
    components |= {entity.key: {"platform": entity.platform} for entity in gone}
    payload = {
        "device": _device(topics, device, version, url, room),
        "origin": {"name": "emotion-edge", "sw_version": version},
        "availability": [{"topic": topics.room(None).of("availability")}],
        "payload_available": ONLINE,
        "payload_not_available": OFFLINE,
        "components": components,
    }
    return Message(topics.discovery, encode(payload), retain=True, refers=room is not None)


def removal(topics: Topics) -> Message:
    """The empty retained message that makes the device and all its entities disappear."""
    return Message(topics.discovery, b"", retain=True)


def component(entity: Entity, topics: Topics, device: DeviceConfig) -> dict[str, Any]:
    """One entity as Home Assistant's MQTT integration takes it."""
    found: dict[str, Any] = {
        "platform": entity.platform,
        "unique_id": f"{topics.node}_{entity.key}",
        "name": entity.name,
        "default_entity_id": f"{entity.platform}.{_place(topics, device)}_{entity.key}",
        "device_class": entity.device_class,
        "icon": entity.icon,
        "entity_category": entity.category,
        "unit_of_measurement": entity.unit,
        "state_topic": topics.of(entity.topic) if entity.topic else None,
        "command_topic": topics.of(entity.command) if entity.command else None,
        "value_template": template(entity),
        "qos": entity.qos,
        "expire_after": entity.expires,
    }
    found |= _specific(entity, topics)
    if not entity.enabled:
        found["enabled_by_default"] = False
    return {key: value for key, value in found.items() if value is not None}


def template(entity: Entity) -> str | None:
    """The Jinja expression that reads the entity's value; a missing part gives None, which means unknown."""
    if not entity.path or entity.platform == "event":
        return None
    *parents, last = entity.path
    steps = "".join(f".get('{name}', {{}})" for name in parents)
    value = f"value_json{steps}.get('{last}')" if parents else f"value_json.{last}"
    return _TEMPLATES[entity.kind] % value


def trigger(label: str, topics: Topics) -> dict[str, Any]:
    """A device trigger: what the automation editor offers as "Emotion angry"."""
    return {
        "platform": "device_automation",
        "automation_type": "trigger",
        "type": "emotion",
        "subtype": label,
        "topic": topics.of("event"),
        "value_template": "{{ value_json.event_type }}",
        "payload": label,
        "qos": 1,
    }


def _place(topics: Topics, device: DeviceConfig) -> str:
    return (device.id if topics.level is None else f"{device.id}_{topics.level}").replace("-", "_")


def _device(
    topics: Topics, device: DeviceConfig, version: str, url: str | None, room: RoomPlan | None
) -> dict[str, Any]:
    found = {
        "identifiers": [topics.node],
        "name": device.name if room is None else room.name,
        "manufacturer": "emotion-edge",
        "model": "Emotion sensor",
        "sw_version": version,
        "suggested_area": device.room if room is None else room.area,
        "configuration_url": url,
        "via_device": None if room is None else topics.room(None).node,
    }
    return {key: value for key, value in found.items() if value is not None}


def _specific(entity: Entity, topics: Topics) -> dict[str, Any]:
    if entity.platform == "event":
        return {"event_types": list(entity.options)}
    if entity.platform == "button":
        return {"payload_press": entity.press}
    if entity.sets is not None:
        return _setting(entity)
    if entity.platform != "sensor":
        return {}
    if entity.options:
        return {
            "options": list(entity.options),
            "json_attributes_topic": topics.of(entity.topic or ""),
            "json_attributes_template": _attributes(entity),
        }
    return {"state_class": "measurement", "suggested_display_precision": _precision(entity)}


def _attributes(entity: Entity) -> str:
    read = (f"'{name}': value_json.get('{name}', {_ABSENT.get(name, 'none')})" for name in entity.attributes)
    return "{{ {" + ", ".join(read) + "} | tojson }}"


def _setting(entity: Entity) -> dict[str, Any]:
    value = "value | float" if entity.platform == "number" else "value"
    command = "{{ {'" + str(entity.sets) + "': " + value + "} | tojson }}"
    found: dict[str, Any] = {"command_template": command}
    if entity.options:
        found["options"] = list(entity.options)
    if entity.limits is not None:
        found |= dict(zip(("min", "max", "step"), entity.limits, strict=True))
    return found


def _precision(entity: Entity) -> int:
    return 0 if entity.kind == "percent" else 1 if entity.unit else 2
