"""Opening a model: find it, check it, choose its runtime, start it."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping

from edge.config.models import EnginesConfig
from edge.errors import EngineError
from edge.inference.card import Kind
from edge.inference.engine import Engine, Shape
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
    With `engines.backend: auto`, ONNX Runtime takes over when TensorRT fails, now or later.
    """
    choice = choose_backend(config, model, probe, shape=shape)
    _log.info("model %s runs on %s: %s", model.card.name, choice.backend, choice.reason)
    if choice.backend == "tensorrt" and config.backend == "tensorrt":
        return open_tensorrt(model, config, shape)
    if choice.backend == "tensorrt":
        return _open_with_fallback(model, config, shape)
    return _open_onnx(model, config, shape)


def _open_with_fallback(model: Model, config: EnginesConfig, shape: Shape | None) -> Engine:
    from edge.inference.fallback import FallbackEngine

    try:
        first = open_tensorrt(model, config, shape)
    except EngineError as error:
        _log.warning("model %s runs on ONNX Runtime instead: %s", model.card.name, error)
        return _open_onnx(model, config, shape)
    return FallbackEngine(first, lambda: _open_onnx(model, config, shape))


def _open_onnx(model: Model, config: EnginesConfig, shape: Shape | None) -> Engine:
    return OnnxEngine(model.path, name=model.card.name, threads=config.threads, warm=shape)
