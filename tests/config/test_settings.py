from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config import Config
from edge.config.settings import Choices, Settings, applied, changed, fitting, parse, values
from edge.errors import ConfigError
from edge.vocabulary import LABELS

CHOICES = Choices(
    profile=("none", "evening"), face_model=("face", "face-small"), speech_model=("speech", "speech-small")
)


def config(**sections: Any) -> Config:
    return Config.model_validate(sections)


def test_nothing_set_is_the_file_itself() -> None:
    file = config(fusion={"rule": "mean"}, smoothing={"half_life": 2})
    assert applied(Settings(), file) == file
    assert values(Settings(), file)["rule"] == "mean"


def test_what_is_set_stands_above_the_file_and_the_rest_stays() -> None:
    file = config(fusion={"rule": "mean", "min_quality": 0.2}, actions={"profile": "day"})
    wanted = parse(
        {
            "rule": "fscore",
            "people": "subject",
            "half_life": 3,
            "profile": "evening",
            "face_model": "face-small",
        }
    )
    found = applied(wanted, file)
    assert (found.fusion.rule, found.fusion.people, found.fusion.min_quality) == ("fscore", "subject", 0.2)
    assert (found.smoothing.half_life, found.actions.profile) == (3, "evening")
    assert (found.engines.face, found.engines.speech) == ("face-small", file.engines.speech)
    assert found.mqtt == file.mqtt


def test_no_profile_is_a_choice_of_its_own() -> None:
    file = config(actions={"profile": "day"})
    assert applied(parse({"profile": "none"}), file).actions.profile is None
    assert applied(Settings(), file).actions.profile == "day"


@pytest.mark.parametrize(
    ("sensitivity", "enter", "angry"), [(50, 0.45, 0.55), (70, 0.35, 0.45), (30, 0.55, 0.65), (0, 0.7, 0.8)]
)
def test_sensitivity_moves_all_thresholds_to_enter(sensitivity: int, enter: float, angry: float) -> None:
    found = applied(parse({"sensitivity": sensitivity}), Config()).smoothing
    assert found.enter_exit_dwell("fear")[0] == pytest.approx(enter)
    assert found.enter_exit_dwell("angry")[0] == pytest.approx(angry)


@given(
    st.integers(0, 100),
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
    st.dictionaries(st.sampled_from(LABELS), st.floats(0.0, 1.0)),
)
def test_a_moved_threshold_is_always_a_valid_one(
    sensitivity: int, enter: float, leave: float, single: dict[str, float]
) -> None:
    file = config(smoothing={"enter": enter, "exit": min(leave, enter), "thresholds": single})
    found = applied(Settings(sensitivity=sensitivity), file).smoothing
    for label in LABELS:
        entered, left, _ = found.enter_exit_dwell(label)
        before = file.smoothing.enter_exit_dwell(label)[0]
        assert 0 <= left <= entered <= 1
        assert entered <= before + 1e-4 if sensitivity >= 50 else entered >= before - 1e-4


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"sensitivity": 101}, "sensitivity: must be at most 100, got 101"),
        ({"half_life": "long"}, "half_life: must be a number"),
        ({"rule": "guess"}, "rule: must be one of loglinear, fscore, mean, product"),
        ({"peopel": "all"}, "unknown key, did you mean 'people'?"),
        ({"face_model": ""}, "must not be empty"),
    ],
)
def test_what_is_wrong_is_told_as_for_the_file(data: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        parse(data)
    assert says in str(refusal.value)


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(ConfigError) as refusal:
        parse({"rule": "guess", "people": "nobody"})
    assert len(str(refusal.value).splitlines()) == 2


def test_null_gives_a_key_back_to_the_file() -> None:
    first = changed(Settings(), {"people": "subject", "half_life": 2.0})
    assert changed(first, {"people": None}).chosen.keys() == {"half_life"}


def test_what_is_not_on_this_device_is_left_out_with_a_sentence() -> None:
    wanted = parse({"profile": "evenin", "speech_model": "ghost", "half_life": 1})
    kept, problems = fitting(wanted, CHOICES)
    assert kept.chosen.keys() == {"half_life"}
    assert list(problems) == [
        "profile: there is no 'evenin', did you mean 'evening'?",
        "speech_model: there is no 'ghost'; there are speech, speech-small",
    ]
