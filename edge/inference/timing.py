"""How long a model takes here on each runtime that ONNX Runtime offers: measured once, kept in the cache.

INT8 is twice as fast on processors that have instructions for it (VNNI, Arm's dot product) and no faster on
others, and so it is with providers; nothing but a measurement tells. It takes a fraction of a second.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import platform
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime as ort

from edge.config.bounded_json import read_json
from edge.config.models import EnginesConfig
from edge.errors import EngineError
from edge.inference.card import verify
from edge.inference.directories import cache_directory
from edge.inference.engine import Backend, Batch
from edge.inference.onnx import OnnxEngine
from edge.inference.providers import ACCELERATED, offered
from edge.inference.registry import Model

__all__ = ["GAIN", "Clock", "Times", "quickest", "runtimes", "this_processor", "times"]

Times = Mapping[Backend, float]
"""Runtime → milliseconds of one judgement; one that failed is missing."""
Clock = Callable[[Model, Backend, int], float]
"""Milliseconds of one judgement of a model on a runtime with so many threads; raises EngineError."""

GAIN: Final = 0.85
"""Share of the time that what is less plain must stay below to be worth it."""
_CALLS: Final = 12
_SECONDS: Final = 0.2
_LEAST: Final = 0.001
_FILE: Final = "fastest.json"
_FREE: Final = 192
"""Height and width at which a model that takes any is measured."""

_log = logging.getLogger(__name__)


def quickest(found: Times) -> Backend:
    """The fastest, which must gain something to take the place of the plain one."""
    best = min(found, key=found.__getitem__)
    return best if found[best] < GAIN * found.get("onnx", float("inf")) else "onnx"


def runtimes(config: EnginesConfig) -> tuple[Backend, ...]:
    """What models may run on by that configuration, TensorRT apart: all there is, or the one asked for."""
    wanted: dict[str, Backend] = {backend: backend for backend in ("onnx", *ACCELERATED)}
    return (wanted[config.backend],) if config.backend in wanted else offered()


def times(
    model: Model,
    config: EnginesConfig,
    env: Mapping[str, str] = os.environ,
    *,
    backends: tuple[Backend, ...] | None = None,
    clock: Clock | None = None,
) -> Times:
    """Of one judgement on each runtime there is, from the cache where it was measured here before.

    Raises ModelError where the file is not what its card says, EngineError where it cannot run.
    """
    backends = runtimes(config) if backends is None else backends
    key, file = _key(model, config.threads, backends), cache_directory(config, env) / _FILE
    kept = _kept(file)
    if key not in kept:
        # Beside others only wall-clock time compares: they have threads, or a device, of their own.
        alone = len(backends) == 1 and config.threads == 1
        ticks = time.thread_time if alone else time.perf_counter
        kept[key] = _measured(model, config.threads, backends, clock or partial(_milliseconds, ticks=ticks))
        _keep(file, kept)
        told = ", ".join(f"{backend} {ms:.1f} ms" for backend, ms in kept[key].items())
        _log.info("model %s was measured: %s", model.card.name, told)
    return kept[key]


def this_processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """What tells one kind of processor from another: its model and instructions, as a hash."""
    telling = ("model name", "flags", "Features", "CPU implementer", "CPU part")
    lines = {platform.machine()}
    with suppress(OSError):
        text = cpuinfo.read_text(encoding="utf-8", errors="replace")
        lines |= {line for line in text.splitlines() if line.startswith(telling)}
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


@cache
def _here() -> str:
    return this_processor()


def _measured(model: Model, threads: int, backends: tuple[Backend, ...], clock: Clock) -> Times:
    verify(model.path, model.card)
    found: dict[Backend, float] = {}
    for backend in backends:
        try:
            found[backend] = max(_LEAST, round(clock(model, backend, threads), 3))
        except EngineError as error:
            if backend in ("onnx", backends[-1]) and not found:
                raise
            _log.info("model %s was not measured on %s: %s", model.card.name, backend, error)
    return found


def _milliseconds(model: Model, backend: Backend, threads: int, ticks: Callable[[], float]) -> float:
    """The quickest of some calls."""
    shape = (1, *(size if isinstance(size, int) else _FREE for size in model.card.input.shape[1:]))
    item: Batch = np.zeros(shape, model.card.input.type)
    spent: list[float] = []
    with OnnxEngine(model.path, name=model.card.name, threads=threads, warm=shape, backend=backend) as engine:
        until = time.perf_counter() + _SECONDS
        while not spent or (len(spent) < _CALLS and time.perf_counter() < until):
            before = ticks()
            engine.infer(item)
            spent.append(ticks() - before)
    return 1000 * min(spent)


def _key(model: Model, threads: int, backends: tuple[Backend, ...]) -> str:
    parts = [_here(), ort.__version__, *backends, str(threads), model.card.sha256]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _kept(file: Path) -> dict[str, Times]:
    """What was measured before; nothing where there is no such file or it is damaged."""
    with suppress(OSError, ValueError):
        found = read_json(file)
        if isinstance(found, dict):
            return {key: ms for key, ms in found.items() if _is_sound(ms)}
    return {}


def _is_sound(ms: object) -> bool:
    numbers = list(ms.values()) if isinstance(ms, dict) else []
    return bool(numbers) and all(isinstance(one, float) and one > 0 for one in numbers)


def _keep(file: Path, kept: Mapping[str, Times]) -> None:
    new = file.with_name(f".{_FILE}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(json.dumps(kept, indent=1), encoding="utf-8")
        new.replace(file)
    except OSError as error:
        _log.debug("%s: %s", file, error)
