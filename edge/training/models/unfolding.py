"""Starting a training from a shipped engine: its weights unfolded, its inner channels cut where asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from edge.errors import DataError

Weights = dict[str, Tensor]
TRANSPOSED: Final = ".transposed"
"""Behind the names of weights that an engine has as (inputs, outputs)."""


def engine_weights(path: Path) -> Weights:
    """The named float weights of an exported engine.

    Raises DataError when it cannot be read.
    """
    try:
        graph = onnx.load(path).graph
    except Exception as error:
        raise DataError(f"{path} cannot be read as an ONNX model: {error}") from error
    found = {w.name.removeprefix("network."): onnx.numpy_helper.to_array(w) for w in graph.initializer}
    found = {
        name.removesuffix(TRANSPOSED): w.T if name.endswith(TRANSPOSED) else w for name, w in found.items()
    }
    return {name: torch.from_numpy(np.array(w)) for name, w in found.items() if w.dtype == np.float32}


def narrowed(weights: Weights, network: nn.Module) -> Weights:
    """The weights with only as many inner channels of a block as the network has: those that weigh most."""
    result = dict(weights)
    for name, module in network.named_modules():
        first, second = f"{name}.first", f"{name}.second"
        inner = getattr(module, "first", None)
        if not isinstance(inner, nn.Conv2d) or f"{first}.weight" not in weights:
            continue
        before, after = weights[f"{first}.weight"], weights[f"{second}.weight"]
        strength = before.flatten(1).norm(dim=1) * after.transpose(0, 1).flatten(1).norm(dim=1)
        kept = strength.argsort(descending=True)[: inner.out_channels].sort().values
        result |= {
            f"{first}.weight": before[kept],
            f"{first}.bias": weights[f"{first}.bias"][kept],
            f"{second}.weight": after[:, kept],
        }
    return result


def start_from(network: nn.Module, weights: Weights, inputs: Tensor) -> None:
    """Load an engine's weights; batch norms take their statistics from `inputs` (n, 1, h, w).

    Export folds each norm into the convolution before it. Here the norm gets the mean and deviation of that
    convolution's output back, and a scale and shift that undo them: on `inputs` the network computes what the
    engine does. Kernels get the norm that Muon holds. Heads that the engine lacks stay as they are.

    Raises DataError when the engine is of another architecture.
    """
    cut = narrowed(weights, network)
    hooks = []
    with torch.no_grad():
        for conv_name, conv, norm in _pairs(network):
            kernel, bias = (cut.pop(f"{conv_name}.{part}", None) for part in ("weight", "bias"))
            if kernel is None or bias is None or kernel.shape != conv.weight.shape:
                raise DataError(f"the engine has no weights for {conv_name}: is it of another row?")
            scale = len(kernel) ** 0.5 / float(kernel.norm())
            conv.weight.copy_(kernel * scale)
            hooks.append(norm.register_forward_pre_hook(_calibration(bias, scale)))
        present = network.state_dict()
        rest = {name: value for name, value in cut.items() if name in present}
        try:
            network.load_state_dict(rest, strict=False)
        except RuntimeError as error:
            raise DataError(f"the engine is of another row: {error}") from None
        network.eval()(inputs)
    for hook in hooks:
        hook.remove()
    network.train()


def _pairs(network: nn.Module) -> Iterable[tuple[str, nn.Conv2d, nn.BatchNorm2d]]:
    """Every convolution with the norm behind it, by the names that export folds."""
    modules = dict(network.named_modules())
    for name, module in modules.items():
        parent, _, last = name.rpartition(".")
        follower = str(int(last) + 1) if last.isdigit() else f"{last}_norm"
        norm = modules.get(f"{parent}.{follower}" if parent else follower)
        if isinstance(module, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            yield name, module, norm


def _calibration(bias: Tensor, scale: float) -> Callable[[nn.Module, tuple[Tensor, ...]], None]:
    """A pre-hook that sets a norm from what reaches it, so that it adds `bias` and undoes `scale`."""

    def set_norm(norm: nn.Module, arrived: tuple[Tensor, ...]) -> None:
        assert isinstance(norm, nn.BatchNorm2d)
        assert norm.running_mean is not None
        assert norm.running_var is not None
        variance, mean = torch.var_mean(arrived[0], dim=(0, 2, 3), correction=0)
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        norm.weight.copy_((variance + norm.eps).sqrt() / scale)
        norm.bias.copy_(bias + mean / scale)

    return set_norm


__all__ = ["TRANSPOSED", "Weights", "engine_weights", "narrowed", "start_from"]
