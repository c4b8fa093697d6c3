"""The optimizer for convolutional networks, learning-rate schedule and weight average."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, overload

import torch
from torch import Tensor, nn

from edge.training.recipes.device import quick_type

_COEFFICIENTS: Final = (3.4445, -4.7750, 2.0315)


def orthogonal(update: Tensor, steps: int = 3) -> Tensor:
    """The nearest matrix with singular values near one, by a quintic Newton-Schulz iteration."""
    a, b, c = _COEFFICIENTS
    x = update.flatten(1).to(quick_type(update.device))
    x = x / (x.norm() + 1e-7)
    tall = x.size(0) > x.size(1)
    x = x.T if tall else x
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    result: Tensor = (x.T if tall else x).to(update.dtype).view(update.shape)
    return result


class Muon(torch.optim.Optimizer):
    """Momentum with orthogonalized updates, for kernels before a batch normalization (Jordan et al. 2024).

    The norm of such a kernel does not matter to the network, so it is held fixed; that makes the learning
    rate the relative size of a step and weight decay needless.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], lr: float = 0.04, momentum: float = 0.8) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum})

    @overload
    def step(self, closure: None = None) -> None: ...

    @overload
    def step(self, closure: Callable[[], float]) -> float: ...

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """One update of every kernel that has a gradient."""
        loss = closure() if closure is not None else None
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    self._update(weight, group["lr"], group["momentum"])
        return loss

    def _update(self, weight: Tensor, lr: float, momentum: float) -> None:
        buffer = self.state[weight].setdefault("momentum", torch.zeros_like(weight))
        gradient = weight.grad
        assert gradient is not None
        buffer.mul_(momentum).add_(gradient)
        update = orthogonal(gradient.add(buffer, alpha=momentum))
        rows, columns = len(weight), weight[0].numel()
        weight.mul_(rows**0.5 / weight.norm().clamp(min=1e-7))
        weight.add_(update, alpha=-lr * max(1.0, rows / columns) ** 0.5)


@dataclass(frozen=True)
class Schedule:
    """Peak rates scaled by a warm-up and a fall to zero over the progress 0..1 of a training: a straight
    line, or with a `power` above one a curve that spends more of the time at low rates."""

    warmup: float = 0.05
    power: float = 1.0

    def factor(self, progress: float) -> float:
        """The share of the peak rate at this progress."""
        rise = min(1.0, (progress + 1e-3) / self.warmup)
        if progress <= self.warmup:
            return rise
        return float((max(0.0, 1.0 - progress) / (1.0 - self.warmup)) ** self.power) * rise

    def apply(self, optimizers: Iterable[torch.optim.Optimizer], progress: float) -> None:
        """Set the rate of every parameter group from its peak, kept in `initial_lr`."""
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group.setdefault("initial_lr", group["lr"])
                group["lr"] = group["initial_lr"] * self.factor(progress)


def _tensors(model: nn.Module) -> Iterable[Tensor]:
    yield from model.parameters()
    yield from model.buffers()


class WeightAverage:
    """An exponential average of a model's weights and statistics, in `model`; what is evaluated."""

    def __init__(self, model: nn.Module, decay: float = 0.999) -> None:
        self.model = copy.deepcopy(model).eval()
        self.decay = decay
        self.updates = 0

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Move towards the model; quicker in the beginning, when it changes fast."""
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        pairs = list(zip(_tensors(self.model), _tensors(model), strict=True))
        smooth = [pair for pair in pairs if pair[0].dtype.is_floating_point]
        torch._foreach_lerp_([mine for mine, _ in smooth], [theirs for _, theirs in smooth], 1 - decay)
        for mine, theirs in pairs:
            if not mine.dtype.is_floating_point:
                mine.copy_(theirs)

    def state(self) -> dict[str, Any]:
        """What `restore` takes."""
        return {"weights": self.model.state_dict(), "updates": self.updates}

    def restore(self, model: nn.Module, state: dict[str, Any] | None) -> None:
        """Go on from a state; without one, begin anew with the model."""
        self.model.load_state_dict(model.state_dict() if state is None else state["weights"])
        self.updates = 0 if state is None else state["updates"]


def cnn_optimizers(
    model: nn.Module, lr: float = 0.04, plain_lr: float = 0.05, weight_decay: float = 5e-4
) -> list[torch.optim.Optimizer]:
    """Muon for the kernels, SGD with Nesterov momentum for the rest (stem, norms, gates, head)."""
    kernels = [p for p in model.parameters() if p.ndim >= 3 and p.shape[1] > 1]
    chosen = {id(p) for p in kernels}
    rest = [p for p in model.parameters() if id(p) not in chosen and p.requires_grad]
    groups = [
        {"params": [p for p in rest if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in rest if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return [Muon(kernels, lr=lr), torch.optim.SGD(groups, lr=plain_lr, momentum=0.9, nesterov=True)]


def speech_optimizers(
    model: nn.Module, lr: float = 0.03, plain_lr: float = 2e-3, weight_decay: float = 0.02
) -> list[torch.optim.Optimizer]:
    """Muon for the two-dimensional kernels, AdamW for the rest (stem, norms, gates, attention, head)."""
    kernels = [p for p in model.parameters() if p.ndim == 4 and p.shape[1] > 1]
    chosen = {id(p) for p in kernels}
    rest = [p for p in model.parameters() if id(p) not in chosen and p.requires_grad]
    groups = [
        {"params": [p for p in rest if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in rest if p.ndim <= 1], "weight_decay": 0.0},
    ]
    plain = torch.optim.AdamW(groups, lr=plain_lr, betas=(0.9, 0.99))
    return [Muon(kernels, lr=lr), plain] if kernels else [plain]


__all__ = ["Muon", "Schedule", "WeightAverage", "cnn_optimizers", "orthogonal", "speech_optimizers"]
