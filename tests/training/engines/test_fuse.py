"""The fusion fitted on readings."""

from typing import Any

import numpy as np
import pytest
from training.conftest import load_json

from edge.evaluation.metrics import metrics
from edge.mood.pooling import FusionParameters, fuse_loglinear
from edge.training.engines.fuse import own_pairs, write_fusion
from edge.training.runs.lab import Lab
from edge.vocabulary import softmax

pytestmark = pytest.mark.usefixtures("tiny_rows")


@pytest.fixture(scope="module")
def document(tiny_rows: None, trained: Lab, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What is written of the fusion."""
    folder = tmp_path_factory.mktemp("engines")
    write_fusion(trained, folder)
    return load_json(folder / "fusion.json")


def test_the_fusion_is_fitted_on_the_readings(document: dict[str, Any]) -> None:
    assert document["face_weight"] >= 0
    assert sum(document["prior"].values()) == pytest.approx(1, abs=0.01)
    assert (
        document["metrics"]["loglinear"]["accuracy"] >= document["metrics"]["face alone"]["accuracy"] - 0.05
    )


def test_the_fusion_is_measured_as_the_daemon_fuses(trained: Lab, document: dict[str, Any]) -> None:
    """With the file's weights and the cards' temperatures, and nothing else."""
    shipped = FusionParameters(
        face_weight=document["face_weight"],
        speech_weight=document["speech_weight"],
        prior=np.array(list(document["prior"].values())),
    )
    test = own_pairs(trained, 1)
    found = metrics(fuse_loglinear(softmax(test.face), softmax(test.speech), shipped), test.labels)
    assert found["nll"] == pytest.approx(document["metrics"]["loglinear"]["nll"], abs=2e-3)
    assert found["ece"] == pytest.approx(document["metrics"]["loglinear"]["ece"], abs=5e-3)
