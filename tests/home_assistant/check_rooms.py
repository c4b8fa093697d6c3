"""A hub of two rooms in Home Assistant: three devices, what each can tell, and what people do with them."""

from __future__ import annotations

import asyncio
import shutil
from functools import partial
from pathlib import Path

from home_assistant.house import ROOT, Daemon, device_of, entities, until
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

__all__ = ["check_house", "house_daemon"]

_SETTINGS = {
    "button.{}_reset_settings",
    "number.{}_half_life",
    "number.{}_sensitivity",
    "select.{}_fusion_rule",
    "select.{}_mood_of",
    "select.{}_profile",
}
_ROOM = _SETTINGS | {
    "binary_sensor.{}_face",
    "binary_sensor.{}_sure",
    "event.{}_changed",
    "event.{}_glimpse",
    "sensor.{}_arousal",
    "sensor.{}_confidence",
    "sensor.{}_emotion",
    "sensor.{}_valence",
    "switch.{}_camera",
}
_HEARING = {"binary_sensor.{}_speech", "switch.{}_microphone"}
_HUB = _SETTINGS | {
    "binary_sensor.{}_problem",
    "button.{}_acknowledge",
    "button.{}_restart",
    "select.{}_face_model",
    "select.{}_speech_model",
    "sensor.{}_alert",
    "sensor.{}_latency",
    "switch.{}_actions",
    "switch.{}_camera",
    "switch.{}_microphone",
}
_EMOTIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


def house_daemon(folder: Path, port: int) -> Daemon:
    """Two rooms, each on a copy of the sample clip; only the living room hears."""
    clips = {room: folder / f"{room}.mp4" for room in ("living", "nursery")}
    for clip in clips.values():
        shutil.copy(ROOT / "edge/samples/sample.mp4", clip)
    ears = "{ear: {source: camera}}"
    text = (
        "device: {id: hub, name: Hub}\n"
        f"mqtt: {{host: 127.0.0.1, port: {port}, scores: true, people: true}}\n"
        "rooms:\n"
        "  living:\n"
        "    name: Living room\n"
        f"    cameras: {{eye: {{source: {clips['living']}, fps: 5}}}}\n"
        f"    microphones: {ears}\n"
        "  nursery:\n"
        f"    cameras: {{eye: {{source: {clips['nursery']}, fps: 5}}}}\n"
    )
    return Daemon(folder, port, clips["nursery"], text)


async def check_house(hass: HomeAssistant, daemon: Daemon) -> list[str]:
    """What a household of two rooms does; one line for each thing that was seen to work."""
    return [
        await _devices(hass),
        await _mood_and_people(hass),
        await _one_room_closed(hass, daemon),
        await _one_room_tuned(hass),
        await _removed(hass, daemon),
    ]


def _named(templates: set[str], place: str) -> set[str]:
    return {one.format(place) for one in templates}


async def _devices(hass: HomeAssistant) -> str:
    parts = {
        "hub": _named(_HUB, "hub"),
        "hub_living": _named(_ROOM | _HEARING, "hub_living"),
        "hub_nursery": _named(_ROOM, "hub_nursery"),
    }
    expected = set().union(*parts.values())
    await until(lambda: set(entities(hass)) >= expected, lambda: f"missing: {expected - set(entities(hass))}")
    assert set(entities(hass)) == expected, set(entities(hass)) ^ expected
    devices = [one for one in dr.async_get(hass).devices.values() if one.manufacturer == "emotion-edge"]
    assert {one.name for one in devices} == {"Hub", "Living room", "Nursery"}, [one.name for one in devices]
    hub = next(one for one in devices if one.name == "Hub")
    for one in devices:
        assert (one.via_device_id == hub.id) == (one is not hub), (one.name, one.via_device_id)
    for place, names in parts.items():
        owners = {device_of(hass, name) for name in names}
        assert len(owners) == 1, (place, owners)
    counted = ", ".join(f"{place} {len(names)}" for place, names in parts.items())
    return f"three devices, the rooms via the hub; entities: {counted}"


def _state(hass: HomeAssistant, entity: str) -> str:
    state = hass.states.get(entity)
    return "gone" if state is None else state.state


async def _call(hass: HomeAssistant, domain: str, service: str, entity: str, **data: object) -> None:
    await hass.services.async_call(domain, service, {"entity_id": entity, **data}, blocking=True)


async def _mood_and_people(hass: HomeAssistant) -> str:
    for entity in ("sensor.hub_living_emotion", "sensor.hub_nursery_emotion"):
        await until(partial(_is_mood, hass, entity), f"a mood in {entity}")
        await until(partial(_counts_one, hass, entity), f"one person in {entity}")
    return f"moods of two rooms, the living room {_state(hass, 'sensor.hub_living_emotion')}"


def _is_mood(hass: HomeAssistant, entity: str) -> bool:
    return _state(hass, entity) in _EMOTIONS


def _counts_one(hass: HomeAssistant, entity: str) -> bool:
    state = hass.states.get(entity)
    return state is not None and state.attributes["people"] == 1 and "moods" in state.attributes


async def _one_room_closed(hass: HomeAssistant, daemon: Daemon) -> str:
    assert daemon.holds_clip()
    await _call(hass, "switch", "turn_off", "switch.hub_nursery_camera")
    await until(lambda: _state(hass, "switch.hub_nursery_camera") == "off", "the nursery's camera off")
    assert not daemon.holds_clip(), "off was told before the device was closed"
    await until(lambda: _state(hass, "sensor.hub_nursery_emotion") == "none", "nobody in the nursery")
    assert _state(hass, "switch.hub_living_camera") == "on"
    assert _state(hass, "switch.hub_camera") == "on", "a camera of some room is open"
    await _call(hass, "switch", "turn_off", "switch.hub_camera")
    await until(lambda: _state(hass, "switch.hub_living_camera") == "off", "the hub's switch closes all")
    await _call(hass, "switch", "turn_on", "switch.hub_camera")
    await until(lambda: _state(hass, "switch.hub_nursery_camera") == "on", "all open again")
    return "one room is closed alone, the hub's switch closes and opens all"


async def _one_room_tuned(hass: HomeAssistant) -> str:
    number, select = "number.hub_nursery_sensitivity", "select.hub_nursery_mood_of"
    await _call(hass, "number", "set_value", number, value=60)
    await until(lambda: _state(hass, number) == "60", lambda: f"60; it is {_state(hass, number)}")
    await _call(hass, "select", "select_option", select, option="subject")
    await until(lambda: _state(hass, select) == "subject", "subject in the nursery")
    assert _state(hass, "select.hub_mood_of") == _state(hass, "select.hub_living_mood_of") == "all"
    await _call(hass, "select", "select_option", "select.hub_mood_of", option="strongest")
    await until(
        lambda: _state(hass, "select.hub_living_mood_of") == "strongest", "the hub's counts in the rest"
    )
    assert _state(hass, select) == "subject"
    return "a room is tuned alone, and what is set for all counts in the others"


async def _removed(hass: HomeAssistant, daemon: Daemon) -> str:
    daemon.stop()
    await asyncio.to_thread(daemon.command, "mqtt", "remove-discovery")
    await until(lambda: not entities(hass), lambda: f"no entities; there: {set(entities(hass))}")
    left = [one.name for one in dr.async_get(hass).devices.values() if one.manufacturer == "emotion-edge"]
    assert not left, left
    return "remove-discovery removed the hub and both rooms"
