"""Blended and chosen weights."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from training.conftest import load_json

from edge.errors import DataError
from edge.perception.face_input import face_input
from edge.training.engines.ship import export_row
from edge.training.figures.blend import blend
from edge.training.figures.choose import choose_last
from edge.training.figures.evaluate import evaluate_row
from edge.training.figures.judge import score
from edge.training.recipes.checkpoint import read_best, read_checkpoint, write_best
from edge.training.recipes.face_task import face_logits
from edge.training.recipes.loop import Budget
from edge.training.recipes.rows import find_face, find_speech
from edge.training.recipes.start import Start
from edge.training.report.report import write_report
from edge.training.runs.lab import Lab
from edge.training.runs.networks import trained_network
from edge.training.runs.provenance import blend_words
from edge.training.runs.record import record
from edge.training.runs.training import train

pytestmark = pytest.mark.usefixtures("tiny_rows")


def test_a_blend_of_engine_and_run_is_kept_when_it_is_better(trained: Lab, tmp_path: Path) -> None:
    row = find_face("face/ours")
    export_row(trained, row, tmp_path)
    runs = replace(trained, runs=tmp_path / "runs")
    train(runs, row, Budget(epochs=1), start=Start(tmp_path / "face.onnx", rate=2.0), quiet=True)
    write_best(runs.folder(row), trained_network(runs, row, "last"), 0.0, row=row.name)
    scores = blend(runs, row, tmp_path / "face.onnx")
    last = trained_network(runs, row, "last")
    inputs = torch.from_numpy(face_input(trained.faces().valid.images))
    hits = face_logits(last, inputs).argmax(1) == trained.faces().valid.labels
    assert scores[1.0] == pytest.approx(float(hits.mean()), abs=0.03)
    assert read_best(runs.folder(row)) == max(scores.values())
    share = record(runs, row).blended
    assert scores[share] == max(scores.values())
    assert not record(runs, row).kept_its_engine
    card = tmp_path / "blended" / "face.json"
    export_row(runs, row, card.parent)
    assert blend_words(share) in load_json(card)["start"]
    with pytest.raises(DataError, match="did not start from"):
        blend(replace(trained), find_speech("speech/ours"), tmp_path / "face.onnx")


def test_the_last_weights_can_be_chosen_with_a_reason(trained: Lab, tmp_path: Path) -> None:
    row, lab = find_face("face/ours"), replace(trained, runs=tmp_path / "runs")
    export_row(trained, row, tmp_path)
    train(lab, row, Budget(epochs=1), start=Start(tmp_path / "face.onnx", rate=1e-6), quiet=True)
    folder = lab.folder(row)
    (folder / "log.csv").write_text("epoch,minutes,progress,loss,accuracy\n0,0,0,nan,0.9\n1,1,1,1,0.8\n")
    (folder / "figures.json").write_text("{}")
    assert record(lab, row).kept_its_engine
    minutes = {
        which: export_row(lab, row, tmp_path / which, which=which)["cost"]["training_minutes"]
        for which in ("best", "last")
    }
    assert minutes["last"] == minutes["best"] + 1
    found = choose_last(lab, row, "it stands noise")
    assert found == read_best(folder) == score(lab, row, trained_network(lab, row, "last"))
    averages = read_checkpoint(folder / "last.pt")["averages"]
    for decay, average in averages.items():
        choose_last(lab, row, "it stands noise", decay)
        chosen = read_checkpoint(folder / "best.pt")["model"]
        assert all(torch.equal(chosen[name], weight) for name, weight in average["weights"].items())
    with pytest.raises(DataError, match="no average of decay"):
        choose_last(lab, row, "it stands noise", 0.5)
    assert not record(lab, row).kept_its_engine
    assert not (folder / "figures.json").exists()
    last, best = trained_network(lab, row, "last").state_dict(), trained_network(lab, row).state_dict()
    assert all(torch.equal(last[name], best[name]) for name in last)
    evaluate_row(lab, "face/ours")
    report = write_report(lab, tmp_path / "engines").read_text()
    assert "Those of epoch 0 (the engine it started from) scored 90.0 %" in report
    assert "chosen because it stands noise." in report
    write_best(folder, trained_network(lab, row), 0.95, row=row.name)
    assert record(lab, row).chosen == ""
