"""Trainings with one speaker left out."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from training.conftest import load_json
from training.synthetic import write_savee

from edge.training.commands.main import main
from edge.training.figures.left_out import leave_one_out
from edge.training.recipes.protocols import read_protocol
from edge.training.recipes.rows import find_speech
from edge.training.runs.lab import Lab

pytestmark = pytest.mark.usefixtures("tiny_rows")


def test_a_speaker_of_a_test_split_is_not_left_out_either(lab: Lab, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "speech" / "ravdess"
    shutil.copytree(lab.data, tmp_path / "data")
    index = (folder / "index.csv").read_text()
    lines = [line.replace(",train", ",test") if "RAV_01" in line else line for line in index.splitlines()]
    (folder / "index.csv").write_text("\n".join(lines))
    other = Lab(tmp_path / "data", tmp_path / "runs")
    assert set(leave_one_out(other, "speech/mfcc", "ravdess")["speakers"]) == {"RAV_02", "RAV_03", "RAV_04"}
    (path,) = other.runs.glob("leave-one-out-*.json")
    assert len(load_json(path)["speakers"]) == 3


def test_savee_is_judged_with_each_of_its_speakers_left_out(
    lab: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    shutil.copytree(lab.data, data)
    write_savee(data / "speech" / "savee")
    places = ["--data", str(data), "--runs", str(tmp_path / "runs")]
    assert main(["leave-one-out", "speech/mfcc", *places]) == 0
    document = json.loads(capsys.readouterr().out)
    assert set(document["speakers"]) == {"SAVEE_DC", "SAVEE_JE"}
    values = list(document["speakers"].values())
    assert document["uar"] == pytest.approx(np.mean(values), abs=1e-3)
    assert document["uar"] > 0.5
    assert document["uar_sd"] == pytest.approx(np.std(values, ddof=1), abs=1e-3)


def test_a_network_is_trained_once_for_each_speaker(lab: Lab) -> None:
    document = leave_one_out(lab, "speech/ours", "ravdess", epochs=1)
    assert set(document["speakers"]) == {f"RAV_0{k}" for k in range(1, 5)}
    for speaker in document["speakers"]:
        folder = lab.with_protocol(read_protocol(f"without-ravdess-{speaker}")).folder(
            find_speech("speech/ours")
        )
        assert (folder / "best.pt").is_file()


def test_leaving_out_needs_the_corpus(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["leave-one-out", "speech/mfcc", "--data", str(lab.data), "--runs", str(lab.runs)]) == 1
    assert "no corpus 'savee' among the speech data; there are: ravdess" in capsys.readouterr().err
