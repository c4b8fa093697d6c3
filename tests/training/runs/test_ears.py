"""From smart-turn's weights to an engine with an ear, on a tiny laboratory."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from training.conftest import load_json, tiny_speech
from training.synthetic import write_background, write_corpus, write_smart_turn

from edge.errors import DataError
from edge.training.commands.main import main
from edge.training.engines.ship import export_row
from edge.training.figures.evaluate import evaluate_row
from edge.training.figures.fit_ear import fit_ear
from edge.training.models.ear import Ear, EarNet, Heard
from edge.training.models.unfolding import engine_weights
from edge.training.recipes import rows
from edge.training.recipes.imitation import ImitationRecipe
from edge.training.recipes.loop import Budget
from edge.training.recipes.protocols import StrangersOut
from edge.training.recipes.rows import find_speech
from edge.training.recipes.speech_task import SpeechRecipe, clip_logits
from edge.training.recipes.start import Start
from edge.training.runs.imitation import imitate
from edge.training.runs.lab import Lab
from edge.training.runs.networks import trained_network
from edge.training.runs.training import train

SOME = ("angry", "fear", "happy", "neutral")
WIDTH = 64


def tiny_ear() -> Heard:
    return Heard(Ear(4, WIDTH, 1))


def tiny_net() -> EarNet:
    return EarNet(tiny_ear(), tiny_speech())


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("wheel") / "smart-turn-v3.2-cpu.onnx"
    write_smart_turn(path, WIDTH)
    return path


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    data = tmp_path_factory.mktemp("data")
    write_corpus(data / "speech" / "ravdess", 4, SOME)
    write_corpus(data / "speech" / "emodb", 3, SOME, offset=5000)
    write_background(data)
    return Lab(data, tmp_path_factory.mktemp("cache") / "runs", variants=1)


@pytest.fixture(autouse=True, scope="module")
def tiny() -> Iterator[None]:
    recipe = SpeechRecipe(batch=14, draws=56, mix=0.0, tilt=0.0, warp=0.0, restyle=0.0, voices=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("edge.training.runs.imitation.Ear", lambda: Ear(4, WIDTH, 1))
        for name, build in (("ours", tiny_net), ("ear", tiny_ear), ("plain", tiny_speech)):
            row = find_speech(f"speech/{name}")
            patch.setitem(rows.ROWS, row.name, replace(row, build=build, recipe=recipe, decays=(0.8,)))
        yield


@pytest.fixture(scope="module")
def ear(lab: Lab, source: Path) -> Path:
    recipe = ImitationRecipe(batch=8, steps=10)
    run = imitate(lab, source, Budget(4), ["emodb"], recipe)
    assert run.folder == lab.runs / "imitation-without-emodb"
    return run.folder / "best.pt"


def test_an_ear_comes_to_hear_what_whisper_hears(ear: Path) -> None:
    lines = (ear.parent / "log.csv").read_text().splitlines()
    column = lines[0].split(",").index("likeness")
    likeness = [float(line.split(",")[column]) for line in lines[1:]]
    assert len(likeness) == 4
    assert likeness[-1] > likeness[0] + 0.3


def test_who_is_left_out_is_not_heard(lab: Lab, ear: Path, source: Path) -> None:
    assert load_json(ear.parent / "start.json")["corpora"] == ["ravdess"]
    with pytest.raises(DataError, match="no corpus 'tea'"):
        imitate(lab, source, Budget(1), ["tea"])


def test_strangers_are_not_judged_with_an_ear_that_has_heard_them(lab: Lab, ear: Path) -> None:
    row, start = find_speech("speech/ear"), Start(ear=ear)
    refusal = r"has heard ravdess: `imitate --without ravdess` fits another"
    with pytest.raises(DataError, match=refusal):
        train(lab.with_protocol(StrangersOut("ravdess")), row, Budget(1), start=start)
    with pytest.raises(DataError, match=refusal):
        fit_ear(lab, row, ear, ["ravdess"])
    with pytest.raises(DataError, match="speech/small is no ear with one layer"):
        fit_ear(lab, find_speech("speech/small"), ear)


def test_rows_with_an_ear_need_one_and_others_have_no_place(lab: Lab, ear: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"speech/ear needs an ear: .*--ear RUNS/imitation/best\.pt"):
        train(lab, find_speech("speech/ear"), Budget(1))
    with pytest.raises(DataError, match="speech/small has no place for an ear"):
        train(lab, find_speech("speech/small"), Budget(1), start=Start(ear=ear))
    torch.save({"row": "speech/small", "model": {}}, tmp_path / "other.pt")
    with pytest.raises(DataError, match=r"other\.pt is no ear"):
        train(lab, find_speech("speech/ear"), Budget(1), start=Start(ear=tmp_path / "other.pt"))


@pytest.fixture(scope="module")
def joined(lab: Lab, ear: Path) -> Lab:
    """Both parts, joined; without emodb as well."""
    places = ["--data", str(lab.data), "--runs", str(lab.runs)]
    brief = ["--variants", "1", "--epochs", "1"]
    assert main(["fit", str(ear), *places]) == 0
    assert main(["train", "speech/plain", *brief, *places]) == 0
    assert main(["fit", str(ear), "--without", "emodb", *places]) == 0
    assert main(["strangers", "speech/plain", "--corpus", "emodb", *brief, *places]) == 0
    assert main(["join", *places]) == 0
    assert main(["join", "--protocol", "strangers", "--without", "emodb", *places]) == 0
    return lab


def test_one_layer_fits_what_it_was_told(joined: Lab) -> None:
    """Pitches tell the labels apart, even to an ear of random weights."""
    clips = joined.corpora().split("train")
    front = find_speech("speech/ear").recipe.front
    kept = joined.spectrograms(joined.features(front).clean, clips)
    network = trained_network(joined, find_speech("speech/ear"))
    logits = clip_logits(network, [torch.from_numpy(front.windows(kept[clip.path])) for clip in clips])
    assert np.mean(logits.argmax(1) == np.array([clip.label for clip in clips])) > 0.9


def test_emotions_leave_the_ear_as_it_was(joined: Lab, ear: Path) -> None:
    heard = trained_network(joined, find_speech("speech/ear"))
    fitted = torch.load(ear, weights_only=True)["model"]
    assert isinstance(heard, Heard)
    assert all(torch.equal(each, fitted[name]) for name, each in heard.ear.state_dict().items())


@torch.no_grad()
def test_the_joined_network_answers_between_its_parts(joined: Lab) -> None:
    parts = [trained_network(joined, find_speech(f"speech/{name}")) for name in ("ear", "plain", "ours")]
    window = torch.randn(3, 1, 64, 184)
    heard, pictured, both = (part(window) for part in parts)
    assert torch.allclose(both, (heard + pictured) / 2, atol=1e-5)
    apart = joined.with_protocol(StrangersOut("emodb"))
    assert (apart.folder(find_speech("speech/ours")) / "strangers.npz").is_file()


def test_the_engine_tells_of_both_parts_and_begins_another_training(joined: Lab, tmp_path: Path) -> None:
    row = find_speech("speech/ours")
    evaluate_row(joined, row.name)
    export_row(joined, row, tmp_path)
    card = load_json(tmp_path / "speech.json")
    parts = ["fit imitation-without-emodb/best.pt", "train speech/plain --variants 1 --minutes 1", "join"]
    assert card["commands"]["train"] == " && ".join(f"python -m edge.training {part}" for part in parts)
    assert "Of two parts, trained apart. `speech-ear`" in card["start"]
    assert "an ear fitted to Whisper's first layers" in card["start"]
    assert any("Whisper" in each["name"] and "MIT" in each["terms"] for each in card["training_data"])
    weights, network = engine_weights(tmp_path / "speech.onnx"), trained_network(joined, row)
    assert isinstance(network, EarNet)
    missing = [name for name, each in network.heard.state_dict().items() if f"heard.{name}" not in weights]
    assert missing == []
    assert torch.allclose(weights["heard.ear.block.query.weight"], network.heard.ear.block.query.weight)
