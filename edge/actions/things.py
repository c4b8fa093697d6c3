"""The state of what is driven: what counts of it, whether two states are one, what brings one back. Pure.

Each kind follows its maker's documentation: zigbee2mqtt's state topics, WLED's JSON interface, Home
Assistant's REST interface, and Hue's CLIP v2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from edge.config.things import Kind

__all__ = ["KINDS", "Look", "LookKind", "look_of", "same"]

Look = Mapping[str, Any]
"""Those parts of a state that a mood may change and that can be put back."""

_NEAR: Final = 0.02
_GREATEST: Final = 1e9
"""No lamp counts further; whole numbers of JSON have no end."""
_SEGMENT: Final = ("id", "on", "bri", "col", "fx", "sx", "ix", "pal")
_ATTRIBUTES: Final = ("brightness", "color_temp_kelvin", "xy_color", "effect", "volume_level")


@dataclass(frozen=True, slots=True)
class LookKind:
    """How a state is read out of what a thing says, and the payload that brings it back."""

    look: Callable[[Any], Look | None]
    back: Callable[[Look, float], dict[str, Any]]


def look_of(kind: Kind, raw: Any) -> Look | None:
    """What counts of a state as a thing tells it; None for what no thing of this kind would say."""
    try:
        return KINDS[kind].look(raw)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return None


def same(one: object, other: object) -> bool:
    """Are both the same state? Lamps round: numbers may differ by 2 % or by 2. All off is the same."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        if _off(one) and _off(other):
            return True
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, str) or isinstance(other, str) or isinstance(one, bool) or isinstance(other, bool):
        return one == other
    if isinstance(one, Sequence) and isinstance(other, Sequence):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other or _near(one, other)
    return one == other


def _near(one: float, other: float) -> bool:
    greatest = max(abs(one), abs(other))
    if greatest > _GREATEST:
        return False
    return abs(one - other) <= max(2.0 if greatest > 1.0 else 0.01, _NEAR * greatest)


def _off(look: Mapping[str, Any]) -> bool:
    return look.get("state") in ("OFF", "off") or look.get("on") is False


def _present(values: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: values[name] for name in names if values.get(name) is not None}


def _zigbee(raw: Any) -> Look | None:
    if not isinstance(raw, Mapping) or "state" not in raw:
        return None
    return {**_present(raw, ("state", "brightness")), **_zigbee_color(raw)}


def _zigbee_color(raw: Mapping[str, Any]) -> dict[str, Any]:
    color = raw.get("color") if isinstance(raw.get("color"), Mapping) else {}
    if raw.get("color_mode") == "color_temp" or not color:
        return _present(raw, ("color_temp",))
    axes = ("hue", "saturation") if raw.get("color_mode") == "hs" else ("x", "y")
    found = _present(color, axes)
    return {"color": found} if found else {}


def _zigbee_back(look: Look, transition: float) -> dict[str, Any]:
    payload = dict(look)
    if _off(look):
        payload.pop("brightness", None)
    return {**payload, "transition": transition}


def _wled(raw: Any) -> Look | None:
    if not isinstance(raw, Mapping) or "on" not in raw:
        return None
    segments = [_present(segment, _SEGMENT) for segment in raw.get("seg", ()) if segment.get("stop") != 0]
    return {**_present(raw, ("on", "bri")), "seg": segments}


def _wled_back(look: Look, transition: float) -> dict[str, Any]:
    return {**look, "transition": round(transition * 10)}


def _entities(raw: Any) -> Look | None:
    found = {
        state["entity_id"]: {
            "state": state.get("state"),
            **_present(state.get("attributes") or {}, _ATTRIBUTES),
        }
        for state in raw
        if isinstance(state, Mapping) and "entity_id" in state
    }
    return found or None


def _scene_back(_: Look, transition: float) -> dict[str, Any]:
    return {"transition": transition}


def _hue(raw: Any) -> Look | None:
    data = raw.get("data") if isinstance(raw, Mapping) else None
    if not data or "on" not in data[0]:
        return None
    light = data[0]
    look = {"on": light["on"]["on"]}
    if "dimming" in light:
        look["brightness"] = light["dimming"]["brightness"]
    white = light.get("color_temperature") or {}
    if white.get("mirek") is not None and white.get("mirek_valid", True):
        return {**look, "mirek": white["mirek"]}
    return {**look, "xy": dict(light["color"]["xy"])} if "color" in light else look


def _hue_back(look: Look, transition: float) -> dict[str, Any]:
    body: dict[str, Any] = {"on": {"on": look["on"]}, "dynamics": {"duration": round(transition * 1000)}}
    if "brightness" in look and look["on"]:
        body["dimming"] = {"brightness": look["brightness"]}
    if "mirek" in look:
        body["color_temperature"] = {"mirek": look["mirek"]}
    if "xy" in look:
        body["color"] = {"xy": look["xy"]}
    return body


KINDS: Final[Mapping[Kind, LookKind]] = {
    "zigbee2mqtt": LookKind(_zigbee, _zigbee_back),
    "wled": LookKind(_wled, _wled_back),
    "home-assistant": LookKind(_entities, _scene_back),
    "hue": LookKind(_hue, _hue_back),
}
