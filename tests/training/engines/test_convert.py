import json
from pathlib import Path

import numpy as np
import pytest
from gpu.models import small_model

from edge.inference.card import sha256
from edge.inference.tensorrt.precision import base_of
from edge.training.commands.main import main
from edge.vocabulary import LABELS


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    """42 random crops, half of them to train and half to test with."""
    random = np.random.default_rng(0)
    path = tmp_path / "faces.npz"
    np.savez(
        path,
        images=random.integers(0, 255, (42, 48, 48), dtype=np.uint8),
        labels=np.arange(42) % 7,
        label_names=np.array(LABELS),
        usage=np.array(["Training", "PublicTest"] * 21),
    )
    return path


@pytest.mark.parametrize("precision", ["fp16", "int8"])
def test_another_form_is_written_beside_its_model_and_judged_against_it(
    precision: str, faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = small_model(tmp_path / "engines", side=48)
    arguments = ["convert", "face", precision, str(faces), "--calibrate", "Training", "--check", "PublicTest"]
    assert main([*arguments, "--items", "16", "--engines", str(model.parent)]) == 0
    report = json.loads(capsys.readouterr().out)
    written = model.with_name(f"face.tensorrt-{precision}.onnx")
    assert report["file"] == str(written)
    assert report["bytes"] == written.stat().st_size
    assert base_of(written.read_bytes()) == sha256(model)
    assert report["fp32"]["n"] == report[precision]["n"] == 21
    assert report[precision]["nll"] == pytest.approx(report["fp32"]["nll"], abs=0.05)


def test_a_model_that_is_not_what_its_card_says_has_no_other_form(
    faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = small_model(tmp_path / "engines", side=48)
    model.write_bytes(model.read_bytes() + b"\x00")
    assert main(["convert", "face", "fp16", str(faces), "--engines", str(model.parent)]) == 1
    assert "does not match its card" in capsys.readouterr().err
    assert not model.with_name("face.tensorrt-fp16.onnx").exists()


def test_a_split_that_is_not_there_is_named_with_those_that_are(
    faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = small_model(tmp_path / "engines", side=48)
    arguments = [
        "convert",
        "face",
        "int8",
        str(faces),
        "--calibrate",
        "train",
        "--engines",
        str(model.parent),
    ]
    assert main(arguments) == 1
    assert "splits here: PublicTest, Training" in capsys.readouterr().err
