"""Batch normalizations folded into the convolutions before them."""

from __future__ import annotations

import copy
from typing import cast

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


def folded(model: nn.Module) -> nn.Module:
    """A copy in evaluation mode with every batch normalization folded into the convolution before it."""
    result = copy.deepcopy(model).eval().to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    for module in result.modules():
        _fold_children(module)
    return cast(nn.Module, result.float())


def _fold_children(module: nn.Module) -> None:
    names = list(module._modules)
    for name in names:
        follower = name + "_norm" if not name.isdigit() else str(int(name) + 1)
        first, second = module._modules.get(name), module._modules.get(follower)
        if isinstance(first, nn.Conv2d) and isinstance(second, nn.BatchNorm2d):
            module._modules[name] = fuse_conv_bn_eval(first, second)
            module._modules[follower] = nn.Identity()


__all__ = ["folded"]
