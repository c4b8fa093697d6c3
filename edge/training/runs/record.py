"""What a row's run has left in its folder: log, start, checkpoints, figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from torch import nn

from edge.training.recipes.checkpoint import read_checkpoint, write_best, write_checkpoint
from edge.training.recipes.row import Row
from edge.training.runs.lab import Lab
from edge.training.runs.logs import read_log, write_log
from edge.training.runs.provenance import start_document

_JUDGED: Final = ("figures.json", "readings.npz")


@dataclass(frozen=True)
class RunRecord:
    """The run of a row under a protocol; where there is none, all of it is empty."""

    row: Row
    folder: Path
    protocol: str

    @property
    def log(self) -> list[dict[str, float]]:
        """The rows of its log, one an epoch."""
        return read_log(self.folder)

    @property
    def earlier_minutes(self) -> float:
        """Minutes of training behind the engine that it started from; 0 from scratch."""
        return float(start_document(self.folder).get("engine_minutes", 0.0))

    @property
    def gpu(self) -> str:
        """The GPU that it was trained on; empty for a processor."""
        return str(start_document(self.folder).get("gpu", ""))

    @property
    def chosen(self) -> str:
        """Why the last weights were chosen; empty when the best ones were."""
        return str(self._best.get("because", ""))

    @property
    def blended(self) -> float:
        """Its share in weights that were blended with its engine's; 0 for others."""
        return float(self._best.get("blended", 0.0))

    @property
    def averaged(self) -> list[dict[str, Any]]:
        """The checkpoints and shares that its weights are the mean of; none for others."""
        return list(self._best.get("averaged", []))

    @property
    def other_minutes(self) -> float:
        """Minutes of the other runs whose weights are in its mean."""
        return float(self._best.get("other_minutes", 0.0))

    @property
    def best_score(self) -> float:
        """The score of its `best.pt`; minus infinity without one."""
        return float(self._best.get("score", float("-inf")))

    @property
    def kept_its_engine(self) -> bool:
        """Whether no epoch beat the engine it started from, and none was chosen, blended in or averaged."""
        if self.chosen or self.blended or self.averaged:
            return False
        entries = [entry for entry in self.log if self.row.metric in entry]
        return bool(entries) and max(entries, key=lambda entry: entry[self.row.metric])["epoch"] == 0

    @property
    def _best(self) -> dict[str, Any]:
        path = self.folder / "best.pt"
        return read_checkpoint(path) if path.is_file() else {}

    def replace_best(
        self,
        network: nn.Module,
        score: float,
        *,
        because: str = "",
        blended: float = 0.0,
        averaged: Sequence[Mapping[str, str | float]] = (),
        other_minutes: float = 0.0,
    ) -> None:
        """Other weights for its `best.pt`; the figures kept are dropped, being of those before."""
        about = {"row": self.row.name, "protocol": self.protocol, "because": because}
        self.folder.mkdir(parents=True, exist_ok=True)
        write_best(
            self.folder,
            network,
            score,
            blended=blended,
            averaged=averaged,
            other_minutes=other_minutes,
            **about,
        )
        self.drop_figures()

    def made_at_once(self, network: nn.Module, entry: Mapping[str, float]) -> None:
        """Weights without epochs: the best and the last ones, and a log of one row, `entry`, the minutes and
        the row's metric among it."""
        write_log(self.folder, [{"epoch": 1.0, "progress": 1.0, **entry}])
        self.replace_best(network, entry[self.row.metric])
        weights = network.state_dict()
        write_checkpoint(self.folder / "last.pt", {"average": weights, "model": weights})

    def drop_figures(self) -> None:
        """The figures of weights that are no more."""
        for name in _JUDGED:
            (self.folder / name).unlink(missing_ok=True)


def record(lab: Lab, row: Row) -> RunRecord:
    """Of the row's run in a laboratory, under its protocol."""
    return RunRecord(row, lab.folder(row), lab.protocol.name)


__all__ = ["RunRecord", "record"]
