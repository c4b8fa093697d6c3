"""`evaluate speech --channel` on a network that hears treble alone."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from torch import nn

from edge.commands.main import main
from edge.perception.inputs import SPEECH_ITEM
from edge.training.engines.onnx_file import to_onnx, write_engine
from edge.vocabulary import LABELS, SAMPLE_RATE


class Treble(nn.Module):
    """Happy above 4 kHz, sad below: the mean of the upper bands against zero."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        loud = x[:, 0, 50:].mean((1, 2)) * self.weight
        zero = torch.zeros_like(loud)
        return torch.stack([zero - 9, zero - 9, zero - 9, loud, -loud, zero - 9, zero - 9], 1)


@pytest.fixture
def engines(tmp_path: Path) -> Path:
    content = to_onnx(Treble(), torch.zeros(2, *SPEECH_ITEM), "speech")
    card = {
        "kind": "speech",
        "version": "1",
        "input": {"name": "speech", "shape": ["n", *SPEECH_ITEM], "layout": "", "normalisation": ""},
        "output": {"name": "logits", "shape": ["n", 7]},
        "labels": list(LABELS),
        "temperature": 1.0,
    }
    write_engine(tmp_path / "engines", "speech", content, card)
    return tmp_path / "engines"


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    folder = tmp_path / "clips"
    folder.mkdir()
    generator = np.random.default_rng(0)
    for k in range(4):
        hiss = np.diff(generator.normal(0, 0.05, 2 * SAMPLE_RATE + 1))
        soundfile.write(folder / f"{k}.wav", hiss, SAMPLE_RATE)
    (folder / "index.csv").write_text("file,emotion\n" + "".join(f"{k}.wav,happy\n" for k in range(4)))
    return folder


def test_what_a_telephone_takes_away_is_told(
    engines: Path, clips: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = str(engines / "speech.onnx")
    arguments = ["evaluate", "speech", str(clips), "--model", model, "--channel", "telephone", "--json"]
    assert main(arguments) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["accuracy"] == 1.0
    assert document["channels"]["telephone"]["accuracy"] == 0.0
    assert document["channels"]["telephone"]["said"]["sad"] == 1.0
    assert main([*arguments[:-2], "telephone"]) == 0
    assert "mostly sad (100%)" in capsys.readouterr().out


def test_an_unknown_channel_is_told_at_once(
    engines: Path, clips: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = str(engines / "speech.onnx")
    assert main(["evaluate", "speech", str(clips), "--model", model, "--channel", "pigeon"]) == 1
    assert "no channel 'pigeon'; channels: telephone" in capsys.readouterr().err


def test_faces_have_no_channel(clips: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "face", str(clips), "--channel", "telephone"]) == 1
    assert "--channel is about sound" in capsys.readouterr().err
