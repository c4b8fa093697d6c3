import json
import shutil
from pathlib import Path

import pytest

from edge.config import Config
from edge.config.models import EnginesConfig
from edge.config.resources import resource
from edge.errors import ModelError
from edge.inference.auto import chosen, measured, pick, settled, unhurried
from edge.inference.classifier import Classifier
from edge.inference.registry import described_model, find_model
from edge.inference.tensorrt.cuda import UnusableError
from edge.inference.tensorrt.machine import local_machine
from edge.inference.timing import times

AUTO = EnginesConfig(backend="onnx", face="auto", speech="auto")


def test_whole_numbers_are_taken_only_where_they_gain() -> None:
    assert pick({"face": 4.0, "face-int8": 1.2}).name == "face-int8"
    assert pick({"face": 10.9, "face-int8": 11.2}).name == "face"
    assert pick({"face": 4.0, "face-int8": 3.8}).name == "face"
    assert pick({"face": 4.0}).name == "face"


def test_small_networks_are_measured_and_taken_where_the_full_ones_are_too_slow() -> None:
    names = ("face", "face-int8", "face-small", "face-small-int8")
    models = [find_model(name, config=AUTO) for name in names]
    slow = {"face": 90.0, "face-int8": 80.0, "face-small": 30.0, "face-small-int8": 10.0}
    assert pick(measured("face", models, lambda model: slow[model.card.name])).name == "face-small-int8"
    fast = measured("face", models, lambda model: slow[model.card.name] / 10)
    assert list(fast) == ["face", "face-int8"]


def tell(file: Path, config: EnginesConfig, ms: dict[str, float]) -> None:
    """Put other times into the cache, by model."""
    kept: dict[str, object] = {}
    for name, value in ms.items():
        file.unlink(missing_ok=True)
        model = described_model(name, config=config)
        times(model, config, backends=("onnx",), clock=lambda *_, v=value: v)
        kept |= json.loads(file.read_text())
    file.write_text(json.dumps(kept))


def test_it_is_measured_once_and_again_when_the_file_is_damaged(tmp_path: Path) -> None:
    config = AUTO.model_copy(update={"cache": tmp_path})
    first, file = chosen("face", config), tmp_path / "fastest.json"
    assert first.name in ("face", "face-int8")
    assert set(first.ms) >= {"face", "face-int8"}
    keys = set(json.loads(file.read_text()))
    tell(file, config, {"face": 1.0, "face-int8": 9.0})
    assert chosen("face", config).ms == {"face": 1.0, "face-int8": 9.0}
    key = next(iter(keys))
    for damage in ("{", "[]", json.dumps({key: {"onnx": "x"}}), json.dumps({key: {}}), "\0"):
        file.write_text(damage)
        assert set(chosen("face", config).ms) >= {"face", "face-int8"}
        assert set(json.loads(file.read_text())) >= {key}


def test_a_cache_that_cannot_be_written_is_no_matter(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    config = AUTO.model_copy(update={"cache": tmp_path / "file" / "below"})
    assert chosen("speech", config).name in ("speech", "speech-int8")


def test_names_take_the_place_of_auto(tmp_path: Path) -> None:
    config = settled(AUTO.model_copy(update={"cache": tmp_path, "speech": "speech-small"}))
    assert config.face in ("face", "face-int8")
    assert config.speech == "speech-small"
    assert settled(config) is config


def test_a_damaged_model_of_one_sense_is_no_matter_to_the_other(tmp_path: Path) -> None:
    for name in ("speech.onnx", "speech.json"):
        shutil.copy(resource("engines") / name, tmp_path)
    with (tmp_path / "speech.onnx").open("ab") as model:
        model.write(b"0")
    config = AUTO.model_copy(update={"directory": tmp_path, "cache": tmp_path})
    assert settled(config, kinds=["face"]).face in ("face", "face-int8")
    with pytest.raises(ModelError, match="does not match its card"):
        settled(config, kinds=["speech"])
    with Classifier.open("face", config=config) as face:
        assert face.card.kind == "face"


def test_a_damaged_model_that_was_the_fastest_gives_way_to_a_sound_one(tmp_path: Path) -> None:
    for name in ("face.onnx", "face.json", "face-int8.onnx", "face-int8.json"):
        shutil.copy(resource("engines") / name, tmp_path)
    config = AUTO.model_copy(update={"directory": tmp_path, "cache": tmp_path})
    chosen("face", config)
    tell(tmp_path / "fastest.json", config, {"face": 9.0, "face-int8": 1.0})
    assert chosen("face", config).name == "face-int8"
    with (tmp_path / "face-int8.onnx").open("ab") as model:
        model.write(b"0")
    assert chosen("face", config).name == "face"


def test_without_a_gpu_auto_measures_whatever_the_backend(tmp_path: Path) -> None:
    try:
        local_machine()
    except UnusableError:
        found = chosen("face", EnginesConfig(face="auto", cache=tmp_path))
        assert found.ms
        assert found.reason.startswith(found.name)
    else:
        pytest.skip("a GPU serves here, so nothing is measured; hide it: CUDA_VISIBLE_DEVICES=")


def test_a_photograph_is_worth_the_full_models_and_a_named_one_stays() -> None:
    config = unhurried(Config())
    assert (config.engines.face, config.camera.detector.model) == ("face", "centerface")
    assert config.engines.speech == "auto"
    named = Config.model_validate(
        {"engines": {"face": "face-small"}, "camera": {"detector": {"model": "yunet"}}}
    )
    assert unhurried(named) == named
