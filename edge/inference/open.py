"""Opening a model: find it, check it, choose its runtime, start it."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping

from edge.config.models import EnginesConfig
from edge.errors import EngineError
from edge.inference.card import Kind
from edge.inference.engine import Engine
from edge.inference.onnx import OnnxEngine
from edge.inference.registry import Model, find_model
from edge.inference.select import Probe, choose_backend, open_tensorrt

_log = logging.getLogger(__name__)


def open_engine(
    name_or_path: str,
    *,
    config: EnginesConfig,
    kind: Kind | None = None,
    warm: tuple[int, ...] | None = None,
    probe: Probe | None = None,
    env: Mapping[str, str] = os.environ,
) -> Engine:
    """The model `name_or_path`, verified and warmed up on the runtime chosen by `config`.

    Raises ModelError when the model is missing or not what its card says, EngineError when the
    runtime cannot execute it.
    """
    model = find_model(name_or_path, config=config, kind=kind, env=env)
    return open_model(model, config=config, warm=warm, probe=probe)


def open_model(
    model: Model,
    *,
    config: EnginesConfig,
    warm: tuple[int, ...] | None = None,
    probe: Probe | None = None,
) -> Engine:
    """A model already found and verified, on the runtime chosen by `config`."""
    choice = choose_backend(config, model, probe)
    _log.info("model %s runs on %s: %s", model.card.name, choice.backend, choice.reason)
    if choice.backend == "tensorrt":
        try:
            return open_tensorrt(model, config)
        except EngineError as error:
            if config.backend == "tensorrt":
                raise
            _log.warning("model %s falls back to ONNX Runtime: %s", model.card.name, error)
    return OnnxEngine(model.path, name=model.card.name, threads=config.threads, warm=warm)
