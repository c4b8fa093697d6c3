"""A MobileNet that learnt to tell people apart, as the start of a teacher of expressions: never shipped."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from edge.errors import DataError
from edge.training.models.face import VOTES, TwoHeaded
from edge.vocabulary import LABELS

_WIDTHS: Final = (32, 64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)
_HALVING: Final = (2, 4, 6, 12)
"""Blocks whose depthwise kernel has the stride 2."""
_TAPPED: Final = 11
"""Expressions show in the maps after this block; the last ones are about who it is."""
_LEVEL: Final = 118.0
_CONTRAST: Final = 55.0
"""Grey levels that a standardised crop gets back: the network knows pictures from 0 to 255."""
Arrays = Mapping[str, NDArray[np.float32]]


class MobileFace(TwoHeaded):
    """MobileNet (Howard et al. 2017) without norms, on crops enlarged to `side`; the first `fixed` blocks
    stay as they are."""

    def __init__(self, side: int = 112, fixed: int = 5, widths: tuple[int, ...] = _WIDTHS) -> None:
        super().__init__()
        self.side, self.fixed = side, fixed
        self.stem = nn.Conv2d(1, widths[0], 3, 2)
        self.blocks = nn.ModuleList(
            Separable(*pair, stride=2 if number in _HALVING else 1)
            for number, pair in enumerate(pairwise(widths), start=1)
        )
        features = widths[_TAPPED] + widths[-1]
        self.norm = nn.BatchNorm1d(features)
        self.dropout = nn.Dropout(0.3)
        self.emotions = nn.Linear(features, len(LABELS))
        self.votes = nn.Linear(features, VOTES)
        for module in (self.stem, *self.blocks[:fixed]):
            module.requires_grad_(False)

    def embed(self, x: Tensor) -> Tensor:
        """Pooled features of standardised crops (n, 1, h, w)."""
        size = (self.side, self.side)
        grey = functional.interpolate(x * _CONTRAST + _LEVEL, size, mode="bicubic").clamp(0, 255)
        maps = functional.relu6(self.stem(_same(grey, 2)))
        pooled = []
        for number, block in enumerate(self.blocks, start=1):
            maps = block(maps)
            if number in (_TAPPED, len(self.blocks)):
                pooled.append(maps.float().mean((2, 3)))
        embedded: Tensor = self.dropout(self.norm(torch.cat(pooled, 1)))
        return embedded


class Separable(nn.Module):
    """A 3x3 kernel for each channel, then a mixture of channels."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(inputs, inputs, 3, stride, groups=inputs)
        self.pointwise = nn.Conv2d(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(n, inputs, h, w) -> (n, outputs, h / stride, w / stride)."""
        maps = functional.relu6(self.depthwise(_same(x, self.depthwise.stride[0])))
        return functional.relu6(self.pointwise(maps))


def _same(x: Tensor, stride: int) -> Tensor:
    """Zeros around as TensorFlow has them: the odd one goes to the end."""
    over = [max((-(-side // stride) - 1) * stride + 3 - side, 0) for side in (x.shape[3], x.shape[2])]
    return functional.pad(x, [part for each in over for part in (each // 2, each - each // 2)])


def start_from_recogniser(network: MobileFace, weights: Arrays) -> None:
    """Load what tells people apart, named as in `faceres.json`; heads and their norm stay as they are.

    Of a grey picture its three channels are the same, so their kernels are added.

    Raises DataError when the weights are of another network.
    """
    try:
        found = {"stem.weight": _kernel(weights["conv1/convolution/merged_input"]).sum(1, keepdims=True)}
        found["stem.bias"] = weights["conv1_bn/batchnorm_1/sub"]
        for index in range(len(network.blocks)):
            found |= _block(weights, index)
        state = {name: torch.from_numpy(np.ascontiguousarray(each)) for name, each in found.items()}
        network.load_state_dict(network.state_dict() | state)
    except (KeyError, RuntimeError) as error:
        raise DataError(f"these are no weights of this recogniser of faces: {error}") from None


def _block(weights: Arrays, index: int) -> dict[str, NDArray[np.float32]]:
    own, depth, point = f"blocks.{index}", f"conv_dw_{index + 1}", f"conv_pw_{index + 1}"
    scale = weights[f"{depth}_bn/batchnorm_1/mul"]
    return {
        f"{own}.depthwise.weight": _depth_kernel(weights[f"{depth}/depthwise_kernel"], scale),
        f"{own}.depthwise.bias": weights[f"{depth}_bn/batchnorm_1/sub"],
        f"{own}.pointwise.weight": _kernel(weights[f"{point}/convolution/merged_input"]),
        f"{own}.pointwise.bias": weights[f"{point}_bn/batchnorm_1/sub"],
    }


def _kernel(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """TensorFlow's (h, w, inputs, outputs) -> (outputs, inputs, h, w)."""
    result: NDArray[np.float32] = values.transpose(3, 2, 0, 1)
    return result


def _depth_kernel(values: NDArray[np.float32], scale: NDArray[np.float32]) -> NDArray[np.float32]:
    """(h, w, channels, 1) times the norm's scale -> (channels, 1, h, w)."""
    result: NDArray[np.float32] = values.transpose(2, 3, 0, 1) * scale[:, None, None, None]
    return result


def mobile_optimizers(model: nn.Module) -> list[torch.optim.Optimizer]:
    """AdamW, ten times as quick for the new heads as for what is known."""
    new = [p for name, p in model.named_parameters() if name.split(".")[0] in ("norm", "emotions", "votes")]
    chosen = {id(p) for p in new}
    known = [p for p in model.parameters() if p.requires_grad and id(p) not in chosen]
    groups = [{"params": known, "lr": 2e-4}, {"params": new, "lr": 2e-3}]
    return [torch.optim.AdamW(groups, weight_decay=0.02, betas=(0.9, 0.99))]


__all__ = ["MobileFace", "mobile_optimizers", "start_from_recogniser"]
