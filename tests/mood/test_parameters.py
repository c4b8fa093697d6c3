"""Weights, prior and scores from the files beside the models, changed by the configuration."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from edge.config.models import EnginesConfig, FusionConfig
from edge.config.resources import resource
from edge.errors import ModelError
from edge.mood.parameters import read_parameters
from edge.vocabulary import LABELS


def card(name: str, f1: float | None) -> str:
    scores = (
        {label: {"precision": 0.5, "recall": 0.5, "f1": f1} for label in LABELS} if f1 is not None else {}
    )
    return json.dumps(
        {
            "name": name,
            "kind": name,
            "version": "1",
            "sha256": "0" * 64,
            "input": {"name": "x", "shape": [None, 1], "layout": "NC", "normalisation": None},
            "labels": LABELS,
            "per_class": scores,
        }
    )


ENGINES = EnginesConfig(face="face", speech="speech")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    prior = dict(zip(LABELS, [1.0 / 7] * 7, strict=True))
    fitted = {"face_weight": 1.2, "speech_weight": 0.7, "prior": prior, "fitted_on": "validation"}
    (tmp_path / "fusion.json").write_text(json.dumps(fitted))
    (tmp_path / "face.json").write_text(card("face", 0.6))
    (tmp_path / "speech.json").write_text(card("speech", 0.4))
    return tmp_path


def test_fitted_values_are_read(folder: Path) -> None:
    found = read_parameters(folder, FusionConfig(), ENGINES)
    assert (found.face_weight, found.speech_weight, found.origin) == (1.2, 0.7, "fitted")
    np.testing.assert_allclose(found.prior, np.full(7, 1 / 7))
    np.testing.assert_allclose(found.face_f1, np.full(7, 0.6))
    np.testing.assert_allclose(found.speech_f1, np.full(7, 0.4))


def test_the_configuration_wins(folder: Path) -> None:
    found = read_parameters(folder, FusionConfig(face_weight=0.0), ENGINES)
    assert (found.face_weight, found.speech_weight, found.origin) == (0.0, 0.7, "configured")


def test_models_without_fitted_fusion_count_alike(folder: Path) -> None:
    (folder / "fusion.json").unlink()
    found = read_parameters(folder, FusionConfig(), ENGINES)
    assert (found.face_weight, found.speech_weight, found.origin) == (1.0, 1.0, "unfitted")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "cannot be read"),
        ("[]", "fit the fusion again"),
        ('{"face_weight": -1, "speech_weight": 1}', "face_weight"),
        ('{"face_weight": 1, "speech_weight": 1, "prior": {"angry": 1}}', "prior must have the keys angry"),
    ],
)
def test_a_damaged_file_is_named_and_the_shipped_one_stands_in_its_place(
    folder: Path, text: str, message: str
) -> None:
    (folder / "fusion.json").write_text(text)
    found = read_parameters(folder, FusionConfig(), ENGINES)
    assert found.problem is not None
    assert re.search(message, found.problem)
    assert str(folder / "fusion.json") in found.problem
    shipped = read_parameters(resource("engines"), FusionConfig(), ENGINES)
    assert shipped.problem is None
    assert (found.face_weight, found.speech_weight) == (shipped.face_weight, shipped.speech_weight)
    np.testing.assert_array_equal(found.prior, shipped.prior)


def test_fscore_needs_scores_on_the_cards(folder: Path) -> None:
    (folder / "speech.json").write_text(card("speech", None))
    read_parameters(folder, FusionConfig(), ENGINES)
    with pytest.raises(ModelError, match=r"speech\.json: no F1 score for every emotion"):
        read_parameters(folder, FusionConfig(rule="fscore"), ENGINES)
