"""`auto` in the place of a model's name: what is fastest on this machine, of those that are as good.

The candidates are a model, its form in whole numbers, and, where those are too slow, the small ones.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

from edge.config import Config
from edge.config.models import EnginesConfig
from edge.errors import ModelError
from edge.inference.card import verify
from edge.inference.registry import Model, described_model, find_model
from edge.inference.select import choose_backend
from edge.inference.timing import GAIN, times

__all__ = [
    "AUTO",
    "Classified",
    "Measured",
    "chosen",
    "detector_name",
    "measured",
    "pick",
    "settled",
    "unhurried",
]

AUTO: Final = "auto"
Kind = Literal["face", "speech", "detector"]
Classified = Literal["face", "speech"]
_BASE: Final[dict[Kind, str]] = {"face": "face", "speech": "speech", "detector": "centerface"}
Times = dict[str, float]
"""Name of a model → milliseconds of one judgement."""

_ENOUGH: Final[dict[Kind, float]] = {"face": 25.0, "speech": 60.0, "detector": float("inf")}
"""Milliseconds a judgement may take: with fifteen faces, or two windows of speech, a second a third and an
eighth of a core. Where the full networks take longer, the small ones are measured as well."""
_AS_GOOD: Final = 0.005
"""Share of right answers that INT8 may lose, by its card."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The model chosen, and how long each candidate takes; none were measured for a GPU."""

    name: str
    ms: Mapping[str, float]

    @property
    def reason(self) -> str:
        """In words, for `doctor` and the log."""
        if not self.ms:
            return f"{self.name}, for TensorRT"
        told = ", ".join(f"{name} {ms:.1f} ms" for name, ms in self.ms.items())
        return f"{self.name} ({told})"


def settled(
    config: EnginesConfig,
    env: Mapping[str, str] = os.environ,
    *,
    kinds: Collection[Classified] = ("face", "speech"),
) -> EnginesConfig:
    """The configuration with names of models in the place of `auto`, of these kinds only.

    Raises ModelError and EngineError where no candidate can be used.
    """
    wanted = [kind for kind in kinds if getattr(config, kind) == AUTO]
    update: dict[str, Any] = {kind: chosen(kind, config, env).name for kind in wanted}
    return config.model_copy(update=update) if update else config


def unhurried(config: Config) -> Config:
    """For what has no pace to keep, as a photograph: the full models in the place of `auto`."""
    faces = config.engines.model_copy(update={"face": _BASE["face"]} if config.engines.face == AUTO else {})
    detector = config.camera.detector
    if detector.model == AUTO:
        detector = detector.model_copy(update={"model": _BASE["detector"]})
    camera = config.camera.model_copy(update={"detector": detector})
    return config.model_copy(update={"engines": faces, "camera": camera})


def detector_name(name: str, config: EnginesConfig, env: Mapping[str, str] = os.environ) -> str:
    """The detector that `camera.detector.model` names; `auto` is measured as `settled` does."""
    return chosen("detector", config, env).name if name == AUTO else name


def chosen(kind: Kind, config: EnginesConfig, env: Mapping[str, str] = os.environ) -> Measured:
    """The model that `auto` stands for, each measured on the runtime that it is fastest on."""

    def clock(model: Model) -> float:
        return min(times(model, config, env).values())

    models = _candidates(kind, partial(described_model, config=config, kind=kind, env=env))
    if choose_backend(config, models[0]).backend == "tensorrt":
        return Measured(_BASE[kind], {})
    with suppress(ModelError):
        found = pick(measured(kind, models, clock))
        if _is_whole(found, models):
            return found
    return pick(
        measured(kind, _candidates(kind, partial(find_model, config=config, kind=kind, env=env)), clock)
    )


def measured(kind: Kind, candidates: Sequence[Model], clock: Callable[[Model], float]) -> Times:
    """Times of the full networks, and of the small ones where those are too slow."""
    ms: Times = {}
    for model in candidates:
        name = model.card.name
        if not _is_small(name) or min(ms.values()) > _ENOUGH[kind]:
            ms[name] = round(clock(model), 2)
    return ms


def pick(ms: Mapping[str, float]) -> Measured:
    """INT8 where it gains; the small network where the full one was found too slow."""
    usable = {name: time for name, time in ms.items() if _is_small(name)} or ms
    plain, best = next(iter(usable)), min(usable, key=usable.__getitem__)
    return Measured(best if usable[best] < GAIN * usable[plain] else plain, ms)


def _is_small(name: str) -> bool:
    return "-small" in name


def _candidates(kind: Kind, find: Callable[[str], Model]) -> list[Model]:
    """The full models and, where there are such, the small ones."""
    base = _BASE[kind]
    models = _forms(base, find)
    with suppress(ModelError):
        models += _forms(f"{base}-small", find)
    return models


def _forms(name: str, find: Callable[[str], Model]) -> list[Model]:
    """The model and its form in whole numbers, where that was made of it and is about as good."""
    plain = find(name)
    try:
        whole = find(f"{name}-int8")
    except ModelError:
        return [plain]
    return [plain, whole] if _as_good(plain, whole) else [plain]


def _is_whole(picked: Measured, models: Sequence[Model]) -> bool:
    """Whether the file of the one picked is what its card says; the others are not read for that."""
    try:
        for model in models:
            if model.card.name == picked.name:
                verify(model.path, model.card)
    except ModelError:
        return False
    return True


def _as_good(plain: Model, whole: Model) -> bool:
    made: Any = (whole.card.model_extra or {}).get("made_from")
    try:
        lost = float(made["float32"]) - float(made["int8"])
        return bool(made["sha256"] == plain.card.sha256 and lost <= _AS_GOOD)
    except (TypeError, KeyError, ValueError):
        return False
