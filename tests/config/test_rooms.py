"""What may stand in `rooms`, and what does not go together there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from edge.config import Config, load_config
from edge.config.plans import device_plans, room_plans
from edge.config.schedule import Period
from edge.config.settings import Settings, applied, changed, room_values
from edge.config.topic_words import TOPIC_WORDS
from edge.errors import ConfigError


def camera(source: str = "0", **keys: Any) -> dict[str, Any]:
    return {"cameras": {"eye": {"source": source, **keys}}}


def refusal(folder: Path, **sections: Any) -> str:
    file = folder / "config.yaml"
    file.write_text(yaml.safe_dump(sections, sort_keys=False))
    with pytest.raises(ConfigError) as refused:
        load_config(file, env={})
    return str(refused.value)


def test_without_rooms_a_file_is_one_room_that_is_called_like_the_device() -> None:
    config = Config.model_validate({"device": {"id": "attic", "room": "Attic"}, "camera": {"fps": 5}})
    (plan,) = room_plans(config)
    assert (plan.id, plan.level, plan.key, plan.name, plan.area) == ("attic", None, "", "Attic", "Attic")
    assert [device.label for device in device_plans(config)] == ["camera", "microphone"]
    assert [device.switch for device in device_plans(config)] == ["camera", "microphone"]
    assert plan.fps == 5


def test_rooms_have_levels_names_and_what_is_not_their_own_from_the_file() -> None:
    config = Config.model_validate(
        {
            "fusion": {"people": "subject"},
            "rooms": {
                "living-room": camera(fps=10) | {"microphones": {"ear": {}}},
                "cot": camera("1") | {"name": "Baby", "fusion": {"people": "strongest"}},
            },
        }
    )
    living, cot = room_plans(config)
    assert (living.level, living.name, living.fps, living.fusion.people) == (
        "living-room",
        "Living room",
        10,
        "subject",
    )
    assert (cot.name, cot.fusion.people, cot.has("microphone")) == ("Baby", "strongest", False)
    assert [device.switch for device in living.cameras] == ["living-room/camera"]


def test_a_device_that_is_not_used_belongs_to_no_room_but_is_listed() -> None:
    rooms = {"hall": {"cameras": {"eye": {"enabled": False}}, "microphones": {"ear": {}}}}
    config = Config.model_validate({"rooms": rooms})
    assert room_plans(config)[0].cameras == ()
    assert [device.label for device in device_plans(config)] == ["camera hall/eye", "microphone hall/ear"]


@pytest.mark.parametrize("word", sorted({*TOPIC_WORDS, "set", "status"}))
def test_a_word_of_the_topics_is_no_room(word: str, tmp_path: Path) -> None:
    told = refusal(tmp_path, rooms={word: camera()})
    assert f"rooms.{word}: '{word}' is a word of the topics; choose another id" in told


@pytest.mark.parametrize(
    ("rooms", "says"),
    [
        ({"hall": {}}, "rooms.hall: has neither a camera nor a microphone"),
        ({"hall": camera(enabled=False)}, "rooms.hall: has neither a camera nor a microphone"),
        (
            {"hall": camera(), "den": camera("1") | {"name": "hall"}},
            "rooms.den.name: the room 'hall' is called so, too",
        ),
        (
            {"hall": camera("0"), "den": camera("/dev/video0")},
            "rooms.den.cameras.eye.source: rooms.hall.cameras.eye looks at the same picture",
        ),
        (
            {"hall": camera(region=[0, 0, 0.5, 1]), "den": camera(region=[0.5, 0, 0.5, 1], fps=5)},
            "rooms.den.cameras.eye: shares its camera with rooms.hall.cameras.eye",
        ),
        (
            {"hall": {"microphones": {"ear": {}}}, "den": {"microphones": {"ear": {}}}},
            "rooms.den.microphones.ear.source: rooms.hall.microphones.ear listens there, too",
        ),
        (
            {"hall": {"microphones": {"ear": {"source": "camera"}}}},
            "rooms.hall.microphones.ear.source: camera: the room has no camera",
        ),
        (
            {"hall": camera() | {"overlap": ["eye", "eey"]}},
            "rooms.hall.overlap[1]: this room has no camera 'eey', did you mean 'eye'?",
        ),
        ({"hall": camera() | {"overlap": ["eye"]}}, "rooms.hall.overlap: names one camera only"),
        ({"hall": camera(region=[0.6, 0, 0.6, 1])}, "reaches beyond the picture's border"),
    ],
)
def test_what_cannot_work_is_refused_in_one_line_with_its_place(
    rooms: dict[str, Any], says: str, tmp_path: Path
) -> None:
    told = refusal(tmp_path, rooms=rooms)
    assert says in told
    assert len(told.splitlines()) == 1


def test_two_seats_of_one_camera_may_share_a_microphone() -> None:
    ear = {"microphones": {"roof": {"source": "roof"}}}
    seats = {
        "driver": camera(region=[0, 0, 0.5, 1]) | ear,
        "passenger": camera(region=[0.5, 0, 0.5, 1]) | ear,
    }
    assert len(room_plans(Config.model_validate({"rooms": seats}))) == 2


def test_devices_stand_in_rooms_or_above_them_and_rules_name_rooms_that_are_there(tmp_path: Path) -> None:
    rule = {"name": "calm", "when": ["angry"], "room": "hal", "then": [{"alert": {}}]}
    told = refusal(tmp_path, camera={"fps": 5}, rooms={"hall": camera()}, actions={"rules": [rule]})
    assert "camera: stands beside rooms; move it to rooms.ROOM.cameras.NAME, or remove it" in told
    assert "actions.rules[0].room: there is no room 'hal', did you mean 'hall'?" in told
    alone = refusal(tmp_path, actions={"rules": [rule]})
    assert "there is no room 'hal'; the file has no rooms; remove the line" in alone


def test_a_light_cannot_follow_several_rooms(tmp_path: Path) -> None:
    light = {
        "name": "glow",
        "light": {"preset": "wled", "parameters": {"id": "desk"}},
        "map": {"valence": {"brightness": [10, 80]}},
    }
    rooms = {"hall": camera("0"), "den": camera("1")}
    told = refusal(tmp_path, rooms=rooms, actions={"follow": [light]})
    assert "actions.follow[0].room: one light cannot follow several rooms; name one of hall, den" in told


def test_a_schedule_names_rooms_that_are_there_with_or_without_quotes(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    rooms = "rooms: {hall: {cameras: {eye: {}}}, den: {microphones: {ear: {}}}}\n"
    for span in ("22:00-07:00 room:hall", "22:00-07:00 room: hall", "'22:00-07:00 room: hall'"):
        file.write_text(f"{rooms}privacy:\n  schedule:\n    - {span}\n")
        (told,) = load_config(file, env={}).config.privacy.schedule
        assert Period.parse(told).rooms == ("hall",)
    file.write_text(f"{rooms}privacy:\n  schedule:\n    - 21:00-22:00\n    - 22:00-07:00 room:hal\n")
    with pytest.raises(ConfigError) as refused:
        load_config(file, env={})
    assert "privacy.schedule[1]: there is no room 'hal', did you mean 'hall'?" in str(refused.value)
    alone = refusal(tmp_path, privacy={"schedule": ["22:00-07:00 room:hall"]})
    assert "there is no room 'hall'; this file has no rooms" in alone


def test_paths_of_rooms_start_at_the_folder_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").touch()
    file = tmp_path / "config.yaml"
    file.write_text(yaml.safe_dump({"rooms": {"hall": camera("clip.mp4")}}))
    config = load_config(file, env={}).config
    assert config.rooms["hall"].cameras["eye"].source == str(tmp_path / "clip.mp4")


def test_a_room_names_only_what_differs_from_the_sections_of_all(tmp_path: Path) -> None:
    own = camera("1") | {
        "smoothing": {"dwell": 3, "thresholds": {"angry": 0.9}},
        "fusion": {"people": "subject"},
    }
    file = {
        "smoothing": {"half_life": 2, "enter": 0.6, "thresholds": {"sad": 0.7}},
        "fusion": {"rule": "mean"},
    }
    hall, den = room_plans(Config.model_validate({"rooms": {"hall": camera(), "den": own}, **file}))
    assert (hall.smoothing.half_life, hall.smoothing.dwell, hall.fusion.people) == (2, 0.8, "all")
    assert (den.smoothing.half_life, den.smoothing.dwell, den.smoothing.enter) == (2, 3, 0.6)
    assert (den.fusion.people, den.fusion.rule) == ("subject", "mean")
    assert [den.smoothing.enter_exit_dwell(label)[0] for label in ("angry", "sad")] == [0.9, 0.7]
    loose = camera() | {"smoothing": {"exit": 0.5}}
    Config.model_validate({"rooms": {"hall": loose}, "smoothing": {"enter": 0.6}})
    told = refusal(tmp_path, rooms={"hall": loose}, smoothing={"enter": 0.42})
    assert "rooms.hall.smoothing.exit: must not be above enter (0.42)" in told


def test_a_room_may_be_in_a_profile_of_its_own() -> None:
    rooms = {
        "hall": camera(),
        "den": camera("1") | {"profile": "night"},
        "loo": camera("2") | {"profile": "none"},
    }
    config = Config.model_validate({"rooms": rooms, "actions": {"profile": "day"}})
    assert [plan.profile for plan in room_plans(config)] == ["day", "night", None]


def test_settings_hold_in_every_room_those_with_limits_of_their_own_too() -> None:
    own = camera("1") | {"smoothing": {"enter": 0.6, "exit": 0.5}}
    config = Config.model_validate({"rooms": {"hall": camera(), "den": own}})
    hall, den = room_plans(applied(Settings(sensitivity=60, people="subject"), config))
    assert hall.smoothing.enter == pytest.approx(0.40)
    assert den.smoothing.enter == pytest.approx(0.55)
    assert (hall.fusion.people, den.fusion.people) == ("subject", "subject")


def test_settings_of_one_room_stand_above_those_of_all() -> None:
    own = camera("1") | {"smoothing": {"enter": 0.6}}
    config = Config.model_validate({"rooms": {"hall": camera(), "den": own, "loo": camera("2")}})
    wanted = changed(
        Settings(sensitivity=60, people="subject"), {"sensitivity": 70, "rule": "mean"}, room="den"
    )
    wanted = changed(wanted, {"people": "strongest", "profile": "night"}, room="loo")
    found = applied(wanted, config)
    hall, den, loo = room_plans(found)
    assert hall == room_plans(applied(Settings(sensitivity=60, people="subject"), config))[0]
    assert (den.smoothing.enter, den.fusion.rule, den.fusion.people) == (0.5, "mean", "subject")
    assert (loo.smoothing.enter, loo.fusion.people, loo.profile) == (0.4, "strongest", "night")
    assert Config.model_validate(found.model_dump(by_alias=True)) == found
    assert room_values(wanted, found, "den") == {
        "sensitivity": 70,
        "profile": "none",
        "rule": "mean",
        "people": "subject",
        "half_life": 0.5,
    }
    given_back = changed(changed(wanted, {"people": None, "profile": None}, room="loo"), {"people": "all"})
    assert set(given_back.rooms) == {"den"}
    assert room_plans(applied(given_back, config))[2].fusion.people == "all"


def test_what_is_for_all_rooms_alike_is_refused_in_one(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match="settings of den: face_model: unknown key; known here: sensitivity"
    ):
        changed(Settings(), {"face_model": "face-small"}, room="den")
    with pytest.raises(ConfigError, match="settings: rooms: unknown key"):
        changed(Settings(), {"rooms": {"den": {}}})
