"""Corpora and sets of faces left out of a training."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from training.conftest import load_json
from training.synthetic import write_background, write_corpus, write_fer2013, write_wild

from edge.errors import DataError
from edge.training.commands.main import main
from edge.training.data.corpora import STRANGERS
from edge.training.data.wild import PLACE
from edge.training.engines.ship import export_row
from edge.training.figures.readings import load_readings
from edge.training.figures.strangers import speech_strangers
from edge.training.recipes.loop import Budget
from edge.training.recipes.protocols import StrangersOut
from edge.training.recipes.rows import find_face, find_speech
from edge.training.recipes.start import Start, Teacher
from edge.training.report.report import write_report
from edge.training.runs.lab import Lab
from edge.training.runs.training import train

pytestmark = pytest.mark.usefixtures("tiny_rows")
SOME = ("angry", "fear", "happy", "neutral")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    data = tmp_path_factory.mktemp("data")
    write_corpus(data / "speech" / "ravdess", 4, ("angry", "happy", "sad", "surprise", "neutral"))
    write_corpus(data / "speech" / "emodb", 5, SOME, offset=5000)
    write_corpus(data / "speech" / "emogator", 2, SOME, offset=9000)
    write_background(data)
    write_fer2013(data / "fer2013" / "fer2013.npz")
    write_wild(data / PLACE)
    return Lab(data, tmp_path_factory.mktemp("cache") / "runs", variants=1)


def test_a_corpus_left_out_is_neither_trained_on_nor_chosen_by(lab: Lab) -> None:
    corpora = lab.with_protocol(StrangersOut("emodb")).corpora()
    assert {clip.corpus for clip in corpora.split("train")} == {"ravdess", "emogator"}
    assert {clip.corpus for clip in corpora.split("valid")} == {"ravdess"}
    assert len({clip.speaker for clip in corpora.split(STRANGERS)}) == 5
    with pytest.raises(DataError, match="no corpus 'tea'"):
        lab.with_protocol(StrangersOut("tea")).corpora()


def test_nobody_is_judged_by_bursts(lab: Lab) -> None:
    assert {clip.corpus for clip in lab.corpora().split("valid")} == {"ravdess", "emodb"}


def test_an_engine_is_not_let_into_a_training_without_a_corpus(lab: Lab, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="may have learnt from the clips"):
        start = Start(tmp_path / "speech.onnx")
        train(lab.with_protocol(StrangersOut("emodb")), find_speech("speech/ours"), Budget(1), start=start)


def test_left_out_corpora_are_judged_by_everybody_and_told_first(
    lab: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = ["--data", str(lab.data), "--runs", str(lab.runs), "--variants", "1"]
    wanted = ["--corpus", "ravdess", "--corpus", "emodb", "--epochs", "2"]
    assert main(["strangers", "speech/ours", *wanted, *places]) == 0
    out = capsys.readouterr().out
    document = json.loads(out[out.index("{\n") :])
    emodb = document["corpora"]["emodb"]
    assert emodb["n"] == 5 * 4 * 2
    assert (emodb["speakers"], emodb["classes"]) == (5, 4)
    low, high = emodb["uar_interval"]
    assert low <= emodb["uar"] <= high
    assert document["reported"]["corpora"] == ["emodb"]
    assert document["choices"]["corpora"] == ["ravdess"]
    row = find_speech("speech/ours")
    assert load_json(lab.runs / "strangers-speech-ours.json") == document
    readings = load_readings(lab.with_protocol(StrangersOut("emodb")).folder(row) / "strangers.npz")
    assert len(readings.labels) == emodb["n"]
    report = write_report(lab, tmp_path / "engines").read_text()
    assert report.index("## Strangers") < report.index("## Speech: validation speakers")
    assert report.index("## Speech: validation speakers") < report.index("## A warning: what a random split")
    assert (
        f"| speech/ours | {100 * emodb['uar']:.1f} ({100 * low:.1f}-{100 * high:.1f}) | - | - | - |" in report
    )


def test_another_recipe_is_judged_by_the_same_strangers(lab: Lab, tmp_path: Path) -> None:
    places = ["--data", str(lab.data), "--runs", str(tmp_path), "--variants", "1"]
    wanted = ["--corpus", "ravdess", "--epochs", "1"]
    assert main(["strangers", "speech/ours", *wanted, *places]) == 0
    assert main(["strangers", "speech/ours", *wanted, "--change", "studio", *places]) == 0
    assert load_json(tmp_path / "strangers-speech-ours-studio.json")["change"] == "studio"
    report = write_report(Lab(lab.data, tmp_path, variants=1), tmp_path / "engines").read_text()
    assert "| speech/ours | " in report
    assert "| speech/ours, studio | " in report


def test_the_temperature_comes_from_corpora_that_decide(lab: Lab) -> None:
    row = find_speech("speech/ours")
    before = speech_strangers(lab, row)
    path = lab.with_protocol(StrangersOut("emodb")).folder(row) / "strangers.npz"
    readings = load_readings(path)
    type(readings)(
        readings.logits * 50, readings.labels, readings.groups, readings.logits, readings.labels
    ).save(path)
    after = speech_strangers(lab, row)
    readings.save(path)
    assert after["temperature"] == before["temperature"]
    assert after["corpora"]["emodb"]["ece"] != before["corpora"]["emodb"]["ece"]


def test_a_set_of_faces_left_out_is_judged(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    places = ["--data", str(lab.data), "--runs", str(lab.runs)]
    protocol = ["--protocol", "strangers", "--without", "wild"]
    assert main(["train", "face/ours", "--epochs", "1", *protocol, *places]) == 0
    capsys.readouterr()
    assert main(["evaluate", "face/ours", *protocol, *places]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["n"] == 28
    assert 0 <= np.mean(list(document["recall"].values())) <= 1
    folder = lab.runs / "face-ours-strangers-wild"
    assert load_json(folder / "start.json")["sets"] == ["fer2013"]


def test_only_who_never_saw_the_left_out_faces_helps(lab: Lab, tmp_path: Path) -> None:
    row = find_face("face/ours")
    without, everything = lab.with_protocol(StrangersOut("wild")), replace(lab, runs=tmp_path)
    alone = replace(lab, runs=tmp_path, wild=False)
    for each, folder in ((alone, "alone"), (everything, "all")):
        train(each, row, Budget(epochs=1), quiet=True)
        export_row(each, row, tmp_path / folder)
    runs = replace(without, runs=tmp_path)
    start = Start(tmp_path / "alone" / "face.onnx", (Teacher(tmp_path / "alone" / "face.onnx"),), 0.5)
    train(runs, row, Budget(epochs=1), start=start, quiet=True)
    tutor = tmp_path / "tutor" / "best.pt"
    shutil.copytree(runs.folder(row), tutor.parent)
    train(runs, row, Budget(epochs=1), start=Start(teachers=(Teacher(tutor),)), fresh=True, quiet=True)
    refused = (
        (Start(tmp_path / "all" / "face.onnx"), "learnt from the faces that are left out, wild"),
        (Start(teachers=(Teacher(tmp_path / "all" / "face.onnx"),)), "left out, wild"),
        (Start(tmp_path / "no-card.onnx"), "no card beside"),
        (Start(teachers=(Teacher(everything.folder(row) / "best.pt"),)), "learnt, by the protocol speaker"),
    )
    for start, message in refused:
        with pytest.raises(DataError, match=message):
            train(runs, row, Budget(epochs=1), start=start, fresh=True, quiet=True)


def test_the_protocol_and_what_it_leaves_out_belong_together(
    lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    for wrong in (["--protocol", "strangers"], ["--without", "emodb"]):
        assert main(["train", "speech/ours", *wrong, "--data", str(lab.data)]) == 1
        assert "belong together" in capsys.readouterr().err
