"""Which runtime executes a model, and why."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edge.config.models import EnginesConfig
from edge.errors import EngineError
from edge.inference.engine import Backend, Engine, Shape
from edge.inference.providers import Provider, find_provider, offered
from edge.inference.registry import Model
from edge.inference.timing import quickest, runtimes, times

__all__ = ["TENSORRT", "Choice", "Probe", "Usability", "choose_backend", "open_tensorrt", "probe_tensorrt"]

TENSORRT: Final = "edge.inference.tensorrt.engine"


@dataclass(frozen=True, slots=True)
class Usability:
    """Whether TensorRT can run a model here; otherwise the reason and what to do about it."""

    ok: bool
    reason: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """The runtime of a model, with the reason shown in the log and by `doctor`."""

    backend: Backend
    reason: str
    remedy: str = ""


Probe = Callable[[Model, EnginesConfig], Usability]


def choose_backend(
    config: EnginesConfig, model: Model, probe: Probe | None = None, *, shape: Shape | None = None
) -> Choice:
    """TensorRT when wanted and usable, else ONNX Runtime on whichever of its providers is fastest here.

    `shape` is the input the caller will use, where only that one will do. Raises EngineError when
    `engines.backend` names what cannot be used.
    """
    if config.backend == "onnx":
        return Choice("onnx", "engines.backend is onnx")
    if (provider := find_provider(config.backend)) is not None:
        return _by_wish(provider, model)
    usable = probe(model, config) if probe else probe_tensorrt(model, config, shape)
    if usable.ok:
        return Choice("tensorrt", usable.reason)
    if config.backend == "tensorrt":
        raise EngineError(
            f"TensorRT cannot run {model.card.name}: {usable.reason}; {usable.remedy}, "
            "or set engines.backend to auto"
        )
    return _without_tensorrt(config, model, usable)


def _by_wish(provider: Provider, model: Model) -> Choice:
    wish = provider.backend
    if wish not in offered():
        raise EngineError(
            f"{wish} cannot run {model.card.name}: the installed ONNX Runtime does not offer it; "
            f"{provider.remedy}, or set engines.backend to auto"
        )
    return Choice(wish, f"engines.backend is {wish}")


def _without_tensorrt(config: EnginesConfig, model: Model, usable: Usability) -> Choice:
    """Nothing is measured where ONNX Runtime has nothing but the processor."""
    reason = f"TensorRT is not usable: {usable.reason}"
    if len(runtimes(config)) > 1:
        found = times(model, config)
        told = ", ".join(f"{backend} {ms:.1f} ms" for backend, ms in found.items())
        if (best := quickest(found)) != "onnx":
            return Choice(best, f"it is the fastest here ({told}); {reason}")
        reason += f"; of ONNX Runtime's providers the CPU is the best here ({told})"
    return Choice("onnx", reason, usable.remedy)


def probe_tensorrt(model: Model, config: EnginesConfig, shape: Shape | None = None) -> Usability:
    """Ask the TensorRT backend, which is imported only for this."""
    if importlib.util.find_spec(TENSORRT) is None:
        return Usability(False, "this build has no TensorRT backend", "install a build with the extra gpu")
    usable: Usability = importlib.import_module(TENSORRT).usable(model, config, shape)
    return usable


def open_tensorrt(model: Model, config: EnginesConfig, shape: Shape | None = None) -> Engine:
    """The model's plan for this machine, on a CUDA stream of its own."""
    engine: Engine = importlib.import_module(TENSORRT).open_plan(model, config, shape)
    return engine
