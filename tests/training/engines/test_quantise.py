"""INT8 engines for the CPU."""

from pathlib import Path

import pytest

from edge.config.models import EnginesConfig
from edge.errors import DataError
from edge.evaluation.evaluate import evaluate_face, evaluate_speech
from edge.inference.registry import find_model
from edge.training.engines.quantise import quantise_row
from edge.training.engines.ship import export_row
from edge.training.recipes.rows import find_face, find_network
from edge.training.runs.lab import Lab

pytestmark = pytest.mark.usefixtures("tiny_rows")


@pytest.mark.parametrize("name", ["face/ours", "speech/ours"])
def test_an_int8_engine_is_kept_only_if_it_earns_it(name: str, trained: Lab, tmp_path: Path) -> None:
    row, kind = find_network(name), name.partition("/")[0]
    export_row(trained, row, tmp_path)
    found = quantise_row(trained, row, tmp_path, faster=0.0, loss=0.3)
    assert found["kept"]
    model = find_model(f"{kind}-int8", config=EnginesConfig(directory=tmp_path))
    export_row(trained, row, tmp_path)
    assert model.path.exists(), "the same weights again"
    assert model.card.runtimes == ("onnx",)
    assert abs(found["float32"] - found["int8"]) <= 0.3
    evaluate = {"face": evaluate_face, "speech": evaluate_speech}[kind]
    folder, split = {"face": ("fer2013", "PublicTest"), "speech": ("speech/ravdess", "valid")}[kind]
    config = EnginesConfig(directory=tmp_path, backend="onnx")
    result = evaluate(trained.data / folder, f"{kind}-int8", split, config=config)
    assert result["accuracy"] == pytest.approx((model.card.model_extra or {})["metrics"]["accuracy"], abs=0.1)
    assert {"degraded_float32", "degraded_int8"} <= found.keys()
    assert not quantise_row(trained, row, tmp_path, faster=1e6)["kept"]
    assert model.path.exists()
    assert not quantise_row(trained, row, tmp_path, loss=-2.0)["kept"]
    assert not model.path.exists()
    assert not model.path.with_suffix(".json").exists()


def test_a_row_that_was_not_exported_has_no_int8_engine(trained: Lab, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="export the row first"):
        quantise_row(trained, find_face("face/ours"), tmp_path)
