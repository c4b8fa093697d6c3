"""The first layers of Whisper's encoder as they were trained: what an ear is fitted to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from edge.errors import DataError
from edge.training.models.ear import Block, Ear

_PARTS: Final = {
    "attention_norm": "self_attn_layer_norm",
    "query": "self_attn.q_proj",
    "key": "self_attn.k_proj",
    "value": "self_attn.v_proj",
    "out": "self_attn.out_proj",
    "dense_norm": "final_layer_norm",
    "widen": "fc1",
    "narrow": "fc2",
}
"""Parts of a block by their names in Whisper."""
_HEAD: Final = 64
"""Width of an attention head."""


class Whisper(nn.Module):
    """(n, 80, frames of 10 ms) -> tokens of 20 ms: what the convolutions hear, and what a block makes of it.

    Places are the last of the encoder's, as its inputs end with the newest sound. Raises DataError when the
    weights are of another network.
    """

    def __init__(self, weights: Mapping[str, NDArray[np.float32]]) -> None:
        super().__init__()
        try:
            read = {name: torch.from_numpy(np.array(each)) for name, each in weights.items()}
            width, bands, _ = read["conv1.weight"].shape
            self.first = nn.Conv1d(bands, width, 3, padding=1)
            self.second = nn.Conv1d(width, width, 3, 2, padding=1)
            self.block = Block(width, max(1, width // _HEAD))
            self.places: Tensor
            self.register_buffer("places", read["embed_positions.weight"])
            self.first.load_state_dict(_pair(read, "conv1"))
            self.second.load_state_dict(_pair(read, "conv2"))
            self.block.load_state_dict(
                {
                    f"{own}.{part}": read[f"layers.0.{name}.{part}"]
                    for own, name in _PARTS.items()
                    for part in ("weight", "bias")
                    if own != "key" or part == "weight"
                }
            )
        except (KeyError, ValueError, RuntimeError) as error:
            raise DataError(f"these are no weights of Whisper's encoder: {error}") from None
        self.eval().requires_grad_(requires_grad=False)

    def forward(self, mels: Tensor) -> tuple[Tensor, Tensor]:
        """Both (n, frames / 2, width)."""
        heard = functional.gelu(self.second(functional.gelu(self.first(mels)))).transpose(1, 2)
        return heard, self.block(heard + self.places[-heard.shape[1] :])


def _pair(read: dict[str, Tensor], name: str) -> dict[str, Tensor]:
    return {part: read[f"{name}.{part}"] for part in ("weight", "bias")}


@torch.no_grad()
def begin_ear(ear: Ear, whisper: Whisper, bands: Tensor, shift: Tensor, moments: Tensor) -> None:
    """Whisper's weights for an ear that hears (n, 64, frames of 16 ms) instead.

    `bands` (80, 64) and `shift` (80,) make Whisper's bands of the ear's; `moments` (tokens,) are the places
    of the ear's tokens among Whisper's. Kernels keep their taps, which now lie 16 ms apart instead of 10.
    """
    kernel = whisper.first.weight
    ear.first.weight.copy_(torch.einsum("omk,mb->obk", kernel, bands))
    assert whisper.first.bias is not None
    assert ear.first.bias is not None
    ear.first.bias.copy_(whisper.first.bias + torch.einsum("omk,m->o", kernel, shift))
    middle = ear.second.kernel_size[0] // 2
    ear.second.weight.zero_()
    ear.second.weight[:, :, middle - 1 : middle + 2] = whisper.second.weight
    ear.second.load_state_dict({"weight": ear.second.weight, "bias": whisper.second.bias})
    ear.places.copy_(between(whisper.places[-_tokens(moments) :], moments))
    ear.block.load_state_dict(whisper.block.state_dict())


def _tokens(moments: Tensor) -> int:
    return int(moments.max().ceil()) + 1


def between(tokens: Tensor, moments: Tensor) -> Tensor:
    """Rows (tokens, width) at moments between them, (moments, width)."""
    before = moments.floor().long().clamp(max=len(tokens) - 2)
    share = (moments - before).to(tokens.dtype)[:, None]
    return torch.lerp(tokens[before], tokens[before + 1], share)


__all__ = ["Whisper", "begin_ear", "between"]
