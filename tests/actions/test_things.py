"""States as the makers' documentation shows them."""

from __future__ import annotations

from typing import Any

import pytest

from edge.actions.things import KINDS, look_of, same
from edge.config.things import Kind

WHITE = {"state": "ON", "brightness": 215, "color_temp": 325, "color_mode": "color_temp", "linkquality": 80}
COLORED = {
    "state": "ON",
    "brightness": 90,
    "color_mode": "xy",
    "color": {"x": 0.3, "y": 0.4},
    "color_temp": 250,
}
STRIP = {
    "on": True,
    "bri": 127,
    "transition": 7,
    "ps": -1,
    "nl": {"on": False},
    "seg": [
        {"id": 0, "start": 0, "stop": 20, "col": [[255, 160, 0], [0, 0, 0], [0, 0, 0]], "fx": 0, "pal": 0},
        {"id": 1, "stop": 0},
    ],
}
HUE = {
    "errors": [],
    "data": [
        {
            "id": "a",
            "on": {"on": True},
            "dimming": {"brightness": 44.27},
            "color_temperature": {"mirek": 366, "mirek_valid": True},
            "color": {"xy": {"x": 0.45, "y": 0.41}},
        }
    ],
}


@pytest.mark.parametrize(
    ("kind", "raw", "back"),
    [
        ("zigbee2mqtt", WHITE, {"state": "ON", "brightness": 215, "color_temp": 325, "transition": 2}),
        (
            "zigbee2mqtt",
            COLORED,
            {"state": "ON", "brightness": 90, "color": {"x": 0.3, "y": 0.4}, "transition": 2},
        ),
        ("zigbee2mqtt", {**WHITE, "state": "OFF"}, {"state": "OFF", "color_temp": 325, "transition": 2}),
        (
            "wled",
            STRIP,
            {
                "on": True,
                "bri": 127,
                "transition": 20,
                "seg": [{"id": 0, "col": [[255, 160, 0], [0, 0, 0], [0, 0, 0]], "fx": 0, "pal": 0}],
            },
        ),
        (
            "hue",
            HUE,
            {
                "on": {"on": True},
                "dimming": {"brightness": 44.27},
                "color_temperature": {"mirek": 366},
                "dynamics": {"duration": 2000},
            },
        ),
    ],
)
def test_a_state_is_read_and_put_back_in_the_makers_words(kind: Kind, raw: Any, back: dict[str, Any]) -> None:
    look = KINDS[kind].look(raw)
    assert look is not None
    assert KINDS[kind].back(look, 2.0) == back


@pytest.mark.parametrize("kind", list(KINDS))
def test_what_tells_no_state_has_none(kind: Kind) -> None:
    assert KINDS[kind].look({} if kind != "home-assistant" else [{}]) is None


ODD: list[Any] = [
    None,
    7,
    [],
    [7],
    {"on": {}, "seg": [1, 2]},
    {"on": 1, "seg": 5},
    {"data": {}},
    {"data": [{"on": True}]},
]


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("raw", ODD, ids=str)
def test_what_no_thing_of_this_kind_would_tell_is_no_error(kind: Kind, raw: Any) -> None:
    look = look_of(kind, raw)
    assert look is None or same(look, look)


def test_numbers_without_end_are_compared_all_the_same() -> None:
    huge = 10**400
    assert same({"bri": huge}, {"bri": huge})
    assert not same({"bri": huge}, {"bri": 0.5})


def test_lamps_may_round_but_not_change() -> None:
    red = {"state": "ON", "brightness": 200, "color": {"x": 0.701, "y": 0.299}}
    assert same(red, {"state": "ON", "brightness": 202, "color": {"x": 0.7, "y": 0.3}})
    assert not same(red, {**red, "brightness": 180})
    assert not same(red, {**red, "color": {"x": 0.6, "y": 0.3}})
    assert not same(red, {**red, "state": "OFF"})
    assert not same(red, {"state": "ON", "brightness": 200})
    assert same({**red, "state": "OFF"}, {"state": "OFF"})
