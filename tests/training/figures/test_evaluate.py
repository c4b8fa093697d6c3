"""Figures of rows and engines."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.errors import DataError
from edge.training.commands.main import main
from edge.training.engines.ship import export_row
from edge.training.figures.evaluate import evaluate_engine, evaluate_row
from edge.training.figures.readings import load_readings
from edge.training.figures.scores import figures
from edge.training.recipes.rows import find_face, find_network, find_speech
from edge.training.runs.lab import Lab
from edge.training.runs.record import record

pytestmark = pytest.mark.usefixtures("tiny_rows")


def test_the_networks_learn(trained: Lab) -> None:
    for name in ("face/ours", "speech/ours"):
        readings = load_readings(trained.folder(find_network(name)) / "readings.npz")
        assert figures(readings)["accuracy"] > 0.5, name


@pytest.mark.parametrize("name", ["face/ours", "speech/ours"])
def test_the_figures_tell_how_bad_input_is_stood(name: str, trained: Lab) -> None:
    document = evaluate_row(trained, name)
    conditions = document["robustness"]["conditions"]
    key = "accuracy" if name == "face/ours" else "mean_uar"
    assert conditions["as it is"] == pytest.approx(document[key])
    assert len(conditions) >= 4
    logged = record(trained, find_network(name)).log[-1][find_network(name).metric]
    assert document["last_average"] == pytest.approx(logged, abs=0.03)
    assert 0 <= document["last_raw"] <= 1


def test_an_engine_is_judged_in_the_place_of_a_run(
    trained: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exported = export_row(trained, find_face("face/ours"), tmp_path)
    places = ["--data", str(trained.data), "--runs", str(tmp_path / "runs")]
    assert main(["evaluate", "face/ours", "--engine", str(tmp_path / "face.onnx"), *places]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["accuracy"] == pytest.approx(exported["accuracy"], abs=0.03)
    assert document["robustness"]["conditions"]["as it is"] == document["accuracy"]
    assert main(["evaluate", "face/ours", "--engine", str(tmp_path / "face.json"), *places]) == 1
    assert "cannot be read as an engine" in capsys.readouterr().err


def test_an_engine_of_another_kind_is_not_judged(trained: Lab, tmp_path: Path) -> None:
    export_row(trained, find_face("face/ours"), tmp_path)
    with pytest.raises(
        DataError, match=r"face\.onnx takes .*48, 48.*speech/ours .*name an engine of that row"
    ):
        evaluate_engine(trained, "speech/ours", tmp_path / "face.onnx")


def test_degraded_input_is_judged_beside_the_good(trained: Lab) -> None:
    readings = load_readings(trained.folder(find_face("face/ours")) / "readings.npz")
    worse = readings.worse()
    assert worse.logits.shape == readings.logits.shape
    assert not np.allclose(worse.logits, readings.logits)
    np.testing.assert_array_equal(readings.half(1).worse().logits, worse.half(1).logits)
    with pytest.raises(DataError, match="evaluate the row again"):
        replace(readings, degraded=None).worse()


def test_readings_survive_a_round_trip(trained: Lab, tmp_path: Path) -> None:
    readings = load_readings(trained.folder(find_speech("speech/ours")) / "readings.npz")
    readings.save(tmp_path / "readings.npz")
    again = load_readings(tmp_path / "readings.npz")
    assert np.array_equal(again.logits, readings.logits)
    assert again.groups["speaker"].tolist() == readings.groups["speaker"].tolist()
