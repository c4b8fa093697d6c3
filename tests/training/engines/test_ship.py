"""Exported engines and their cards."""

from dataclasses import replace
from pathlib import Path

import pytest
from training.conftest import load_json

from edge.config.models import EnginesConfig
from edge.errors import DataError
from edge.evaluation.evaluate import evaluate_face, evaluate_speech
from edge.inference.card import load_card, verify
from edge.training.engines.ship import export_row
from edge.training.figures.readings import load_readings
from edge.training.figures.scores import figures
from edge.training.recipes.loop import Budget
from edge.training.recipes.rows import find_face, find_network, find_speech
from edge.training.recipes.start import Start, Teacher
from edge.training.runs.lab import Lab
from edge.training.runs.training import train

pytestmark = pytest.mark.usefixtures("tiny_rows")


def test_exported_engines_serve_the_daemon(trained: Lab, tmp_path: Path) -> None:
    for name in ("face/ours", "speech/ours"):
        export_row(trained, find_network(name), tmp_path)
    config = EnginesConfig(directory=tmp_path, backend="onnx")
    for name in ("face", "speech"):
        card = load_card(tmp_path / f"{name}.json")
        verify(tmp_path / f"{name}.onnx", card)
        assert card.kind == name
        assert set(card.per_class) == set(card.labels)
    face = evaluate_face(trained.data / "fer2013", split="PublicTest", config=config)
    speech = evaluate_speech(trained.data / "speech" / "ravdess", split="valid", config=config)
    for result, name in ((face, "face/ours"), (speech, "speech/ours")):
        readings = load_readings(trained.folder(find_network(name)) / "readings.npz")
        assert result["accuracy"] == pytest.approx(figures(readings)["accuracy"], abs=0.1), name
    assert set(speech["by_group"]) == {"RAV_04"}


@pytest.mark.parametrize("card", ["no card", '{"made_from": {"sha256": "another"}}'])
def test_new_weights_take_away_the_int8_engine_of_the_old(card: str, trained: Lab, tmp_path: Path) -> None:
    (tmp_path / "face-int8.onnx").write_bytes(b"made from other weights")
    (tmp_path / "face-int8.json").write_text(card)
    export_row(trained, find_face("face/ours"), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["face.json", "face.onnx"]


def test_a_row_that_hears_otherwise_than_the_daemon_is_no_engine(trained: Lab, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="speech/cnn is no engine: the daemon makes no 96 bands"):
        export_row(trained, find_speech("speech/cnn"), tmp_path)


def test_the_card_names_the_command_that_trained_it(trained: Lab, tmp_path: Path) -> None:
    row, runs = find_face("face/ours"), replace(trained, runs=tmp_path / "runs")
    export_row(trained, row, tmp_path)
    start = Start(tmp_path / "face.onnx", teachers=(Teacher(tmp_path / "face.onnx"),), rate=0.02)
    train(runs, row, Budget(epochs=1), start=start, quiet=True)
    export_row(runs, row, tmp_path / "next")
    command = load_json(tmp_path / "next" / "face.json")["commands"]["train"]
    assert "train face/ours --from face.onnx --teacher face.onnx --rate 0.02 --minutes 1" in command
