"""The training loop."""

from pathlib import Path

import pytest
import torch
from torch import nn

from edge.errors import DataError
from edge.training.recipes.checkpoint import read_best, read_checkpoint
from edge.training.recipes.face_task import FaceRecipe, FaceTask
from edge.training.recipes.loop import Budget, Run
from edge.training.recipes.rows import find_face
from edge.training.runs.lab import Lab

pytestmark = pytest.mark.usefixtures("tiny_rows")


def test_the_log_has_a_row_an_epoch(trained: Lab) -> None:
    log = (trained.folder(find_face("face/ours")) / "log.csv").read_text().splitlines()
    assert log[0] == "epoch,minutes,progress,loss,accuracy"
    assert len(log) == 13


def test_a_stopped_run_goes_on_where_it_stopped(lab: Lab, tmp_path: Path) -> None:
    row = find_face("face/ours")
    splits = lab.faces()

    def task() -> FaceTask:
        torch.manual_seed(1)
        return FaceTask(row.name, row.build(), splits, recipe=row.recipe)

    decays = (0.8, 0.95)
    whole = Run(tmp_path / "whole", Budget(epochs=2), decays).fit(task(), quiet=True)
    first = Run(tmp_path / "parts", Budget(epochs=2), decays)
    interrupted = task()
    stop = interrupted.validate

    def validate_then_stop(model: nn.Module) -> dict[str, float]:
        if first.epoch == 1:
            raise KeyboardInterrupt
        return stop(model)

    interrupted.validate = validate_then_stop  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        first.fit(interrupted, quiet=True)
    again = Run(tmp_path / "parts", Budget(epochs=2), decays).fit(task(), quiet=True)
    assert [entry["epoch"] for entry in again] == [1.0, 2.0]
    for name in ("loss", "accuracy"):
        expected = pytest.approx([entry[name] for entry in whole], abs=1e-4)
        assert [entry[name] for entry in again] == expected


def test_of_several_averages_the_better_one_is_kept(lab: Lab, tmp_path: Path) -> None:
    row = find_face("face/ours")
    scores = iter([0.2, 0.5, 0.4, 0.3])
    seen: list[nn.Module] = []

    class Scripted(FaceTask):
        def validate(self, model: nn.Module) -> dict[str, float]:
            seen.append(model)
            return {"accuracy": next(scores)}

    task = Scripted(row.name, row.build(), lab.faces(), recipe=row.recipe)
    log = Run(tmp_path, Budget(epochs=2), (0.8, 0.95)).fit(task, quiet=True)
    assert [entry["accuracy"] for entry in log] == [0.5, 0.4]
    assert [entry["decay"] for entry in log] == [0.95, 0.8]
    assert seen[0] is not seen[1]
    assert read_best(tmp_path) == 0.5
    last = read_checkpoint(tmp_path / "last.pt")["average"]
    assert all(torch.equal(last[name], value) for name, value in seen[2].state_dict().items())


def test_a_budget_in_minutes_ends_in_time(lab: Lab, tmp_path: Path) -> None:
    row = find_face("face/ours")
    run = Run(tmp_path, Budget(minutes=0.02))
    run.fit(FaceTask(row.name, row.build(), lab.faces(), recipe=row.recipe), quiet=True)
    assert run.progress == 1.0
    assert run.elapsed < 20


def test_too_few_items_for_a_batch_are_named(lab: Lab, tmp_path: Path) -> None:
    row = find_face("face/ours")
    task = FaceTask(row.name, row.build(), lab.faces(), recipe=FaceRecipe(batch=10_000))
    with pytest.raises(DataError, match="face/ours: fewer items than one batch"):
        Run(tmp_path, Budget(epochs=1)).fit(task, quiet=True)
