"""What a training begins with."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from edge.errors import DataError

CHECKPOINT: Final = ".pt"
RECOGNISER: Final = ".json"
"""A network that tells people apart, of TensorFlow.js."""
_TOLD: Final = re.compile(
    r"(?P<path>.+?\.(?:onnx|pt))(?:@(?P<corpora>[^@=]+))?(?:=(?P<share>[0-9.]+))?", re.DOTALL
)


@dataclass(frozen=True)
class Teacher:
    """An engine (`.onnx`), asked about every item, or a checkpoint (`.pt`), asked about every varied batch.

    `corpora` are those it answers for, all when empty; `share` is that of its answers in the targets, the
    recipe's own when there is none. Both are for engines that listen; checkpoints that look at faces may be
    told one share together.
    """

    path: Path
    corpora: tuple[str, ...] = ()
    share: float | None = None

    @classmethod
    def read(cls, text: str) -> Teacher:
        """From `FILE`, `FILE@CORPUS,CORPUS`, `FILE=SHARE` or both: `FILE@CORPUS,CORPUS=SHARE`.

        Raises DataError when the share is no number from 0 to 1.
        """
        if (found := _TOLD.fullmatch(text)) is None:
            return cls(Path(text))
        corpora = tuple(filter(None, (found["corpora"] or "").split(",")))
        return cls(Path(found["path"]), corpora, _share(found["share"], text))

    @property
    def told(self) -> bool:
        """Whether it answers for some corpora, or with a share of its own."""
        return bool(self.corpora) or self.share is not None

    @property
    def remarks(self) -> str:
        """`@CORPUS,CORPUS=SHARE` as `read` takes it; empty for one that is told nothing."""
        corpora = f"@{','.join(self.corpora)}" if self.corpora else ""
        return corpora + (f"={self.share:g}" if self.share is not None else "")


def _share(text: str | None, whole: str) -> float | None:
    try:
        share = None if text is None else float(text)
    except ValueError:
        raise DataError(f"the share in {whole} is no number: FILE@CORPUS,CORPUS=0.8") from None
    if share is not None and not 0 <= share <= 1:
        raise DataError(f"the share in {whole} is not between 0 and 1")
    return share


@dataclass(frozen=True)
class Start:
    """Weights of an engine, teachers, the share of the row's peak rates, an ear; by default from scratch."""

    engine: Path | None = None
    teachers: tuple[Teacher, ...] = ()
    rate: float = 1.0
    ear: Path | None = None

    def resolved(self) -> Start:
        """The same with absolute paths."""
        engine = self.engine.resolve() if self.engine else None
        teachers = tuple(replace(each, path=each.path.resolve()) for each in self.teachers)
        return Start(engine, teachers, self.rate, self.ear.resolve() if self.ear else None)

    @property
    def network_share(self) -> float | None:
        """The share that the checkpoints are told; None when they are told none."""
        return next((each.share for each in self.teachers if each.path.suffix == CHECKPOINT), None)

    @property
    def engines(self) -> tuple[Teacher, ...]:
        """The teachers that are engines."""
        return tuple(each for each in self.teachers if each.path.suffix != CHECKPOINT)

    @property
    def checkpoints(self) -> tuple[Path, ...]:
        """The teachers that are checkpoints."""
        return tuple(each.path for each in self.teachers if each.path.suffix == CHECKPOINT)


def heard_corpora(ear: Path) -> set[str]:
    """The corpora whose sounds an ear was fitted on, as `start.json` beside it tells.

    Raises DataError when it does not say.
    """
    path = ear.parent / "start.json"
    try:
        return set(json.loads(path.read_text(encoding="utf-8"))["corpora"])
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{path} does not tell what the ear was fitted on ({error})") from error


__all__ = ["CHECKPOINT", "RECOGNISER", "Start", "Teacher", "heard_corpora"]
