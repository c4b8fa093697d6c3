"""Opening a model: find it, check it, choose its runtime, start it."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping

from edge.config.models import EnginesConfig
from edge.errors import EngineError
from edge.inference.card import Kind
from edge.inference.engine import Backend, Engine, Shape
from edge.inference.onnx import OnnxEngine
from edge.inference.registry import Model, find_model
from edge.inference.select import Probe, choose_backend, open_tensorrt

__all__ = ["open_engine", "open_model"]

_log = logging.getLogger(__name__)


def open_engine(
    name_or_path: str,
    *,
    config: EnginesConfig,
    kind: Kind | None = None,
    shape: Shape | None = None,
    probe: Probe | None = None,
    env: Mapping[str, str] = os.environ,
) -> Engine:
    """The model `name_or_path`, verified and warmed up on the runtime chosen by `config`.

    Raises ModelError when the model is missing or not what its card says, EngineError when the
    runtime cannot execute it.
    """
    model = find_model(name_or_path, config=config, kind=kind, env=env)
    return open_model(model, config=config, shape=shape, probe=probe)


def open_model(
    model: Model,
    *,
    config: EnginesConfig,
    shape: Shape | None = None,
    probe: Probe | None = None,
) -> Engine:
    """A model already found and verified, on the runtime chosen by `config`.

    `shape` is the input the caller will use: the model is warmed up with it, and a plan must fit it.
    With `engines.backend: auto`, the processor takes over when what was chosen fails, now or later.
    """
    choice = choose_backend(config, model, probe, shape=shape)
    _log.info("model %s runs on %s: %s", model.card.name, choice.backend, choice.reason)
    if choice.backend == "onnx" or config.backend != "auto":
        return _open_on(choice.backend, model, config, shape)
    return _open_with_fallback(choice.backend, model, config, shape)


def _open_with_fallback(backend: Backend, model: Model, config: EnginesConfig, shape: Shape | None) -> Engine:
    from edge.inference.fallback import FallbackEngine

    try:
        first = _open_on(backend, model, config, shape)
    except EngineError as error:
        _log.warning("model %s runs on ONNX Runtime instead: %s", model.card.name, error)
        return _open_on("onnx", model, config, shape)
    return FallbackEngine(first, lambda: _open_on("onnx", model, config, shape))


def _open_on(backend: Backend, model: Model, config: EnginesConfig, shape: Shape | None) -> Engine:
    if backend == "tensorrt":
        return open_tensorrt(model, config, shape)
    name, threads = model.card.name, config.threads
    return OnnxEngine(model.path, name=name, threads=threads, warm=shape, backend=backend)
