import dataclasses
from typing import Any

import pytest

from edge.inference.tensorrt.recipe import Options, Profile, Recipe, Wanted, covers, misfit

RECIPE = Recipe(
    model="face",
    model_sha256="a" * 64,
    onnx_sha256="b" * 64,
    precision="fp16",
    tensorrt="tensorrt 10.3.0",
    device="Orin",
    target="sm_87",
    driver=(12, 6),
    profile={"face": ((1, 1, 48, 48), (1, 1, 48, 48), (8, 1, 48, 48))},
    options=Options(),
)
WANTED = Wanted(
    model="face",
    model_sha256="a" * 64,
    precision="fp16",
    tensorrt="tensorrt 10.3.0",
    device="Orin",
    target="sm_87",
    driver=(12, 6),
)
CHANGES: dict[str, Any] = {
    "model_sha256": "c" * 64,
    "onnx_sha256": "c" * 64,
    "precision": "fp32",
    "tensorrt": "tensorrt 10.13.3.9",
    "device": "Thor",
    "target": "sm_110",
    "profile": {"face": ((1, 1, 48, 48), (1, 1, 48, 48), (4, 1, 48, 48))},
    "options": Options(workspace=1 << 28),
}


@pytest.mark.parametrize("field", CHANGES)
def test_every_ingredient_changes_the_key(field: str) -> None:
    assert dataclasses.replace(RECIPE, **{field: CHANGES[field]}).key != RECIPE.key


def test_a_newer_driver_keeps_the_key() -> None:
    assert dataclasses.replace(RECIPE, driver=(13, 0)).key == RECIPE.key


def test_recipes_survive_the_side_car() -> None:
    import json

    again = Recipe.from_dict(json.loads(json.dumps(RECIPE.as_dict())))
    assert again == RECIPE
    assert again.key == RECIPE.key


def test_file_names_tell_model_key_and_kind() -> None:
    assert RECIPE.file_name == f"face-{RECIPE.key}.engine"
    ahead = dataclasses.replace(RECIPE, model="my model/2", tensorrt="tensorrt_rtx 1.7", driver=None)
    assert ahead.file_name == f"my_model_2-{ahead.key}.rtx.engine"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"model_sha256": "c" * 64}, "another face.onnx"),
        ({"tensorrt": "tensorrt 10.13.3.9"}, "compiled by tensorrt 10.13.3.9, this is tensorrt 10.3.0"),
        ({"device": "Thor", "target": "sm_110"}, r"compiled for Thor \(sm_110\), this is Orin \(sm_87\)"),
        ({"precision": "fp32"}, "is fp32, fp16 is wanted"),
        ({"driver": (13, 0)}, "needs a driver for CUDA 13.0 or newer"),
        ({"tensorrt": "tensorrt_rtx 1.7"}, "ahead of time"),
    ],
)
def test_a_plan_that_does_not_fit_says_why(change: dict[str, Any], reason: str) -> None:
    import re

    found = misfit(dataclasses.replace(RECIPE, **change), WANTED)
    assert found is not None
    assert re.search(reason, found)


def test_a_plan_of_this_machine_fits_also_after_a_driver_update() -> None:
    assert misfit(RECIPE, WANTED) is None
    assert misfit(RECIPE, dataclasses.replace(WANTED, driver=(13, 0))) is None


def test_a_detector_needs_a_plan_of_its_size() -> None:
    fixed = (1, 3, 480, 640)
    profile: Profile = {"image": (fixed, fixed, fixed)}
    assert covers(profile, fixed)
    assert not covers(profile, (1, 3, 256, 320))
    wanted = dataclasses.replace(WANTED, shape=(1, 3, 256, 320))
    assert "another input" in str(misfit(dataclasses.replace(RECIPE, profile=profile), wanted))


@pytest.mark.parametrize(
    "change",
    [{"format": 0}, {"profile": []}, {"profile": {"x": [[1]]}}, {"options": {"unknown": 1}}, {"extra": 1}],
)
def test_a_damaged_recipe_is_refused(change: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        Recipe.from_dict(RECIPE.as_dict() | change)
