"""A recogniser of faces as the start of a teacher."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from training.synthetic import WIDTHS, recogniser

from edge.errors import DataError
from edge.training.models.mobile_face import MobileFace, mobile_optimizers, start_from_recogniser

STRIDED = (2, 4, 6, 12)
Arrays = dict[str, NDArray[np.float32]]


def same(x: Tensor, kernel: Tensor, stride: int, groups: int = 1) -> Tensor:
    """TensorFlow's SAME convolution of even sides by a 3x3 kernel."""
    padded = functional.pad(x, (0, 1, 0, 1) if stride == 2 else (1, 1, 1, 1))
    return functional.conv2d(padded, kernel, stride=stride, groups=groups)


def reference(weights: Arrays, picture: Tensor) -> Tensor:
    """The graph of `faceres.json` on colour pictures (n, 3, h, w), operation by operation."""
    read = {name: torch.from_numpy(each) for name, each in weights.items()}
    kernel = read["conv1/convolution/merged_input"].permute(3, 2, 0, 1)
    x = same(picture, kernel, 2) + read["conv1_bn/batchnorm_1/sub"][:, None, None]
    x = x.clamp(0, 6)
    for number in range(1, len(WIDTHS)):
        depth = read[f"conv_dw_{number}/depthwise_kernel"].permute(2, 3, 0, 1)
        x = same(x, depth, 2 if number in STRIDED else 1, groups=len(depth))
        x = x * read[f"conv_dw_{number}_bn/batchnorm_1/mul"][:, None, None]
        x = (x + read[f"conv_dw_{number}_bn/batchnorm_1/sub"][:, None, None]).clamp(0, 6)
        point = read[f"conv_pw_{number}/convolution/merged_input"].permute(3, 2, 0, 1)
        x = functional.conv2d(x, point) + read[f"conv_pw_{number}_bn/batchnorm_1/sub"][:, None, None]
        x = x.clamp(0, 6)
    return x.mean((2, 3))


def test_it_computes_what_the_recogniser_does_on_grey_faces() -> None:
    weights = recogniser()
    network = MobileFace(side=64, widths=WIDTHS).eval()
    start_from_recogniser(network, weights)
    crops = torch.randn(3, 1, 44, 44)
    grey = functional.interpolate(crops * 55 + 118, (64, 64), mode="bicubic").clamp(0, 255)
    expected = reference(weights, grey.expand(-1, 3, -1, -1))
    found = network.embed(crops)[:, -WIDTHS[-1] :]
    scale = (1 + network.norm.eps) ** 0.5
    assert expected.std() > 0.1
    assert torch.allclose(found * scale, expected, atol=1e-4)


def test_the_first_blocks_stay_as_they_are() -> None:
    network = MobileFace(side=32, fixed=3, widths=WIDTHS)
    start_from_recogniser(network, recogniser())
    before = {name: each.clone() for name, each in network.named_parameters()}
    (optimizer,) = mobile_optimizers(network)
    emotions, votes = network.both(torch.randn(8, 1, 44, 44))
    (emotions.square().mean() + votes.square().mean()).backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    moved = {name for name, each in network.named_parameters() if not torch.equal(each, before[name])}
    fixed = {"stem", "blocks.0", "blocks.1", "blocks.2"}
    assert not any(name.startswith(tuple(f"{each}." for each in fixed)) for name in moved)
    assert {"blocks.3.depthwise.weight", "blocks.12.pointwise.weight", "emotions.weight"} <= moved


def test_weights_of_another_network_are_refused() -> None:
    network = MobileFace(side=32, widths=WIDTHS)
    short = recogniser()
    del short["conv_dw_7/depthwise_kernel"]
    with pytest.raises(DataError, match="no weights of this recogniser"):
        start_from_recogniser(network, short)
    with pytest.raises(DataError, match="no weights of this recogniser"):
        start_from_recogniser(MobileFace(side=32), recogniser())
