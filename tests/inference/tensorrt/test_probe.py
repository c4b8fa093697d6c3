from collections.abc import Callable
from pathlib import Path

import pytest

from edge.config.models import EnginesConfig
from edge.inference.registry import Model, find_model
from edge.inference.tensorrt.cuda import UnusableError, query_driver
from edge.inference.tensorrt.gpu_report import gpu_findings
from edge.inference.tensorrt.machine import Machine
from edge.inference.tensorrt.plans import PlanStore
from edge.inference.tensorrt.probe import find_plan, usable
from edge.inference.tensorrt.recipe import Options, Recipe

MakeModel = Callable[..., Path]
ORIN = Machine("tensorrt 10.3.0", "Orin", "sm_87", (12, 6))
SHAPE = (1, 1, 4, 4)


@pytest.fixture
def model(make_model: MakeModel) -> Model:
    return find_model(str(make_model()), config=EnginesConfig())


@pytest.fixture
def config(tmp_path: Path) -> EnginesConfig:
    return EnginesConfig(cache=tmp_path / "cache", directory=tmp_path / "engines")


@pytest.fixture
def no_gpu() -> None:
    try:
        query_driver()
    except UnusableError:
        return
    pytest.skip("there is a GPU here")


def save(folder: Path, model: Model, *, machine: Machine = ORIN) -> Path:
    recipe = Recipe(
        model=model.card.name,
        model_sha256=model.card.sha256,
        onnx_sha256="b" * 64,
        precision="fp16",
        tensorrt=machine.tensorrt,
        device=machine.device,
        target=machine.target,
        driver=machine.driver,
        profile={"image": (SHAPE, SHAPE, (8, *SHAPE[1:]))},
        options=Options(),
    )
    return PlanStore(folder).save(recipe, b"plan", seconds=40.0).path


def test_plans_are_found_in_the_cache_and_beside_the_models(
    model: Model, config: EnginesConfig, tmp_path: Path
) -> None:
    built = save(tmp_path / "engines" / "built", model)
    found = find_plan(model, config, ORIN)
    assert found.plan is not None
    assert found.plan.path == built
    cached = save(tmp_path / "cache", model)
    found = find_plan(model, config, ORIN)
    assert found.plan is not None
    assert found.plan.path == cached


def test_the_plan_of_another_gpu_is_refused_by_name(
    model: Model, config: EnginesConfig, tmp_path: Path
) -> None:
    path = save(tmp_path / "cache", model, machine=Machine("tensorrt 10.3.0", "Thor", "sm_110", (13, 0)))
    found = find_plan(model, config, ORIN)
    assert found.plan is None
    assert found.refused == (f"{path} was compiled for Thor (sm_110), this is Orin (sm_87)",)


@pytest.mark.usefixtures("no_gpu")
def test_without_a_driver_the_answer_names_it_and_what_to_do(model: Model, config: EnginesConfig) -> None:
    answer = usable(model, config)
    assert not answer.ok
    assert "driver" in answer.reason
    assert answer.remedy


@pytest.mark.usefixtures("no_gpu")
def test_the_survey_stops_at_the_first_missing_part(config: EnginesConfig) -> None:
    (finding,) = gpu_findings(config)
    assert (finding.name, finding.ok) == ("gpu", False)
    assert finding.remedy


def test_voice_activity_detection_is_never_asked_of_the_gpu(
    make_model: MakeModel, config: EnginesConfig
) -> None:
    vad = find_model(str(make_model("vad", kind="vad", labels=[])), config=config)
    assert usable(vad, config).reason == "voice activity detection always runs on ONNX Runtime"


def test_a_model_made_for_onnx_runtime_is_never_asked_of_the_gpu(
    make_model: MakeModel, config: EnginesConfig
) -> None:
    quantised = find_model(str(make_model("face-int8", runtimes=["onnx"])), config=config)
    answer = usable(quantised, config)
    assert not answer.ok
    assert answer.remedy == ""
