"""One training loop for every row: budgeted in epochs or minutes, resumable, logged as CSV."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn
from tqdm import tqdm

from edge.errors import DataError
from edge.training.recipes.checkpoint import read_best, read_checkpoint, write_best, write_checkpoint
from edge.training.recipes.device import device_of
from edge.training.recipes.optimise import Schedule, WeightAverage

Batch = tuple[Tensor, ...]
Scores = dict[str, float]


@dataclass(frozen=True)
class Budget:
    """How long to train: epochs, or minutes when given; pauses between resumed runs do not count."""

    epochs: int = 30
    minutes: float | None = None


class Task(Protocol):
    """What a row brings to the loop."""

    name: str
    model: nn.Module
    optimizers: list[torch.optim.Optimizer]
    metric: str

    def batches(self, progress: float) -> Iterator[Batch]:
        """One epoch of training batches; `progress` 0..1 at its start."""
        ...

    def steps(self) -> int:
        """Batches of an epoch."""
        ...

    def loss(self, batch: Batch, progress: float) -> Tensor:
        """Mean loss of a batch."""
        ...

    def validate(self, model: nn.Module) -> Scores:
        """Scores on the validation split, `metric` among them (higher is better)."""
        ...


@dataclass
class Run:
    """A training under way, in its own folder: `last.pt`, `best.pt`, `log.csv`."""

    folder: Path
    budget: Budget
    decays: tuple[float, ...] = (0.999,)
    schedule: Schedule = field(default_factory=Schedule)
    protocol: str = "speaker"
    epoch: int = 0
    elapsed: float = 0.0
    progress: float = 0.0
    best: float = float("-inf")
    log: list[dict[str, float]] = field(default_factory=list)

    def fit(self, task: Task, *, begin_with: bool = False, quiet: bool = False) -> list[dict[str, float]]:
        """Train until the budget is used up; returns the log, one row an epoch.

        `begin_with` judges the weights that a new run begins with as epoch 0, so that `best.pt` is never
        worse than those.

        Raises DataError when the data do not fill one batch.
        """
        if task.steps() < 1:
            raise DataError(f"{task.name}: fewer items than one batch")
        averages = [WeightAverage(task.model, decay) for decay in self.decays]
        self.folder.mkdir(parents=True, exist_ok=True)
        if (self.folder / "last.pt").is_file():
            self._restore(task, averages)
        elif begin_with:
            self._judge(task, averages, float("nan"))
        while self.progress < 1.0:
            started = time.monotonic()
            loss = self._epoch(task, averages, quiet=quiet)
            self._judge(task, averages, loss, started)
        return self.log

    def _judge(
        self, task: Task, averages: list[WeightAverage], loss: float, started: float | None = None
    ) -> None:
        """Log and keep the better one of the averages, after an epoch that `started` then or before any."""
        judged = [(task.validate(average.model), average) for average in averages]
        scores, chosen = max(judged, key=lambda each: each[0][task.metric])
        if started is not None:
            self.elapsed += time.monotonic() - started
            self.epoch += 1
        self._record(task, {"loss": loss, **scores, **({"decay": chosen.decay} if averages[1:] else {})})
        self._save(task, averages, chosen, scores[task.metric])

    def _epoch(self, task: Task, averages: list[WeightAverage], *, quiet: bool) -> float:
        task.model.train()
        losses = []
        begin = time.monotonic()
        bar = tqdm(
            task.batches(self.progress),
            total=task.steps(),
            desc=f"{task.name} {self.epoch + 1}",
            disable=quiet,
        )
        for step, batch in enumerate(bar):
            self.progress = self._progress(step, task.steps(), time.monotonic() - begin)
            self.schedule.apply(task.optimizers, self.progress)
            loss = task.loss(batch, self.progress)
            task.model.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            for optimizer in task.optimizers:
                optimizer.step()
            for average in averages:
                average.update(task.model)
            losses.append(loss.detach())
            if self.progress >= 1.0:
                break
        self.progress = self._progress(task.steps(), task.steps(), time.monotonic() - begin)
        return float(torch.stack(losses).mean())

    def _progress(self, step: int, steps: int, seconds: float) -> float:
        if self.budget.minutes is not None:
            return min(1.0, (self.elapsed + seconds) / (self.budget.minutes * 60))
        return min(1.0, (self.epoch + step / max(1, steps)) / self.budget.epochs)

    def _record(self, task: Task, scores: Scores) -> None:
        row = {"epoch": float(self.epoch), "minutes": self.elapsed / 60, "progress": self.progress, **scores}
        self.log.append({name: round(value, 5) for name, value in row.items()})
        with (self.folder / "log.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(
                file,
                fieldnames=list(dict.fromkeys(name for row in self.log for name in row)),
                restval=float("nan"),
            )
            writer.writeheader()
            writer.writerows(self.log)
        tqdm.write(
            f"{task.name}: " + ", ".join(f"{name} {value:.4g}" for name, value in self.log[-1].items())
        )

    def _save(self, task: Task, averages: list[WeightAverage], chosen: WeightAverage, score: float) -> None:
        if score > self.best:
            self.best = score
            write_best(self.folder, chosen.model, score, row=task.name, protocol=self.protocol)
        state = {
            "model": task.model.state_dict(),
            "average": chosen.model.state_dict(),
            "averages": {each.decay: each.state() for each in averages},
            "optimizers": [o.state_dict() for o in task.optimizers],
            "epoch": self.epoch,
            "elapsed": self.elapsed,
            "progress": self.progress,
            "best": self.best,
            "log": self.log,
            "random": torch.get_rng_state(),
            "random_gpu": _gpu_random(task.model),
        }
        write_checkpoint(self.folder / "last.pt", state)

    def _restore(self, task: Task, averages: list[WeightAverage]) -> None:
        """An average that the run did not have begins with the model as it is."""
        state = read_checkpoint(self.folder / "last.pt")
        if "averages" not in state:
            raise DataError(f"{self.folder} was left by an older version: --fresh starts over")
        try:
            task.model.load_state_dict(state["model"])
        except RuntimeError as error:
            raise DataError(f"{self.folder} holds another network; --fresh starts over: {error}") from None
        for average in averages:
            average.restore(task.model, state["averages"].get(average.decay))
        for optimizer, saved in zip(task.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        torch.set_rng_state(state["random"])
        if state.get("random_gpu") is not None:
            torch.cuda.set_rng_state(state["random_gpu"], device_of(task.model))
        self.epoch, self.elapsed = state["epoch"], state["elapsed"]
        kept = (self.folder / "best.pt").is_file()
        self.best = max(state["best"], read_best(self.folder)) if kept else state["best"]
        self.log = state["log"]
        self.progress = self._progress(0, 1, 0.0)


def _gpu_random(model: nn.Module) -> Tensor | None:
    device = device_of(model)
    return torch.cuda.get_rng_state(device) if device.type == "cuda" else None


__all__ = ["Batch", "Budget", "Run", "Scores", "Task"]
