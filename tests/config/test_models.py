"""Values that people write in other ways than the types say."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from edge.config.models import ActionsConfig, CameraConfig, Config, MqttConfig, PrivacyConfig, SmoothingConfig
from edge.vocabulary import LABELS


def test_numbers_are_fine_where_a_name_may_be_a_number() -> None:
    assert CameraConfig.model_validate({"source": 0}).source == "0"
    assert MqttConfig.model_validate({"protocol": 5}).protocol == "5"
    assert MqttConfig.model_validate({"protocol": 5.0}).protocol == "5"


@pytest.mark.parametrize("word", ["on", "yes", "true", True])
def test_switches_take_the_words_people_use(word: object) -> None:
    assert PrivacyConfig.model_validate({"start_disabled": word}).start_disabled is True


def test_a_start_may_be_closed_after_crashes_only() -> None:
    assert PrivacyConfig.model_validate({"start_disabled": "after_crash"}).start_disabled == "after_crash"


def test_scalar_payloads_become_text() -> None:
    rule = {"name": "x", "when": ["none"], "then": [{"mqtt": {"topic": "t", "payload": 5}}]}
    action = ActionsConfig.model_validate({"rules": [rule]}).rules[0].then[0]
    assert action.mqtt is not None
    assert action.mqtt.payload == "5"


def test_thresholds_of_single_emotions_fill_up_from_the_section() -> None:
    smoothing = SmoothingConfig.model_validate(
        {
            "enter": 0.5,
            "exit": 0.4,
            "dwell": 2,
            "thresholds": {"happy": 0.3, "sad": {"dwell": 9, "exit": 0.1}},
        }
    )
    assert smoothing.enter_exit_dwell("happy") == (0.3, 0.3, 2)
    assert smoothing.enter_exit_dwell("sad") == (0.5, 0.1, 9)
    assert smoothing.enter_exit_dwell("fear") == (0.5, 0.4, 2)


@pytest.mark.parametrize("region", [[0, 0, 0.5, 1], [0.7, 0, 0.3, 1], [0, 0, 1, 1], None])
def test_a_region_lies_in_the_picture(region: list[float] | None) -> None:
    assert CameraConfig.model_validate({"region": region}).region == (tuple(region) if region else None)


@pytest.mark.parametrize(
    ("region", "message"),
    [
        ([0.5, 0, 0.6, 1], "reaches beyond the picture's border"),
        ([0, 0.5, 1, 0.6], "reaches beyond the picture's border"),
        ([0, 0, float("nan"), 1], "has no place"),
        ([-0.1, 0, 1, 1], "has no place"),
        ([0, 0, 0, 1], "has no place"),
        ([0, 0, 1], "must be .x, y, width, height."),
        ([0, 0, 1, True], "must be .x, y, width, height."),
        ("left", "must be .x, y, width, height."),
    ],
)
def test_a_region_elsewhere_is_refused_with_an_example(region: object, message: str) -> None:
    with pytest.raises(ValidationError, match=message) as caught:
        CameraConfig.model_validate({"region": region})
    assert caught.value.error_count() == 1


def test_what_the_models_see_too_much_needs_more_by_default_and_fear_does_not() -> None:
    smoothing = Config().smoothing
    needed = {label: smoothing.enter_exit_dwell(label)[0] for label in LABELS}
    assert needed["happy"] > needed["angry"] > needed["fear"] == needed["disgust"] == smoothing.enter


@pytest.mark.parametrize(
    "period", ["22:00-06:30", "mon-fri 08:00-16:00", "sat,sun 09:00-12:00", "sun 8:00-9:00 camera"]
)
def test_schedules(period: str) -> None:
    assert PrivacyConfig(schedule=[period]).schedule == [period]


@pytest.mark.parametrize("period", ["22-6", "22:00", "monday 22:00-23:00", "25:00-06:00"])
def test_other_schedules_are_refused(period: str) -> None:
    with pytest.raises(ValidationError):
        PrivacyConfig(schedule=[period])


def test_values_cannot_be_changed_after_loading() -> None:
    with pytest.raises(ValidationError):
        setattr(Config().mqtt, "port", 1)  # noqa: B010


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"X-A\r\nHost: evil": "1"}, "is not the name of a header"),
        ({"X-A": "1\r\nHost: evil"}, "one line without control characters"),
        ({"": "1"}, "is not the name of a header"),
        ({"Content-Length": "1"}, "set by the call itself"),
    ],
)
def test_headers_cannot_smuggle_lines_into_a_call(headers: dict[str, str], message: str) -> None:
    then = [{"http": {"url": "http://host/", "headers": headers}}]
    with pytest.raises(ValidationError, match=message):
        ActionsConfig.model_validate({"rules": [{"name": "x", "when": ["sad"], "then": then}]})


def test_a_call_is_verified_by_one_authority_or_not_at_all() -> None:
    then = [{"http": {"url": "https://host/", "ca": "/etc/ca.pem", "verify": False}}]
    with pytest.raises(ValidationError, match="exclude each other"):
        ActionsConfig.model_validate({"rules": [{"name": "x", "when": ["sad"], "then": then}]})
