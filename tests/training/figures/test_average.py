"""Means of the weights of several checkpoints."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from training.conftest import load_json

from edge.errors import DataError
from edge.training.engines.ship import export_row
from edge.training.figures.average import Member, average, measure_norms
from edge.training.figures.evaluate import evaluate_row
from edge.training.models.speech import speech_small
from edge.training.recipes.checkpoint import write_best
from edge.training.recipes.loop import Budget
from edge.training.recipes.rows import find_face, find_speech
from edge.training.report.report import write_report
from edge.training.runs.lab import Lab
from edge.training.runs.networks import trained_network
from edge.training.runs.provenance import mean_words
from edge.training.runs.record import record
from edge.training.runs.training import train

pytestmark = pytest.mark.usefixtures("tiny_rows")


def test_the_mean_of_two_runs_replaces_a_worse_best(trained: Lab, tmp_path: Path) -> None:
    row, runs = find_speech("speech/ours"), replace(trained, runs=tmp_path / "runs")
    train(runs, row, Budget(epochs=2), quiet=True)
    folder, other = runs.folder(row), trained.folder(row) / "best.pt"
    write_best(folder, trained_network(runs, row, "last"), -1.0, row=row.name)
    members = [Member.read(f"{folder}/last.pt=3"), Member.read(f"{other}=1")]
    score, taken = average(runs, row, members)
    assert taken
    assert score == record(runs, row).best_score
    kernel = "first.weight" if "first.weight" in trained_network(runs, row).state_dict() else None
    name = kernel or next(k for k, w in trained_network(runs, row).state_dict().items() if w.ndim == 4)
    mean, last, best = (
        network.state_dict()[name]
        for network in (
            trained_network(runs, row),
            trained_network(runs, row, "last"),
            trained_network(trained, row),
        )
    )
    torch.testing.assert_close(mean, 0.75 * last + 0.25 * best)
    said = mean_words(record(runs, row).averaged)
    assert f"`{folder.name}/last.pt` 75 %" in said
    document = export_row(runs, row, tmp_path / "engines")
    assert said in load_json(tmp_path / "engines" / "speech.json")["start"]
    own = sum(record(lab, row).log[-1]["minutes"] for lab in (runs, trained))
    assert document["cost"]["training_minutes"] == pytest.approx(own)


def test_a_mean_that_is_no_better_is_taken_for_a_reason_alone(trained: Lab, tmp_path: Path) -> None:
    row, runs = find_face("face/ours"), replace(trained, runs=tmp_path / "runs")
    train(runs, row, Budget(epochs=1), quiet=True)
    write_best(runs.folder(row), trained_network(runs, row, "last"), 2.0, row=row.name)
    members = [Member(runs.folder(row) / "last.pt"), Member(trained.folder(row) / "best.pt")]
    assert average(runs, row, members)[1] is False
    assert record(runs, row).best_score == 2.0
    assert average(runs, row, members, "it stands noise")[1] is True
    evaluate_row(runs, row.name)
    report = write_report(runs, tmp_path / "engines").read_text()
    assert "It was taken because it stands noise." in report


def test_what_is_no_checkpoint_of_the_row_is_named(trained: Lab, tmp_path: Path) -> None:
    row = find_face("face/ours")
    torch.save({"odd": 1}, tmp_path / "odd.pt")
    write_best(tmp_path, speech_small(), 0.5, row="speech/small")
    (tmp_path / "leaky").mkdir()
    write_best(tmp_path / "leaky", row.build(), 0.5, row=row.name, protocol="random")
    for path, message in (
        (tmp_path / "odd.pt", "no checkpoint of a run"),
        (tmp_path / "best.pt", "another network"),
        (tmp_path / "absent.pt", "no checkpoint"),
        (tmp_path / "leaky" / "best.pt", "from people that validate face/ours"),
    ):
        with pytest.raises(DataError, match=message):
            average(replace(trained, runs=tmp_path), row, [Member(path)])
    for text in ("a.pt=0", "a.pt=much"):
        with pytest.raises(DataError, match="the weight in a"):
            Member.read(text)
    assert Member.read("seed=1/best.pt") == Member(Path("seed=1/best.pt"))


def test_norms_are_measured_on_what_arrives() -> None:
    network = torch.nn.Sequential(torch.nn.BatchNorm2d(1))
    inputs = torch.randn(100, 1, 8, 8) * 3 + 5
    measure_norms(network, inputs)
    out = network(inputs)
    assert not network.training
    assert abs(float(out.detach().mean())) < 0.01
    assert float(out.detach().std()) == pytest.approx(1, abs=0.05)
