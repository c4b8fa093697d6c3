from collections.abc import Callable
from pathlib import Path

import pytest

from edge.config.resources import resource
from edge.errors import ModelError
from edge.inference.card import load_card, verify
from edge.inference.tensorrt.precision import base_of


def test_a_card_is_read_with_its_defaults(make_model: Callable[..., Path]) -> None:
    card = load_card(make_model().with_suffix(".json"))
    assert (card.name, card.kind, card.temperature, card.per_class) == ("face", "face", 1.0, {})


def test_further_keys_are_kept(make_model: Callable[..., Path]) -> None:
    card = load_card(make_model(training_data="made up").with_suffix(".json"))
    assert card.model_extra == {"training_data": "made up"}


def test_a_numeric_version_is_text(make_model: Callable[..., Path]) -> None:
    assert load_card(make_model(version=3).with_suffix(".json")).version == "3"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kind": "nose"}, "kind"),
        ({"temperature": 0}, "temperature"),
        ({"sha256": "abc"}, "sha256"),
        ({"labels": ["happy", "angry"]}, "labels must be angry"),
        ({"per_class": {"happy": {"precision": 2, "recall": 1, "f1": 1}}}, "per_class.happy.precision"),
    ],
)
def test_a_wrong_card_is_refused_with_the_key(
    make_model: Callable[..., Path], wrong: dict[str, object], said: str
) -> None:
    with pytest.raises(ModelError, match=said):
        load_card(make_model(**wrong).with_suffix(".json"))


def test_a_card_that_is_not_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{name:")
    with pytest.raises(ModelError, match=r"x\.json is not valid JSON"):
        load_card(tmp_path / "x.json")


def test_a_missing_card_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nowhere\.json: No such file"):
        load_card(tmp_path / "nowhere.json")


def test_a_changed_model_is_refused_with_both_hashes(make_model: Callable[..., Path]) -> None:
    path = make_model()
    card = load_card(path.with_suffix(".json"))
    verify(path, card)
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(ModelError) as caught:
        verify(path, card)
    assert card.sha256 in str(caught.value)
    assert str(path) in str(caught.value)
    assert "restore" in str(caught.value)


def test_every_shipped_model_matches_its_card() -> None:
    models = sorted(resource("engines").glob("*.onnx"))
    assert models
    for path in models:
        verify(path, load_card(path.with_suffix(".json")))


def test_every_shipped_card_names_its_own_file() -> None:
    for path in resource("engines").glob("*.onnx"):
        assert load_card(path.with_suffix(".json")).name == path.stem


def test_shipped_int8_engines_were_made_from_the_engines_beside_them() -> None:
    engines = resource("engines")
    for path in engines.glob("*-int8.json"):
        card = load_card(path)
        made_from = (card.model_extra or {})["made_from"]
        base = engines / f"{made_from['name']}.onnx"
        assert made_from["sha256"] == load_card(base.with_suffix(".json")).sha256
        assert base_of(path.with_suffix(".onnx").read_bytes()) == made_from["sha256"]
        assert card.runtimes == ("onnx",)
