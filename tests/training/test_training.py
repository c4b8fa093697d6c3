"""The whole way on made-up data: train, stop, go on, judge, export, fuse."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from training.synthetic import faces, write_background, write_fer2013, write_ravdess, write_savee

from edge.config.models import EnginesConfig
from edge.errors import DataError, ModelError
from edge.evaluation.evaluate import evaluate_face, evaluate_speech
from edge.evaluation.faces import load_faces
from edge.evaluation.metrics import metrics
from edge.inference.card import load_card, verify
from edge.inference.registry import find_model
from edge.mood.pooling import FusionParameters, fuse_loglinear
from edge.perception.face_input import face_input
from edge.training.cli import main
from edge.training.comparison import evaluate_engine, evaluate_row, leave_one_out
from edge.training.data.augment import FaceAugment
from edge.training.engines.fuse import own_pairs, write_fusion
from edge.training.engines.quantise import quantise_row
from edge.training.engines.ship import export_row
from edge.training.figures.blend import blend
from edge.training.figures.choice import choose_last
from edge.training.figures.judge import figures, judge, load_readings, score
from edge.training.models.face import FaceNet
from edge.training.models.speech import SpeechNet
from edge.training.recipes import rows
from edge.training.recipes.face_task import FaceRecipe, FaceTask, face_logits, load_fer2013, split_faces
from edge.training.recipes.loop import Budget, Run, read_best, read_checkpoint, write_best
from edge.training.recipes.rows import find_row
from edge.training.recipes.speech_task import SpeechRecipe
from edge.training.report.report import write_report
from edge.training.runs.checkpoints import open_tutors
from edge.training.runs.lab import Lab
from edge.training.runs.start import Start, blend_words, describe_start, read_start, write_start
from edge.vocabulary import softmax


def load_json(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def tiny_face() -> FaceNet:
    return FaceNet(stem=8, widths=(8, 16, 16), inner=(8, 16, 16), depth=1)


def tiny_speech() -> SpeechNet:
    return SpeechNet(widths=(8, 16, 24), depths=(1, 1, 1), out=16)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    torch.set_num_threads(1)
    data = tmp_path_factory.mktemp("data")
    write_fer2013(data / "fer2013" / "fer2013.npz")
    write_ravdess(data / "speech" / "ravdess", takes=2)
    write_background(data)
    return Lab(data, tmp_path_factory.mktemp("cache") / "runs", variants=1)


@pytest.fixture(scope="module", autouse=True)
def tiny_rows() -> object:
    """The rows keep their names, with networks and recipes that train in a second."""
    original = dict(rows.ROWS)
    face, speech = find_row("face/ours"), find_row("speech/ours")
    pictures = FaceRecipe(batch=16, sizes=(32, 44, 44), mix=0.0)
    rows.ROWS["face/ours"] = replace(face, build=tiny_face, decays=(0.8,), power=1.0, face=pictures)
    recipe = SpeechRecipe(batch=14, draws=84, mix=0.0, tilt=0.0, warp=0.0, restyle=0.0)
    rows.ROWS["speech/ours"] = replace(speech, build=tiny_speech, decays=(0.8,), speech=recipe)
    yield
    rows.ROWS.update(original)


@pytest.fixture(scope="module")
def trained(lab: Lab) -> Lab:
    lab.train(find_row("face/ours"), Budget(epochs=12), quiet=True)
    lab.train(find_row("speech/ours"), Budget(epochs=8), quiet=True)
    for name in ("face/ours", "speech/ours"):
        row = find_row(name)
        judge(lab, row, lab.trained(row)).save(lab.folder(row) / "readings.npz")
    return lab


def test_the_networks_learn(trained: Lab) -> None:
    for name in ("face/ours", "speech/ours"):
        readings = load_readings(trained.folder(find_row(name)) / "readings.npz")
        assert figures(readings)["accuracy"] > 0.5, name


def test_the_log_has_a_row_an_epoch(trained: Lab) -> None:
    log = (trained.folder(find_row("face/ours")) / "log.csv").read_text().splitlines()
    assert log[0] == "epoch,minutes,progress,loss,accuracy"
    assert len(log) == 13


def test_a_stopped_run_goes_on_where_it_stopped(lab: Lab, tmp_path: Path) -> None:
    row = find_row("face/ours")
    splits = lab.faces()

    def task() -> FaceTask:
        torch.manual_seed(1)
        return FaceTask(row.name, row.network(), splits, recipe=row.face)

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
    row = find_row("face/ours")
    scores = iter([0.2, 0.5, 0.4, 0.3])
    seen: list[nn.Module] = []

    class Scripted(FaceTask):
        def validate(self, model: nn.Module) -> dict[str, float]:
            seen.append(model)
            return {"accuracy": next(scores)}

    task = Scripted(row.name, row.network(), lab.faces(), recipe=row.face)
    log = Run(tmp_path, Budget(epochs=2), (0.8, 0.95)).fit(task, quiet=True)
    assert [entry["accuracy"] for entry in log] == [0.5, 0.4]
    assert [entry["decay"] for entry in log] == [0.95, 0.8]
    assert seen[0] is not seen[1]
    assert read_best(tmp_path) == 0.5
    last = read_checkpoint(tmp_path / "last.pt")["average"]
    assert all(torch.equal(last[name], value) for name, value in seen[2].state_dict().items())


def test_a_budget_in_minutes_ends_in_time(lab: Lab, tmp_path: Path) -> None:
    row = find_row("face/ours")
    run = Run(tmp_path, Budget(minutes=0.02))
    run.fit(FaceTask(row.name, row.network(), lab.faces(), recipe=row.face), quiet=True)
    assert run.progress == 1.0
    assert run.elapsed < 20


def test_exported_engines_serve_the_daemon(trained: Lab, tmp_path: Path) -> None:
    for name in ("face/ours", "speech/ours"):
        export_row(trained, find_row(name), tmp_path)
    config = EnginesConfig(directory=tmp_path, backend="onnx")
    for name in ("face", "speech"):
        card = load_card(tmp_path / f"{name}.json")
        verify(tmp_path / f"{name}.onnx", card)
        assert card.kind == name
        assert set(card.per_class) == set(card.labels)
    face = evaluate_face(trained.data / "fer2013", split="PublicTest", config=config)
    speech = evaluate_speech(trained.data / "speech" / "ravdess", split="valid", config=config)
    for result, name in ((face, "face/ours"), (speech, "speech/ours")):
        readings = load_readings(trained.folder(find_row(name)) / "readings.npz")
        assert result["accuracy"] == pytest.approx(figures(readings)["accuracy"], abs=0.1), name
    assert set(speech["by_group"]) == {"RAV_04"}


@pytest.mark.parametrize("name", ["face/ours", "speech/ours"])
def test_an_int8_engine_is_kept_only_if_it_earns_it(name: str, trained: Lab, tmp_path: Path) -> None:
    row, kind = find_row(name), name.partition("/")[0]
    export_row(trained, row, tmp_path)
    found = quantise_row(trained, row, tmp_path, faster=0.0, loss=0.3)
    assert found["kept"]
    model = find_model(f"{kind}-int8", config=EnginesConfig(directory=tmp_path))
    export_row(trained, row, tmp_path)
    assert model.path.exists(), "the same weights again"
    assert model.card.runtimes == ("onnx",)
    assert abs(found["float32"] - found["int8"]) <= 0.3
    evaluate = {"face": evaluate_face, "speech": evaluate_speech}[kind]
    folder, split = {"face": ("fer2013", "PublicTest"), "speech": ("speech/ravdess", "valid")}[kind]
    config = EnginesConfig(directory=tmp_path, backend="onnx")
    result = evaluate(trained.data / folder, f"{kind}-int8", split, config=config)
    assert result["accuracy"] == pytest.approx((model.card.model_extra or {})["metrics"]["accuracy"], abs=0.1)
    assert {"degraded_float32", "degraded_int8"} <= found.keys()
    assert not quantise_row(trained, row, tmp_path, faster=1e6)["kept"]
    assert model.path.exists()
    assert not quantise_row(trained, row, tmp_path, loss=-2.0)["kept"]
    assert not model.path.exists()
    assert not model.path.with_suffix(".json").exists()


@pytest.mark.parametrize("card", ["no card", '{"made_from": {"sha256": "another"}}'])
def test_new_weights_take_away_the_int8_engine_of_the_old(card: str, trained: Lab, tmp_path: Path) -> None:
    (tmp_path / "face-int8.onnx").write_bytes(b"made from other weights")
    (tmp_path / "face-int8.json").write_text(card)
    export_row(trained, find_row("face/ours"), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["face.json", "face.onnx"]


@pytest.mark.parametrize("name", ["face/ours", "speech/ours"])
def test_the_figures_tell_how_bad_input_is_stood(name: str, trained: Lab) -> None:
    document = evaluate_row(trained, name)
    conditions = document["robustness"]["conditions"]
    key = "accuracy" if name == "face/ours" else "mean_uar"
    assert conditions["as it is"] == pytest.approx(document[key])
    assert len(conditions) >= 4
    logged = trained.log(find_row(name))[-1][find_row(name).metric]
    assert document["last_average"] == pytest.approx(logged, abs=0.03)
    assert 0 <= document["last_raw"] <= 1


def test_an_engine_is_judged_in_the_place_of_a_run(
    trained: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exported = export_row(trained, find_row("face/ours"), tmp_path)
    places = ["--data", str(trained.data), "--runs", str(tmp_path / "runs")]
    assert main(["evaluate", "face/ours", "--engine", str(tmp_path / "face.onnx"), *places]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["accuracy"] == pytest.approx(exported["accuracy"], abs=0.03)
    assert document["robustness"]["conditions"]["as it is"] == document["accuracy"]
    assert main(["evaluate", "face/ours", "--engine", str(tmp_path / "face.json"), *places]) == 1
    assert "cannot be read as an engine" in capsys.readouterr().err


def test_a_control_has_the_rates_of_its_row(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["train", "face/ours", "--control", "--rate", "0.3", "--data", str(lab.data)]
    assert main([*arguments, "--runs", str(lab.runs)]) == 1
    assert "at the row's own rates" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["train", "speech/ours", "--control", "--protocol", "random"])
    assert "not allowed with" in capsys.readouterr().err


def test_origin_rows_see_none_of_our_bad_pictures() -> None:
    augment = find_row("face/origin").face.augment
    assert (augment.grainy, augment.blur) == (0.0, 0.0)


def test_bad_pictures_keep_their_contrast() -> None:
    torch.manual_seed(0)
    crops = torch.randint(0, 256, (64, 48, 48), dtype=torch.uint8)
    augment = FaceAugment(cutout=0.0, gamma=0.0, rotation=0.0, scale=0.0, shift=0.0)
    plain = replace(augment, noise=0.0, grainy=0.0, blur=0.0)(crops, 44)
    bad = replace(augment, grainy=1.0, blur=1.0)(crops, 44)
    assert bad.shape == (64, 1, 44, 44)
    torch.testing.assert_close(bad.std((1, 2, 3)).mean(), plain.std((1, 2, 3)).mean(), rtol=0.02, atol=0)


def test_a_row_that_was_not_exported_has_no_int8_engine(trained: Lab, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="export the row first"):
        quantise_row(trained, find_row("face/ours"), tmp_path)


def test_the_fusion_is_fitted_on_the_readings(trained: Lab, tmp_path: Path) -> None:
    write_fusion(trained, tmp_path)
    document = json.loads((tmp_path / "fusion.json").read_text())
    assert document["face_weight"] >= 0
    assert sum(document["prior"].values()) == pytest.approx(1, abs=0.01)
    assert (
        document["metrics"]["loglinear"]["accuracy"] >= document["metrics"]["face alone"]["accuracy"] - 0.05
    )


def test_the_fusion_is_measured_as_the_daemon_fuses(trained: Lab, tmp_path: Path) -> None:
    """With the file's weights and the cards' temperatures, and nothing else."""
    write_fusion(trained, tmp_path)
    document = json.loads((tmp_path / "fusion.json").read_text())
    shipped = FusionParameters(
        face_weight=document["face_weight"],
        speech_weight=document["speech_weight"],
        prior=np.array(list(document["prior"].values())),
    )
    test = own_pairs(trained, 1)
    found = metrics(fuse_loglinear(softmax(test.face), softmax(test.speech), shipped), test.labels)
    assert found["nll"] == pytest.approx(document["metrics"]["loglinear"]["nll"], abs=2e-3)
    assert found["ece"] == pytest.approx(document["metrics"]["loglinear"]["ece"], abs=5e-3)


def test_pictures_of_the_validation_are_not_trained_on(lab: Lab) -> None:
    splits = lab.faces()
    train = {picture.tobytes() for picture in splits.train.images}
    held = {picture.tobytes() for picture in splits.held_out.images}
    valid = {picture.tobytes() for picture in splits.valid.images}
    assert not train & valid
    assert not held & valid
    assert not train & held
    assert len(train) + len(held) == 111


def test_the_held_out_pictures_do_not_depend_on_how_copies_are_numbered(tmp_path: Path) -> None:
    write_fer2013(tmp_path / "fer2013" / "fer2013.npz")
    loaded = load_faces(tmp_path / "fer2013")
    assert "dup_group" not in loaded.extras
    own = np.arange(len(loaded.labels))[::-1] * 3
    own[0] = own[112]
    numbered = replace(loaded, extras={**loaded.extras, "dup_group": own})
    plain, other = split_faces(loaded).held_out.images, split_faces(numbered).held_out.images
    assert len(plain) > 0
    np.testing.assert_array_equal(plain, other)


def test_half_a_data_set_is_refused(lab: Lab) -> None:
    with pytest.raises(DataError, match="incomplete"):
        split_faces(lab.faces().train)


def test_the_votes_of_ferplus_join_the_rows_of_the_csv(tmp_path: Path) -> None:
    folder = tmp_path / "fer2013"
    folder.mkdir()
    images, labels = faces(30, seed=4)
    usages = ["Training"] * 20 + ["PublicTest"] * 10
    rows = zip(labels.tolist(), images.reshape(30, -1).tolist(), usages, strict=True)
    lines = [f"{label},{' '.join(map(str, pixels))},{usage}" for label, pixels, usage in rows]
    (folder / "fer2013.csv").write_text("\n".join(["emotion,pixels,Usage", *lines]))
    names = "neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
    votes = [f"{usage},fer{i}.png,{i % 9},0,0,0,10,0,0,0,0,0" for i, usage in enumerate(usages)]
    (folder / "fer2013new.csv").write_text("\n".join([f"Usage,Image name,{names}", *votes]))
    valid = load_fer2013(tmp_path).valid
    assert valid.extras["ferplus_votes"][:, 0].tolist() == [i % 9 for i in range(20, 30)]
    assert (valid.extras["ferplus_votes"][:, 4] == 10).all()
    (folder / "fer2013new.csv").write_text("\n".join([f"Usage,Image name,{names}", *votes[:-1]]))
    with pytest.raises(DataError, match="29 rows for 30 faces"):
        load_fer2013(tmp_path)


def test_the_copies_in_training_are_known_without_the_column(lab: Lab) -> None:
    assert lab.faces().valid.extras["also_in_training"].sum() == 1


def test_clips_of_a_test_split_are_in_no_protocol(lab: Lab, tmp_path: Path) -> None:
    folder = tmp_path / "speech" / "ravdess"
    shutil.copytree(lab.data / "speech" / "ravdess", folder)
    index = (folder / "index.csv").read_text()
    lines = [line.replace(",train", ",test") if "RAV_01" in line else line for line in index.splitlines()]
    (folder / "index.csv").write_text("\n".join(lines))
    for protocol in ("speaker", "random", "without-ravdess-RAV_02"):
        corpora = replace(lab, data=tmp_path, protocol=protocol).corpora()
        used = {clip.speaker for name in ("train", "valid") for clip in corpora.split(name)}
        assert used == {"RAV_02", "RAV_03", "RAV_04"}, protocol


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


def test_an_engine_that_knows_a_validation_speaker_is_refused(trained: Lab, tmp_path: Path) -> None:
    row = find_row("speech/ours")
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
    for start in (Start(tmp_path / "speech.onnx"), Start(teachers=(tmp_path / "speech.onnx",))):
        runs = replace(trained, runs=trained.runs.parent / "others")
        with pytest.raises(DataError, match=r"speech\.onnx was trained on RAV_04, with whom this validates"):
            runs.train(row, Budget(epochs=1), start=start, quiet=True)


def test_a_run_goes_on_only_with_the_clips_and_variants_it_began_with(lab: Lab, tmp_path: Path) -> None:
    shutil.copytree(lab.data, tmp_path / "data")
    row, runs = (
        find_row("speech/ours"),
        replace(lab, data=tmp_path / "data", runs=tmp_path / "cache" / "runs"),
    )
    runs.train(row, Budget(epochs=1), quiet=True)
    with pytest.raises(DataError, match="began with --variants 1: give that, or --fresh"):
        replace(runs, variants=2).train(row, Budget(epochs=2), quiet=True)
    write_savee(tmp_path / "data" / "speech" / "savee")
    with pytest.raises(DataError, match="began with other clips: --fresh starts over"):
        runs.train(row, Budget(epochs=2), quiet=True)
    shutil.rmtree(tmp_path / "data" / "speech" / "savee")
    assert runs.train(row, Budget(epochs=2), quiet=True).epoch == 2


def test_going_on_keeps_better_weights_that_were_made_of_the_run(lab: Lab, tmp_path: Path) -> None:
    row, runs = find_row("face/ours"), replace(lab, runs=tmp_path)
    runs.train(row, Budget(epochs=1), quiet=True)
    runs.replace_best(row, runs.trained(row), 0.99, blended=0.5)
    assert runs.train(row, Budget(epochs=2), quiet=True).best == 0.99
    assert runs.blended(row) == 0.5


def test_an_engine_of_another_kind_is_not_judged(trained: Lab, tmp_path: Path) -> None:
    export_row(trained, find_row("face/ours"), tmp_path)
    with pytest.raises(
        DataError, match=r"face\.onnx takes .*48, 48.*speech/ours .*name an engine of that row"
    ):
        evaluate_engine(trained, "speech/ours", tmp_path / "face.onnx")


def test_a_row_that_hears_otherwise_than_the_daemon_is_no_engine(trained: Lab, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="speech/cnn is no engine: the daemon makes no 96 bands"):
        export_row(trained, find_row("speech/cnn"), tmp_path)


def test_the_card_names_the_command_that_trained_it(trained: Lab, tmp_path: Path) -> None:
    row, runs = find_row("face/ours"), replace(trained, runs=tmp_path / "runs")
    export_row(trained, row, tmp_path)
    start = Start(tmp_path / "face.onnx", teachers=(tmp_path / "face.onnx",), rate=0.02)
    runs.train(row, Budget(epochs=1), start=start, quiet=True)
    export_row(runs, row, tmp_path / "next")
    command = load_json(tmp_path / "next" / "face.json")["commands"]["train"]
    assert "train face/ours --from face.onnx --teacher face.onnx --rate 0.02 --minutes 1" in command


def test_without_validation_speakers_nothing_is_trained(tmp_path: Path) -> None:
    write_savee(tmp_path / "speech" / "savee")
    with pytest.raises(DataError, match=r"no clip of the split 'valid'.*leave-one-out"):
        Lab(tmp_path, tmp_path / "runs").corpora()


def test_other_protocols_refuse_faces_and_engines(lab: Lab, tmp_path: Path) -> None:
    random = replace(lab, protocol="random", runs=tmp_path)
    with pytest.raises(DataError, match="about speakers, not faces"):
        random.train(find_row("face/ours"), Budget(epochs=1))
    with pytest.raises(DataError, match="may have learnt from the clips"):
        random.train(find_row("speech/ours"), Budget(epochs=1), start=Start(tmp_path / "speech.onnx"))


def test_a_control_is_a_run_of_its_own_from_scratch(lab: Lab, tmp_path: Path) -> None:
    control, row = replace(lab, protocol="control", runs=tmp_path), find_row("face/ours")
    with pytest.raises(DataError, match="a control is trained from scratch"):
        control.train(row, Budget(epochs=1), start=Start(teachers=(tmp_path / "face.onnx",)))
    control.train(row, Budget(epochs=1), quiet=True)
    assert control.log(row)
    assert not replace(lab, runs=tmp_path).log(row)
    assert control.corpora() == lab.corpora()


def test_a_changed_recipe_is_a_run_of_its_own(lab: Lab, tmp_path: Path) -> None:
    places = ["--data", str(lab.data), "--runs", str(tmp_path)]
    assert main(["train", "face/ours", "--change", "cutout-off", "--epochs", "1", *places]) == 0
    there = Lab(lab.data, tmp_path, protocol="change-cutout-off")
    assert there.log(find_row("face/ours"))
    assert not there.with_protocol("speaker").log(find_row("face/ours"))
    assert there.corpora() == lab.corpora()
    assert main(["train", "face/ours", "--change", "colour", *places]) == 1


def test_a_wrong_start_leaves_the_old_run_alone(trained: Lab, tmp_path: Path) -> None:
    row = find_row("face/ours")
    runs = replace(trained, runs=tmp_path)
    runs.train(row, Budget(epochs=1), quiet=True)
    with pytest.raises(DataError, match="absent"):
        runs.train(row, Budget(epochs=1), start=Start(tmp_path / "absent.onnx"), fresh=True)
    assert (runs.folder(row) / "best.pt").is_file()


@pytest.mark.parametrize("name", ["last.pt", "start.json"])
def test_a_run_of_an_older_version_is_named(name: str, lab: Lab, tmp_path: Path) -> None:
    row = find_row("face/ours")
    runs = replace(lab, runs=tmp_path)
    runs.train(row, Budget(epochs=1), quiet=True)
    path = runs.folder(row) / name
    if name == "last.pt":
        torch.save({"model": {}, "average": {}}, path)
    else:
        path.write_text('{"engine": null, "engine_minutes": 0, "teacher": null, "rate": 1.0}')
    with pytest.raises(DataError, match="was left by an older version: --fresh starts over"):
        runs.train(row, Budget(epochs=2), quiet=True)
    assert runs.train(row, Budget(epochs=1), fresh=True, quiet=True).epoch == 1


def test_going_on_discards_the_figures_of_the_earlier_checkpoint(lab: Lab, tmp_path: Path) -> None:
    row = find_row("face/ours")
    runs = replace(lab, runs=tmp_path)
    runs.train(row, Budget(epochs=1), quiet=True)
    figures_file = runs.folder(row) / "figures.json"
    figures_file.write_text("{}")
    runs.train(row, Budget(epochs=1), quiet=True)
    assert figures_file.is_file()
    runs.train(row, Budget(epochs=2), quiet=True)
    assert not figures_file.exists()


def test_a_run_goes_on_with_the_teacher_it_began_with(trained: Lab, tmp_path: Path) -> None:
    row = find_row("face/ours")
    export_row(trained, row, tmp_path)
    teacher = tmp_path / "face.onnx"
    runs = replace(trained, runs=tmp_path / "runs")
    runs.train(row, Budget(epochs=1), start=Start(teachers=(teacher,)), quiet=True)
    runs.train(row, Budget(epochs=2), start=Start(teachers=(teacher,)), quiet=True)
    teacher.write_bytes(teacher.read_bytes() + b"x")
    with pytest.raises(DataError, match="has changed since"):
        runs.train(row, Budget(epochs=3))


def test_a_run_believes_a_checkpoint_that_sees_every_batch(trained: Lab, tmp_path: Path) -> None:
    row, runs = find_row("face/ours"), replace(trained, runs=tmp_path / "runs")
    tutor = row.network()
    assert isinstance(tutor, FaceNet)
    torch.nn.init.zeros_(tutor.emotions.weight)
    tutor.emotions.bias.data.copy_(10.0 * torch.eye(7)[4])
    (tmp_path / "obstinate").mkdir()
    write_best(tmp_path / "obstinate", tutor, 0.0, row=row.name)
    start = Start(teachers=(tmp_path / "obstinate" / "best.pt",))
    runs.train(row, Budget(epochs=4), start=start, quiet=True)
    assert (judge(runs, row, runs.trained(row, "last")).logits.argmax(1) == 4).all()
    assert "`obstinate` to every varied batch as the targets" in describe_start(runs.folder(row))


def test_a_run_cannot_teach_itself_and_keeps_its_files(trained: Lab, tmp_path: Path) -> None:
    row, runs = find_row("face/ours"), replace(trained, runs=tmp_path)
    runs.train(row, Budget(epochs=1), quiet=True)
    before = sorted(path.name for path in runs.folder(row).iterdir())
    own = Start(teachers=(runs.folder(row) / "best.pt",))
    with pytest.raises(DataError, match="cannot teach itself"):
        runs.train(row, Budget(epochs=1), start=own, fresh=True, quiet=True)
    lost = Start(teachers=(tmp_path / "absent.pt",))
    with pytest.raises(ModelError, match="cannot read the model"):
        runs.train(row, Budget(epochs=1), start=lost, fresh=True, quiet=True)
    assert sorted(path.name for path in runs.folder(row).iterdir()) == before


def test_engines_and_checkpoints_do_not_teach_together(trained: Lab, tmp_path: Path) -> None:
    row, runs = find_row("face/ours"), replace(trained, runs=tmp_path)
    both = Start(teachers=(tmp_path / "face.onnx", trained.folder(row) / "best.pt"))
    with pytest.raises(DataError, match="either engines or checkpoints"):
        runs.train(row, Budget(epochs=1), start=both, quiet=True)
    with pytest.raises(DataError, match="changes nothing without a checkpoint"):
        replace(runs, protocol="change-labels-too").train(row, Budget(epochs=1), quiet=True)


def test_a_run_goes_on_only_on_the_device_it_began_on(trained: Lab, tmp_path: Path) -> None:
    row, runs = find_row("face/ours"), replace(trained, runs=tmp_path)
    runs.train(row, Budget(epochs=1), quiet=True)
    write_start(runs.folder(row), Start().document("Some GPU"))
    with pytest.raises(DataError, match="began on Some GPU, this is the processor"):
        runs.train(row, Budget(epochs=2), quiet=True)


def test_a_run_left_without_the_name_of_a_device_goes_on(trained: Lab, tmp_path: Path) -> None:
    row, runs = find_row("face/ours"), replace(trained, runs=tmp_path)
    runs.train(row, Budget(epochs=1), quiet=True)
    document = Start().document()
    del document["gpu"]
    write_start(runs.folder(row), document)
    state = read_checkpoint(runs.folder(row) / "last.pt")
    del state["random_gpu"]
    torch.save(state, runs.folder(row) / "last.pt")
    assert runs.train(row, Budget(epochs=2), quiet=True).epoch == 2


def test_too_few_items_for_a_batch_are_named(lab: Lab, tmp_path: Path) -> None:
    row = find_row("face/ours")
    task = FaceTask(row.name, row.network(), lab.faces(), recipe=FaceRecipe(batch=10_000))
    with pytest.raises(DataError, match="face/ours: fewer items than one batch"):
        Run(tmp_path, Budget(epochs=1)).fit(task, quiet=True)


def test_a_tutor_that_sees_something_else_is_named(trained: Lab, tmp_path: Path) -> None:
    face, speech, cpu = find_row("face/ours"), find_row("speech/ours"), torch.device("cpu")
    with pytest.raises(DataError, match="speech/ours, which does not see what face/ours does"):
        open_tutors(face, [trained.folder(speech) / "best.pt"], cpu)
    with pytest.raises(DataError, match="no checkpoint"):
        open_tutors(face, [tmp_path / "absent.pt"], cpu)
    broken = {
        "no best.pt of a run": {"model": {}},
        "another network": {"row": "face/ours", "protocol": "speaker", "model": {}},
        "no row 'face/none'": {"row": "face/none", "protocol": "speaker", "model": {}},
        "from people that validate face/ours": {"row": "face/ours", "protocol": "random", "model": {}},
    }
    for message, state in broken.items():
        torch.save(state, tmp_path / "best.pt")
        with pytest.raises(DataError, match=message):
            open_tutors(face, [tmp_path / "best.pt"], cpu)


def test_every_second_variant_of_a_clip_is_another_persons(lab: Lab) -> None:
    pytest.importorskip("parselmouth", reason="praat-parselmouth has no wheel here: pip install it to test")
    front = find_row("speech/ours").speech.front
    other, own = (lab.speech(front, 2, voices=voices).variants for voices in (True, False))
    same = [
        all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))
        for one, two in zip(other, own, strict=True)
    ]
    assert same == [True, True, False]


def test_the_random_protocol_puts_speakers_on_both_sides(lab: Lab) -> None:
    data = lab.with_protocol("random").speech(find_row("speech/ours").speech.front, variants=0)
    assert {clip.speaker for clip in data.train} & {clip.speaker for clip in data.valid}


def test_one_speaker_is_left_out_at_a_time(lab: Lab) -> None:
    left_out = lab.with_protocol("without-ravdess-RAV_02").corpora()
    assert {clip.speaker for clip in left_out.split("valid")} == {"RAV_02"}
    assert {clip.speaker for clip in left_out.split("train")} == {"RAV_01", "RAV_03", "RAV_04"}
    with pytest.raises(DataError, match="no speaker 'RAV_09' in ravdess; speakers: RAV_01"):
        lab.with_protocol("without-ravdess-RAV_09").corpora()


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
        folder = lab.with_protocol(f"without-ravdess-{speaker}").folder(find_row("speech/ours"))
        assert (folder / "best.pt").is_file()


def test_leaving_out_needs_the_corpus(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["leave-one-out", "speech/mfcc", "--data", str(lab.data), "--runs", str(lab.runs)]) == 1
    assert "no corpus 'savee' among the speech data; there are: ravdess" in capsys.readouterr().err


def test_a_row_starts_from_an_engine_and_says_so(trained: Lab, tmp_path: Path) -> None:
    row = find_row("face/ours")
    before = export_row(trained, row, tmp_path)
    again = replace(trained, runs=tmp_path / "runs")
    start = Start(tmp_path / "face.onnx", teachers=(tmp_path / "face.onnx",), rate=0.02)
    run = again.train(row, Budget(epochs=1), start=start, quiet=True)
    assert [entry["epoch"] for entry in run.log] == [0.0, 1.0]
    assert run.log[0]["accuracy"] == pytest.approx(before["accuracy"], abs=0.05)
    assert round(run.best, 5) >= run.log[0]["accuracy"]
    assert run.log[-1]["accuracy"] > 0.6
    assert read_start(again.folder(row)) == start
    assert again.earlier_minutes(row) == pytest.approx(before["cost"]["training_minutes"], abs=1e-3)
    with pytest.raises(DataError, match="give --fresh"):
        again.train(row, Budget(epochs=2), start=replace(start, rate=0.2))
    assert again.train(row, Budget(epochs=2), quiet=True).epoch == 2
    assert again.train(row, Budget(epochs=1), fresh=True, quiet=True).epoch == 1
    assert read_start(again.folder(row)) == Start()


def test_a_blend_of_engine_and_run_is_kept_when_it_is_better(trained: Lab, tmp_path: Path) -> None:
    row = find_row("face/ours")
    export_row(trained, row, tmp_path)
    runs = replace(trained, runs=tmp_path / "runs")
    runs.train(row, Budget(epochs=1), start=Start(tmp_path / "face.onnx", rate=2.0), quiet=True)
    write_best(runs.folder(row), runs.trained(row, "last"), 0.0, row=row.name)
    scores = blend(runs, row, tmp_path / "face.onnx")
    last = runs.trained(row, "last")
    inputs = torch.from_numpy(face_input(trained.faces().valid.images))
    hits = face_logits(last, inputs).argmax(1) == trained.faces().valid.labels
    assert scores[1.0] == pytest.approx(float(hits.mean()), abs=0.03)
    assert read_best(runs.folder(row)) == max(scores.values())
    share = runs.blended(row)
    assert scores[share] == max(scores.values())
    assert not runs.kept_its_engine(row)
    card = tmp_path / "blended" / "face.json"
    export_row(runs, row, card.parent)
    assert blend_words(share) in load_json(card)["start"]
    with pytest.raises(DataError, match="did not start from"):
        blend(replace(trained), find_row("speech/ours"), tmp_path / "face.onnx")


def test_the_last_weights_can_be_chosen_with_a_reason(trained: Lab, tmp_path: Path) -> None:
    row, lab = find_row("face/ours"), replace(trained, runs=tmp_path / "runs")
    export_row(trained, row, tmp_path)
    lab.train(row, Budget(epochs=1), start=Start(tmp_path / "face.onnx", rate=1e-6), quiet=True)
    folder = lab.folder(row)
    (folder / "log.csv").write_text("epoch,minutes,progress,loss,accuracy\n0,0,0,nan,0.9\n1,1,1,1,0.8\n")
    (folder / "figures.json").write_text("{}")
    assert lab.kept_its_engine(row)
    minutes = {
        which: export_row(lab, row, tmp_path / which, which=which)["cost"]["training_minutes"]
        for which in ("best", "last")
    }
    assert minutes["last"] == minutes["best"] + 1
    found = choose_last(lab, row, "it stands noise")
    assert found == read_best(folder) == score(lab, row, lab.trained(row, "last"))
    averages = read_checkpoint(folder / "last.pt")["averages"]
    for decay, average in averages.items():
        choose_last(lab, row, "it stands noise", decay)
        chosen = read_checkpoint(folder / "best.pt")["model"]
        assert all(torch.equal(chosen[name], weight) for name, weight in average["weights"].items())
    with pytest.raises(DataError, match="no average of decay"):
        choose_last(lab, row, "it stands noise", 0.5)
    assert not lab.kept_its_engine(row)
    assert not (folder / "figures.json").exists()
    last, best = lab.trained(row, "last").state_dict(), lab.trained(row).state_dict()
    assert all(torch.equal(last[name], best[name]) for name in last)
    evaluate_row(lab, "face/ours")
    report = write_report(lab, tmp_path / "engines").read_text()
    assert "Those of epoch 0 (the engine it started from) scored 90.0 %" in report
    assert "chosen because it stands noise." in report
    write_best(folder, lab.trained(row), 0.95, row=row.name)
    assert lab.chosen(row) == ""


def test_an_engine_without_a_card_is_named(lab: Lab, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no card beside .*face\.onnx"):
        write_start(tmp_path, Start(tmp_path / "face.onnx").document())


def test_degraded_input_is_judged_beside_the_good(trained: Lab) -> None:
    readings = load_readings(trained.folder(find_row("face/ours")) / "readings.npz")
    worse = readings.worse()
    assert worse.logits.shape == readings.logits.shape
    assert not np.allclose(worse.logits, readings.logits)
    np.testing.assert_array_equal(readings.half(1).worse().logits, worse.half(1).logits)
    with pytest.raises(DataError, match="evaluate the row again"):
        replace(readings, degraded=None).worse()


def test_an_untrained_row_says_what_to_do(lab: Lab, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="train this row first"):
        replace(lab, runs=tmp_path).trained(find_row("face/small"))


def test_describe_counts_as_keras(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "speech/cnn-lstm"]) == 0
    assert "401,303 parameters" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["describe", "face/unknown"], "no row 'face/unknown'"),
        (["train", "face/ours", "--data", "/nowhere"], "no data folder"),
        (["describe", "speech/mfcc"], "classical"),
        (["train", "speech/mfcc", "--teacher", "x.onnx", "--data", "."], "starts from no engine"),
    ],
)
def test_mistakes_are_told_without_a_traceback(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    assert message in capsys.readouterr().err


def test_readings_survive_a_round_trip(trained: Lab, tmp_path: Path) -> None:
    readings = load_readings(trained.folder(find_row("speech/ours")) / "readings.npz")
    readings.save(tmp_path / "readings.npz")
    again = load_readings(tmp_path / "readings.npz")
    assert np.array_equal(again.logits, readings.logits)
    assert again.groups["speaker"].tolist() == readings.groups["speaker"].tolist()
