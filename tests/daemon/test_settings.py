"""What people set while the daemon runs: remembered, refused, given back to the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edge.config import Config
from edge.daemon.settings import RuntimeSettings, choices
from edge.errors import ConfigError

RULE = {"name": "a", "when": ["happy"], "profile": "evening", "then": [{"mqtt": {"topic": "t"}}]}


def config(**sections: Any) -> Config:
    return Config.model_validate({"device": {"id": "hub"}, **sections})


def loaded(folder: Path, file: Config | None = None) -> RuntimeSettings:
    return RuntimeSettings.load(file or config(), {"STATE_DIRECTORY": str(folder)})


def test_what_is_set_outlives_the_daemon_and_reset_leaves_nothing_behind(tmp_path: Path) -> None:
    settings = loaded(tmp_path)
    settings.take(settings.with_changes({"people": "subject", "sensitivity": 60}))
    again = loaded(tmp_path)
    assert again.config.fusion.people == "subject"
    assert again.view()["set"] == ["sensitivity", "people"]
    assert again.view()["file"]["people"] == "all"
    again.take(again.with_changes({"reset": True}))
    assert again.config == config()
    assert list(tmp_path.iterdir()) == []


def test_a_refusal_changes_nothing(tmp_path: Path) -> None:
    settings = loaded(tmp_path)
    for asked in ({"people": "nobody"}, {"profile": "evening"}, {"face_model": "/etc/passwd"}, {"reset": 1}):
        with pytest.raises(ConfigError):
            settings.with_changes(asked)
    assert settings.config == config()
    assert list(tmp_path.iterdir()) == []


def test_models_of_this_device_and_profiles_of_the_rules_can_be_chosen(tmp_path: Path) -> None:
    found = choices(config(actions={"rules": [RULE]}), {"XDG_CACHE_HOME": str(tmp_path)})
    assert found.profile == ("none", "evening")
    assert {"face", "face-small", "face-int8"} <= set(found.face_model)
    assert "speech" in found.speech_model
    assert not {"vad", "speech"} & set(found.face_model)


@pytest.mark.parametrize("damage", ["{", "[]", '"word"', "3", '{"people": "nobody"}', '{"unknown": 1}'])
def test_a_damaged_file_is_a_problem_and_the_configuration_counts(tmp_path: Path, damage: str) -> None:
    (tmp_path / "settings-hub.json").write_text(damage)
    settings = loaded(tmp_path)
    assert settings.config == config()
    (problem,) = settings.problems()
    assert "settings-hub.json cannot be used" in problem.text
    settings.take(settings.with_changes({"half_life": 2}))
    assert settings.problems() == []
    assert json.loads((tmp_path / "settings-hub.json").read_text()) == {"half_life": 2.0}


def test_a_setting_that_the_file_no_longer_has_rests_and_comes_back(tmp_path: Path) -> None:
    with_rule = config(actions={"rules": [RULE]})
    settings = loaded(tmp_path, with_rule)
    settings.take(settings.with_changes({"profile": "evening", "half_life": 2}))
    without = settings.rebased(config())
    assert without.config.actions.profile is None
    assert without.config.smoothing.half_life == 2
    assert [problem.text for problem in without.problems()] == [
        "profile: there is no 'evening'; there are none"
    ]
    assert without.rebased(with_rule).config.actions.profile == "evening"


def test_another_device_has_its_own(tmp_path: Path) -> None:
    settings = loaded(tmp_path)
    settings.take(settings.with_changes({"half_life": 2}))
    assert settings.rebased(config(device={"id": "other"})).view()["set"] == []


def test_what_cannot_be_stored_counts_and_is_stored_later(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.write_text("in the way")
    settings = loaded(folder)
    settings.take(settings.with_changes({"half_life": 2}))
    assert settings.config.smoothing.half_life == 2
    assert "cannot store the settings" in settings.view()["not_stored"]
    folder.unlink()
    settings.retry()
    assert settings.problems() == []
    assert loaded(folder).config.smoothing.half_life == 2


ROOMS = {name: {"cameras": {"eye": {"source": str(n)}}} for n, name in enumerate(("hall", "den"))}


def test_a_room_has_settings_of_its_own_over_restarts_and_reset_gives_them_back(tmp_path: Path) -> None:
    house = config(rooms=ROOMS)
    settings = loaded(tmp_path, house)
    settings.take(settings.with_changes({"people": "subject"}))
    settings.take(settings.with_changes({"room": "den", "people": "strongest", "half_life": 2}))
    again = loaded(tmp_path, house)
    assert (again.view("hall")["values"]["people"], again.view("hall")["set"]) == ("subject", [])
    assert (again.view("den")["values"]["people"], again.view("den")["set"]) == (
        "strongest",
        ["people", "half_life"],
    )
    assert again.view()["rooms"] == {"hall": {}, "den": {"people": "strongest", "half_life": 2}}
    assert "face_model" not in again.view("den")["choices"]
    again.take(again.with_changes({"room": "den", "reset": True}))
    assert again.view("den")["values"]["people"] == "subject"
    again.take(again.with_changes({"room": "den", "rule": "mean"}))
    again.take(again.with_changes({"reset": True}))
    assert again.config == house
    assert list(tmp_path.iterdir()) == []


def test_a_room_that_comes_back_is_set_as_it_was_left(tmp_path: Path) -> None:
    both = config(rooms=ROOMS)
    settings = loaded(tmp_path, both)
    settings.take(settings.with_changes({"room": "den", "rule": "mean"}))
    without = settings.rebased(config(rooms={"hall": ROOMS["hall"]}))
    assert without.problems() == []
    assert without.view()["rooms"] == {"hall": {}}
    assert without.rebased(both).view("den")["values"]["rule"] == "mean"


def test_a_refusal_for_a_room_names_it(tmp_path: Path) -> None:
    settings = loaded(tmp_path, config(rooms=ROOMS))
    for asked, says in (
        ({"room": "attic", "rule": "mean"}, "there is no room 'attic'; there are hall, den"),
        ({"room": ["den"], "rule": "mean"}, "there is no room"),
        ({"room": "den", "rule": "best"}, "settings of den: rule: must be one of"),
        ({"room": "den", "profile": "evening"}, "settings: den: profile: there is no 'evening'"),
        ({"room": "den", "speech_model": "speech"}, "settings of den: speech_model: unknown key"),
    ):
        with pytest.raises(ConfigError, match=says):
            settings.with_changes(asked)
    with pytest.raises(ConfigError, match="this device has no rooms"):
        loaded(tmp_path).with_changes({"room": "den", "rule": "mean"})
