"""An ear, and how it begins as Whisper."""

from pathlib import Path

import numpy as np
import pytest
import torch
from training.synthetic import write_smart_turn

from edge.errors import DataError
from edge.training.data.smart_turn import smart_turn_weights
from edge.training.models.ear import Ear
from edge.training.models.whisper import Whisper, begin_ear, between

WIDTH = 64


def whisper(folder: Path) -> Whisper:
    write_smart_turn(folder / "model.onnx", WIDTH)
    return Whisper(smart_turn_weights(folder / "model.onnx"))


def test_tokens_of_32_or_64_ms() -> None:
    window = torch.randn(2, 1, 64, 184)
    assert Ear(2, WIDTH, 1)(window).shape == (2, 92, WIDTH)
    assert Ear(4, WIDTH, 1)(window).shape == (2, 46, WIDTH)
    assert Ear(4, WIDTH, 1)(window[..., :113]).shape == (2, 29, WIDTH)


@torch.no_grad()
def test_an_ear_begins_with_what_whisper_computes(tmp_path: Path) -> None:
    """Whisper's 80 bands all made of 64 ones: with as many tokens, both hear the same."""
    teacher, ear = whisper(tmp_path), Ear(2, WIDTH, 1).eval()
    bands, shift = torch.randn(80, 64) / 8, torch.randn(80)
    begin_ear(ear, teacher, bands, shift, torch.arange(92.0))
    ours = torch.randn(3, 1, 64, 184)
    theirs = torch.einsum("mb,nbt->nmt", bands, ours[:, 0]) + shift[:, None]
    sounds, tokens = teacher(theirs)
    inside = slice(2, -2)
    assert sounds.std() > 0.05
    assert torch.allclose(ear.sounds(ours)[:, inside], sounds[:, inside], atol=1e-4)
    both = torch.stack([ear.block(ear.placed(sounds)), tokens])
    assert torch.allclose(both[0], both[1], atol=1e-4)


def test_moments_between_tokens() -> None:
    rows = torch.tensor([[0.0], [10.0], [30.0]])
    assert between(rows, torch.tensor([0.0, 0.5, 1.25, 2.0])).flatten().tolist() == [0, 5, 15, 30]


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    write_smart_turn(tmp_path / "model.onnx", WIDTH)
    weights = smart_turn_weights(tmp_path / "model.onnx")
    for name in ("layers.0.fc1.weight", "conv1.weight", "embed_positions.weight"):
        with pytest.raises(DataError, match="no weights of Whisper's encoder"):
            Whisper({key: each for key, each in weights.items() if key != name})
    odd = weights | {"layers.0.fc2.weight": np.zeros((WIDTH, 3), np.float32)}
    with pytest.raises(DataError, match="no weights of Whisper's encoder"):
        Whisper(odd)
