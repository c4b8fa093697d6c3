"""Engines exported before crops were standardised inside."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from edge.errors import DataError
from edge.inference.card import load_card, verify
from edge.inference.tensorrt.precision import base_of
from edge.training.commands.main import main
from edge.training.engines.standardise import standardise_engine
from edge.training.models.exported import onnx_runner
from edge.training.models.standardised import network_alone

SHIPPED = Path(__file__).parents[3] / "engines"


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A folder with the small face engines as an earlier version wrote them."""
    shas: dict[str, str] = {}
    for name in ("face-small", "face-small-int8"):
        content = network_alone((SHIPPED / f"{name}.onnx").read_bytes())
        shas[name] = hashlib.sha256(content).hexdigest()
        card = json.loads((SHIPPED / f"{name}.json").read_text())
        card |= {"sha256": shas[name]}
        card["input"] = {key: value for key, value in card["input"].items() if key != "type"}
        card |= (
            {"made_from": card["made_from"] | {"sha256": shas["face-small"]}} if "made_from" in card else {}
        )
        (tmp_path / f"{name}.onnx").write_bytes(content)
        (tmp_path / f"{name}.json").write_text(json.dumps(card))
    return tmp_path


def test_both_forms_take_bytes_afterwards_and_still_belong_together(older: Path) -> None:
    before = (older / "face-small.onnx").read_bytes()
    assert set(standardise_engine(older, "face-small")) == {"face-small", "face-small-int8"}
    for name in ("face-small", "face-small-int8"):
        card = load_card(older / f"{name}.json")
        verify(older / f"{name}.onnx", card)
        assert card.input.type == "uint8"
    base = load_card(older / "face-small.json").sha256
    whole = json.loads((older / "face-small-int8.json").read_text())
    assert whole["made_from"]["sha256"] == base
    assert base_of((older / "face-small-int8.onnx").read_bytes()) == base
    crop = np.random.default_rng(0).integers(0, 256, (1, 1, 48, 48), dtype=np.uint8)
    assert onnx_runner(network_alone((older / "face-small.onnx").read_bytes()))(
        crop.astype(np.float32)
    ) == pytest.approx(onnx_runner(before)(crop.astype(np.float32)))
    assert standardise_engine(older, "face-small") == {}


def test_the_command_names_what_is_no_face_engine(older: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DataError, match="no face engine with a card at"):
        standardise_engine(older, "speech")
    assert main(["standardise", "nobody", "--engines", str(older)]) == 1
    assert "no face engine with a card at" in capsys.readouterr().err
    assert main(["standardise", "face-small", "--engines", str(older)]) == 0
