"""Engines and networks that teach a run."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from training.conftest import load_json
from training.synthetic import WIDTHS, recogniser, write_tfjs, write_wild

from edge.errors import DataError, ModelError
from edge.training.data.wild import PLACE
from edge.training.engines.ship import export_row
from edge.training.figures.judge import judge
from edge.training.models.face import FaceNet
from edge.training.models.mobile_face import MobileFace
from edge.training.recipes.checkpoint import write_best
from edge.training.recipes.face_task import FaceRecipe
from edge.training.recipes.loop import Budget
from edge.training.recipes.protocols import StrangersOut, read_protocol
from edge.training.recipes.row import FaceRow
from edge.training.recipes.rows import find_face, find_speech
from edge.training.recipes.start import Start, Teacher
from edge.training.runs.lab import Lab
from edge.training.runs.networks import open_teachers, trained_network
from edge.training.runs.preparation import prepare
from edge.training.runs.provenance import command_options, describe_start
from edge.training.runs.record import record
from edge.training.runs.training import train

pytestmark = pytest.mark.usefixtures("tiny_rows")


def obstinate(row: FaceRow, folder: Path) -> Path:
    """The checkpoint of a network that always answers sad."""
    tutor = row.build()
    assert isinstance(tutor, FaceNet)
    torch.nn.init.zeros_(tutor.emotions.weight)
    tutor.emotions.bias.data.copy_(10.0 * torch.eye(7)[4])
    folder.mkdir()
    write_best(folder, tutor, 0.0, row=row.name)
    return folder / "best.pt"


def test_a_run_goes_on_with_the_teacher_it_began_with(trained: Lab, tmp_path: Path) -> None:
    row = find_face("face/ours")
    export_row(trained, row, tmp_path)
    teacher = tmp_path / "face.onnx"
    runs = replace(trained, runs=tmp_path / "runs")
    train(runs, row, Budget(epochs=1), start=Start(teachers=(Teacher(teacher),)), quiet=True)
    train(runs, row, Budget(epochs=2), start=Start(teachers=(Teacher(teacher),)), quiet=True)
    teacher.write_bytes(teacher.read_bytes() + b"x")
    with pytest.raises(DataError, match="has changed since"):
        train(runs, row, Budget(epochs=3))


def test_a_run_believes_a_checkpoint_that_sees_every_batch(trained: Lab, tmp_path: Path) -> None:
    row, runs = find_face("face/ours"), replace(trained, runs=tmp_path / "runs")
    start = Start(teachers=(Teacher(obstinate(row, tmp_path / "obstinate")),))
    train(runs, row, Budget(epochs=4), start=start, quiet=True)
    assert (judge(runs, row, trained_network(runs, row, "last")).logits.argmax(1) == 4).all()
    assert "`obstinate` to every varied batch as the targets" in describe_start(runs.folder(row))


def test_faces_are_taught_by_an_engine_and_by_a_checkpoint_with_its_share(
    trained: Lab, tmp_path: Path
) -> None:
    row, runs = find_face("face/ours"), replace(trained, runs=tmp_path / "runs")
    export_row(trained, row, tmp_path)
    tutor = obstinate(row, tmp_path / "face-recogniser")
    engine = Teacher(tmp_path / "face.onnx")
    losses, batch = {}, None
    for share in (0.0, 0.25, 1.0):
        start = Start(engine.path, (engine, Teacher(tutor, share=share)))
        task = prepare(runs, row, start)
        task.model.eval()
        batch = batch or next(task.batches(1.0))
        losses[share] = float(task.loss(batch, 1.0))
    assert losses[1.0] > 1.1 * losses[0.0]
    assert losses[0.25] == pytest.approx(0.75 * losses[0.0] + 0.25 * losses[1.0], rel=1e-3)
    start = Start(teachers=(engine, Teacher(tutor, share=0.25)))
    train(runs, row, Budget(epochs=1), start=start, quiet=True)
    told = describe_start(runs.folder(row))
    assert "`face` mixed into the targets and with the answers of `face-recogniser` (25 %) to every" in told
    export_row(runs, row, tmp_path / "taught", which="last")
    assert "a teacher only" in load_json(tmp_path / "taught" / "face.json")["training_data"][-1]["name"]
    assert "a teacher only" not in str(load_json(tmp_path / "face.json")["training_data"])


def test_a_teacher_begins_as_a_recogniser_of_faces(trained: Lab, tmp_path: Path) -> None:
    pictures = FaceRecipe(batch=16, sizes=(44,), mix=0.0)
    row = replace(
        find_face("face/recogniser"), build=lambda: MobileFace(side=32, widths=WIDTHS), recipe=pictures
    )
    model, weights = tmp_path / "faceres.json", recogniser()
    write_tfjs(model, weights)
    runs = replace(trained, runs=tmp_path / "runs", protocol=StrangersOut("wild"))
    write_wild(tmp_path / "data" / PLACE)
    shutil.copytree(trained.data / "fer2013", tmp_path / "data" / "fer2013")
    runs = replace(runs, data=tmp_path / "data")
    train(runs, row, Budget(epochs=1), start=Start(model), quiet=True)
    network = trained_network(runs, row, "last")
    expected = torch.from_numpy(weights["conv_pw_2/convolution/merged_input"].transpose(3, 2, 0, 1))
    assert torch.equal(network.get_parameter("blocks.1.pointwise.weight"), expected)
    assert "Started from the recogniser of faces `faceres`" in describe_start(runs.folder(row))
    assert "--from faceres.json" in command_options(runs.folder(row))


def test_an_engine_hears_the_clip_as_it_is_and_teaches_its_varied_picture(
    trained: Lab, tmp_path: Path
) -> None:
    plain, runs = find_speech("speech/ours"), replace(trained, runs=tmp_path / "runs")
    row = replace(plain, recipe=replace(plain.recipe, listening=True, band_limits=0.5, noisy=0.5))
    export_row(trained, row, tmp_path)
    start = Start(teachers=(Teacher(tmp_path / "speech.onnx"),))
    train(runs, row, Budget(epochs=1), start=start, quiet=True)
    assert record(runs, row).log[-1]["loss"] > 0
    (tmp_path / "speech.onnx").unlink()
    export_row(trained, find_face("face/ours"), tmp_path)
    (tmp_path / "face.onnx").rename(tmp_path / "speech.onnx")
    with pytest.raises(DataError, match="is of no row that hears what speech/ours does"):
        train(runs, row, Budget(epochs=1), start=start, fresh=True, quiet=True)


def test_engines_teach_the_corpora_they_are_told_with_shares_of_their_own(
    trained: Lab, tmp_path: Path
) -> None:
    plain, runs = find_speech("speech/ours"), replace(trained, runs=tmp_path / "runs")
    row = replace(plain, recipe=replace(plain.recipe, listening=True))
    corpus = trained.corpora().split("train")[0].corpus
    export_row(trained, row, tmp_path)
    told = Teacher.read(f"{tmp_path}/speech.onnx@{corpus}=0.8")
    assert told == Teacher(tmp_path / "speech.onnx", (corpus,), 0.8)
    train(runs, row, Budget(epochs=1), start=Start(teachers=(told,)), quiet=True)
    assert f"`speech` ({corpus}, 80 %)" in describe_start(runs.folder(row))
    assert f"--teacher speech.onnx@{corpus}=0.8" in command_options(runs.folder(row))
    train(runs, row, Budget(epochs=2), start=Start(teachers=(told,)), quiet=True)
    with pytest.raises(DataError, match="goes on from"):
        train(runs, row, Budget(epochs=3), start=Start(teachers=(Teacher(told.path),)), quiet=True)
    strange = Start(teachers=(Teacher(told.path, ("martian",)),))
    with pytest.raises(DataError, match="no corpus 'martian'"):
        train(runs, row, Budget(epochs=1), start=strange, fresh=True, quiet=True)


def test_only_engines_that_listen_are_told_corpora_and_shares(trained: Lab, tmp_path: Path) -> None:
    face, speech, runs = find_face("face/ours"), find_speech("speech/ours"), replace(trained, runs=tmp_path)
    export_row(trained, face, tmp_path)
    refused = (
        (face, ["face.onnx=0.5"], "only engines that listen"),
        (speech, ["best.pt=0.5"], "not to checkpoints"),
        (face, ["best.pt@wild"], "not to checkpoints"),
        (face, ["best.pt=0.5", "other.pt"], "the same share"),
        (face, ["best.pt", "face.onnx"], "tell the checkpoints their share"),
        (speech, ["best.pt", "speech.onnx"], "cannot be mixed"),
    )
    for row, texts, message in refused:
        start = Start(teachers=tuple(Teacher.read(f"{tmp_path}/{text}") for text in texts))
        with pytest.raises(DataError, match=message):
            train(runs, row, Budget(epochs=1), start=start, quiet=True)
    for text in ("a.onnx=2", "a.onnx=.1.2"):
        with pytest.raises(DataError, match="the share in a"):
            Teacher.read(text)
    assert Teacher.read("odd=name/teacher") == Teacher(Path("odd=name/teacher"))


def test_a_run_cannot_teach_itself_and_keeps_its_files(trained: Lab, tmp_path: Path) -> None:
    row, runs = find_face("face/ours"), replace(trained, runs=tmp_path)
    train(runs, row, Budget(epochs=1), quiet=True)
    before = sorted(path.name for path in runs.folder(row).iterdir())
    own = Start(teachers=(Teacher(runs.folder(row) / "best.pt"),))
    with pytest.raises(DataError, match="cannot teach itself"):
        train(runs, row, Budget(epochs=1), start=own, fresh=True, quiet=True)
    lost = Start(teachers=(Teacher(tmp_path / "absent.pt"),))
    with pytest.raises(ModelError, match="cannot read the model"):
        train(runs, row, Budget(epochs=1), start=lost, fresh=True, quiet=True)
    assert sorted(path.name for path in runs.folder(row).iterdir()) == before


def test_a_change_about_teachers_wants_one(trained: Lab, tmp_path: Path) -> None:
    row, runs = find_face("face/ours"), replace(trained, runs=tmp_path)
    with pytest.raises(DataError, match="changes nothing without a checkpoint"):
        train(replace(runs, protocol=read_protocol("change-labels-too")), row, Budget(epochs=1), quiet=True)


def test_a_network_that_sees_something_else_is_named(trained: Lab, tmp_path: Path) -> None:
    face, speech, cpu = find_face("face/ours"), find_speech("speech/ours"), torch.device("cpu")
    with pytest.raises(DataError, match="speech/ours, which does not see what face/ours does"):
        open_teachers(face, [trained.folder(speech) / "best.pt"], cpu)
    with pytest.raises(DataError, match="no checkpoint"):
        open_teachers(face, [tmp_path / "absent.pt"], cpu)
    broken = {
        "no best.pt of a run": {"model": {}},
        "another network": {"row": "face/ours", "protocol": "speaker", "model": {}},
        "no row 'face/none'": {"row": "face/none", "protocol": "speaker", "model": {}},
        "from people that validate face/ours": {"row": "face/ours", "protocol": "random", "model": {}},
    }
    for message, state in broken.items():
        torch.save(state, tmp_path / "best.pt")
        with pytest.raises(DataError, match=message):
            open_teachers(face, [tmp_path / "best.pt"], cpu)
