"""Runs: how they begin, go on and are refused."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from training.conftest import load_json
from training.synthetic import write_savee

from edge.errors import DataError
from edge.training.commands.main import main
from edge.training.engines.ship import export_row
from edge.training.recipes.checkpoint import read_checkpoint
from edge.training.recipes.loop import Budget
from edge.training.recipes.protocols import SPEAKERS, read_protocol
from edge.training.recipes.rows import find_face, find_speech
from edge.training.recipes.start import Start, Teacher
from edge.training.runs.lab import Lab
from edge.training.runs.networks import trained_network
from edge.training.runs.provenance import describe_files, read_start, write_start
from edge.training.runs.record import record
from edge.training.runs.training import train

pytestmark = pytest.mark.usefixtures("tiny_rows")


def test_a_control_has_the_rates_of_its_row(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["train", "face/ours", "--control", "--rate", "0.3", "--data", str(lab.data)]
    assert main([*arguments, "--runs", str(lab.runs)]) == 1
    assert "at the row's own rates" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["train", "speech/ours", "--control", "--protocol", "random"])
    assert "not allowed with" in capsys.readouterr().err


def test_an_engine_that_knows_a_validation_speaker_is_refused(trained: Lab, tmp_path: Path) -> None:
    row = find_speech("speech/ours")
    export_row(trained, row, tmp_path)
    card = load_json(tmp_path / "speech.json")
    assert card["training_speakers"] == {"ravdess": ["RAV_01", "RAV_02", "RAV_03"]}
    assert [each["name"] for each in card["training_data"]] == [
        "RAVDESS (Livingstone and Russo 2018), 3 speakers",
        "5 background sounds",
        "5 room impulse responses",
    ]
    assert card["training_data"][1]["terms"] == "terms unknown"
    card["training_speakers"]["ravdess"].append("RAV_04")
    (tmp_path / "speech.json").write_text(json.dumps(card))
    for start in (Start(tmp_path / "speech.onnx"), Start(teachers=(Teacher(tmp_path / "speech.onnx"),))):
        runs = replace(trained, runs=trained.runs.parent / "others")
        with pytest.raises(DataError, match=r"speech\.onnx was trained on RAV_04, with whom this validates"):
            train(runs, row, Budget(epochs=1), start=start, quiet=True)


def test_a_run_goes_on_only_with_the_clips_and_variants_it_began_with(lab: Lab, tmp_path: Path) -> None:
    shutil.copytree(lab.data, tmp_path / "data")
    row, runs = (
        find_speech("speech/ours"),
        replace(lab, data=tmp_path / "data", runs=tmp_path / "cache" / "runs"),
    )
    train(runs, row, Budget(epochs=1), quiet=True)
    with pytest.raises(DataError, match="began with --variants 1: give that, or --fresh"):
        train(replace(runs, variants=2), row, Budget(epochs=2), quiet=True)
    write_savee(tmp_path / "data" / "speech" / "savee")
    with pytest.raises(DataError, match="began with other clips: --fresh starts over"):
        train(runs, row, Budget(epochs=2), quiet=True)
    shutil.rmtree(tmp_path / "data" / "speech" / "savee")
    assert train(runs, row, Budget(epochs=2), quiet=True).epoch == 2


def test_going_on_keeps_better_weights_that_were_made_of_the_run(lab: Lab, tmp_path: Path) -> None:
    row, runs = find_face("face/ours"), replace(lab, runs=tmp_path)
    train(runs, row, Budget(epochs=1), quiet=True)
    record(runs, row).replace_best(trained_network(runs, row), 0.99, blended=0.5)
    assert train(runs, row, Budget(epochs=2), quiet=True).best == 0.99
    assert record(runs, row).blended == 0.5


def test_other_protocols_refuse_faces_and_engines(lab: Lab, tmp_path: Path) -> None:
    random = replace(lab, protocol=read_protocol("random"), runs=tmp_path)
    with pytest.raises(DataError, match="about speakers, not faces"):
        train(random, find_face("face/ours"), Budget(epochs=1))
    with pytest.raises(DataError, match="may have learnt from the clips"):
        train(random, find_speech("speech/ours"), Budget(epochs=1), start=Start(tmp_path / "speech.onnx"))


def test_a_control_is_a_run_of_its_own_from_scratch(lab: Lab, tmp_path: Path) -> None:
    control, row = replace(lab, protocol=read_protocol("control"), runs=tmp_path), find_face("face/ours")
    with pytest.raises(DataError, match="a control is trained from scratch"):
        train(control, row, Budget(epochs=1), start=Start(teachers=(Teacher(tmp_path / "face.onnx"),)))
    train(control, row, Budget(epochs=1), quiet=True)
    assert record(control, row).log
    assert not record(replace(lab, runs=tmp_path), row).log
    assert control.corpora() == lab.corpora()


def test_a_changed_recipe_is_a_run_of_its_own(lab: Lab, tmp_path: Path) -> None:
    places = ["--data", str(lab.data), "--runs", str(tmp_path)]
    assert main(["train", "face/ours", "--change", "cutout-off", "--epochs", "1", *places]) == 0
    there = Lab(lab.data, tmp_path, protocol=read_protocol("change-cutout-off"))
    assert record(there, find_face("face/ours")).log
    assert not record(there.with_protocol(SPEAKERS), find_face("face/ours")).log
    assert there.corpora() == lab.corpora()
    assert main(["train", "face/ours", "--change", "colour", *places]) == 1


def test_a_wrong_start_leaves_the_old_run_alone(trained: Lab, tmp_path: Path) -> None:
    row = find_face("face/ours")
    runs = replace(trained, runs=tmp_path)
    train(runs, row, Budget(epochs=1), quiet=True)
    with pytest.raises(DataError, match="absent"):
        train(runs, row, Budget(epochs=1), start=Start(tmp_path / "absent.onnx"), fresh=True)
    assert (runs.folder(row) / "best.pt").is_file()


@pytest.mark.parametrize("name", ["last.pt", "start.json"])
def test_a_run_of_an_older_version_is_named(name: str, lab: Lab, tmp_path: Path) -> None:
    row = find_face("face/ours")
    runs = replace(lab, runs=tmp_path)
    train(runs, row, Budget(epochs=1), quiet=True)
    path = runs.folder(row) / name
    if name == "last.pt":
        torch.save({"model": {}, "average": {}}, path)
    else:
        path.write_text('{"engine": null, "engine_minutes": 0, "teacher": null, "rate": 1.0}')
    with pytest.raises(DataError, match="was left by an older version: --fresh starts over"):
        train(runs, row, Budget(epochs=2), quiet=True)
    assert train(runs, row, Budget(epochs=1), fresh=True, quiet=True).epoch == 1


def test_going_on_discards_the_figures_of_the_earlier_checkpoint(lab: Lab, tmp_path: Path) -> None:
    row = find_face("face/ours")
    runs = replace(lab, runs=tmp_path)
    train(runs, row, Budget(epochs=1), quiet=True)
    figures_file = runs.folder(row) / "figures.json"
    figures_file.write_text("{}")
    train(runs, row, Budget(epochs=1), quiet=True)
    assert figures_file.is_file()
    train(runs, row, Budget(epochs=2), quiet=True)
    assert not figures_file.exists()


def test_a_run_goes_on_only_on_the_device_it_began_on(trained: Lab, tmp_path: Path) -> None:
    row, runs = find_face("face/ours"), replace(trained, runs=tmp_path)
    train(runs, row, Budget(epochs=1), quiet=True)
    write_start(runs.folder(row), describe_files(Start(), "Some GPU"))
    with pytest.raises(DataError, match="began on Some GPU, this is the processor"):
        train(runs, row, Budget(epochs=2), quiet=True)


def test_a_run_left_without_the_name_of_a_device_goes_on(trained: Lab, tmp_path: Path) -> None:
    row, runs = find_face("face/ours"), replace(trained, runs=tmp_path)
    train(runs, row, Budget(epochs=1), quiet=True)
    document = describe_files(Start())
    del document["gpu"]
    write_start(runs.folder(row), document)
    state = read_checkpoint(runs.folder(row) / "last.pt")
    del state["random_gpu"]
    torch.save(state, runs.folder(row) / "last.pt")
    assert train(runs, row, Budget(epochs=2), quiet=True).epoch == 2


def test_a_row_starts_from_an_engine_and_says_so(trained: Lab, tmp_path: Path) -> None:
    row = find_face("face/ours")
    before = export_row(trained, row, tmp_path)
    again = replace(trained, runs=tmp_path / "runs")
    start = Start(tmp_path / "face.onnx", teachers=(Teacher(tmp_path / "face.onnx"),), rate=0.02)
    run = train(again, row, Budget(epochs=1), start=start, quiet=True)
    assert [entry["epoch"] for entry in run.log] == [0.0, 1.0]
    assert run.log[0]["accuracy"] == pytest.approx(before["accuracy"], abs=0.05)
    assert round(run.best, 5) >= run.log[0]["accuracy"]
    assert run.log[-1]["accuracy"] > 0.6
    assert read_start(again.folder(row)) == start
    assert record(again, row).earlier_minutes == pytest.approx(before["cost"]["training_minutes"], abs=1e-3)
    with pytest.raises(DataError, match="give --fresh"):
        train(again, row, Budget(epochs=2), start=replace(start, rate=0.2))
    assert train(again, row, Budget(epochs=2), quiet=True).epoch == 2
    assert train(again, row, Budget(epochs=1), fresh=True, quiet=True).epoch == 1
    assert read_start(again.folder(row)) == Start()


def test_an_engine_without_a_card_is_named(lab: Lab, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no card beside .*face\.onnx"):
        write_start(tmp_path, describe_files(Start(tmp_path / "face.onnx")))


def test_an_untrained_row_says_what_to_do(lab: Lab, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="train this row first"):
        trained_network(replace(lab, runs=tmp_path), find_face("face/small"))
