"""Models on ONNX Runtime, set up to be a good neighbour: on the processor, or on another provider of it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime as ort

from edge.errors import EngineError, ModelError
from edge.inference.closing import Closing
from edge.inference.engine import Backend, Batch, Tensor
from edge.inference.memory import give_back
from edge.inference.providers import find_provider, provider_list

__all__ = ["MAX_BATCH", "OnnxEngine", "check_finite", "session_options"]

MAX_BATCH: Final = 8
_TYPES: Final = {"tensor(uint8)": np.dtype(np.uint8)}
_log = logging.getLogger(__name__)


class OnnxEngine(Closing):
    """One ONNX model, a file or its content, with one input of float32 or uint8 (n, …).

    Made, used and closed by one thread. `threads` bounds the cores one call may use; idle threads
    sleep instead of spinning. `warm` is the shape of a first call that takes the allocations out of
    the first real one; free sizes become 1 where it is not given. Raises ModelError when it is no model,
    EngineError when `backend` is a provider that does not work here.
    """

    def __init__(
        self,
        model: Path | bytes,
        *,
        name: str,
        threads: int = 1,
        warm: tuple[int, ...] | None = None,
        backend: Backend = "onnx",
    ) -> None:
        self._name, self._backend = name, backend
        self._session: ort.InferenceSession | None = _open_session(model, name, threads, backend)
        entry = self._session.get_inputs()[0]
        self._input: str = entry.name
        self._shape: tuple[int | str | None, ...] = tuple(entry.shape)
        self._type = _TYPES.get(entry.type, np.dtype(np.float32))
        shape = warm or tuple(size if isinstance(size, int) else 1 for size in self._shape)
        self.infer(np.zeros(shape, self._type))
        give_back()

    @property
    def name(self) -> str:
        """Name of the model, as in its card."""
        return self._name

    @property
    def backend(self) -> Backend:
        """Which runtime executes it."""
        return self._backend

    def infer(self, batch: Batch) -> tuple[Tensor, ...]:
        """All outputs for a batch of 1 to 8. Raises EngineError on a wrong shape or a value not finite."""
        if self._session is None:
            raise EngineError(f"model {self._name} is closed")
        self._check_shape(batch)
        try:
            outputs = tuple(self._session.run(None, {self._input: batch}))
        except Exception as error:
            raise EngineError(f"ONNX Runtime failed on model {self._name}: {error}") from error
        check_finite(self._name, outputs)
        return outputs

    def close(self) -> None:
        """Release the session; further calls do nothing."""
        self._session = None

    def _check_shape(self, batch: Batch) -> None:
        fits = batch.dtype == self._type and batch.ndim == len(self._shape)
        fits = fits and 1 <= batch.shape[0] <= MAX_BATCH
        for size, wanted in zip(batch.shape, self._shape, strict=False):
            fits = fits and (not isinstance(wanted, int) or size == wanted) and size > 0
        if not fits:
            free = ", ".join(str(size) if isinstance(size, int) else "n" for size in self._shape)
            raise EngineError(
                f"model {self._name} expects {self._type} ({free}) with a batch of 1 to {MAX_BATCH}, "
                f"got {batch.dtype} {batch.shape}"
            )


def check_finite(name: str, outputs: tuple[Tensor, ...]) -> None:
    """Raise EngineError when a value is NaN or infinite."""
    if not all(np.isfinite(output).all() for output in outputs):
        raise EngineError(f"model {name} gave a value that is not a finite number")


def session_options(threads: int) -> ort.SessionOptions:
    """Options of every session: bounded threads that sleep when idle, quiet log, frugal memory."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.use_device_allocator_for_initializers", "1")
    # A pattern keeps a block for each shape that was ever seen, and the detector sees many.
    options.enable_mem_pattern = False
    if _have_shared_arena():
        options.add_session_config_entry("session.use_env_allocators", "1")
    return options


@cache
def _have_shared_arena() -> bool:
    """One pool of memory for all models, which seldom run at the same moment; False where that cannot be had.

    It grows by what is asked for; ONNX Runtime's own would be one for each model and grow by doubling.
    """
    kind, default = ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, ort.OrtMemType.DEFAULT
    try:
        growth = ort.OrtArenaCfg({"arena_extend_strategy": 1, "initial_chunk_size_bytes": 1 << 18})
        ort.create_and_register_allocator(ort.OrtMemoryInfo("Cpu", kind, 0, default), growth)
    except Exception as error:
        _log.debug("models have a pool of memory each: %s", error)
        return False
    return True


def _open_session(model: Path | bytes, name: str, threads: int, backend: Backend) -> ort.InferenceSession:
    if isinstance(model, Path) and not model.is_file():
        raise ModelError(f"no model at {model}")
    source = str(model) if isinstance(model, Path) else model
    providers = provider_list(backend, threads)
    try:
        session = ort.InferenceSession(source, session_options(threads), providers=providers)
    except Exception as error:
        if backend != "onnx":
            raise EngineError(f"ONNX Runtime cannot run {name} on {backend}: {error}") from error
        place = f"{name} ({model})" if isinstance(model, Path) else name
        raise ModelError(f"ONNX Runtime cannot load {place}: {error}; is it an ONNX model?") from error
    _check_provider(session.get_providers(), name, backend)
    return session


def _check_provider(serving: Sequence[str], name: str, backend: Backend) -> None:
    """ONNX Runtime goes on without a provider whose libraries or device it misses, and only prints that."""
    provider = find_provider(backend)
    if provider is not None and provider.name not in serving:
        raise EngineError(
            f"ONNX Runtime offers {backend}, but cannot start it for {name}: see what it printed"
        )
