"""Plans for the fake device, made by the product's own build."""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gpu.driver import calls, heal, live
from gpu.models import load

from edge.config.models import EnginesConfig
from edge.inference.registry import Model

Prepared = tuple[Model, EnginesConfig]


@pytest.fixture(autouse=True)
def balanced() -> Iterator[None]:
    """Whatever a test does, everything is given back at its end."""
    heal()
    calls()
    before = live()
    yield
    heal()
    gc.collect()
    assert live() == before


@pytest.fixture
def prepare(tmp_path: Path) -> Callable[..., Prepared]:
    """Compiles a model for this machine and gives it with the configuration that finds the plan."""

    def make(path: Path, precision: str = "fp32", size: tuple[int, int] = (640, 480)) -> Prepared:
        from edge.inference.tensorrt.build import BuildTask, build, profiles
        from edge.inference.tensorrt.plans import PlanStore
        from edge.inference.tensorrt.recipe import Options
        from edge.inference.tensorrt.toolchain import local_toolchain

        config = EnginesConfig.model_validate({"cache": tmp_path / "cache", "precision": precision})
        model = load(path)
        machine, compiler = local_toolchain()
        for profile in profiles(model, 8, (size,)):
            task = BuildTask(model, config.precision, profile, machine, Options())
            result = build(task, PlanStore(tmp_path / "cache"), compiler, lambda text: None)
            assert result.ok, result.error
        return model, config

    return make
