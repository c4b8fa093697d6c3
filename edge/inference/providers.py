"""ONNX Runtime's providers besides the CPU's: none is needed, each comes with an ONNX Runtime of its own.

Two such packages cannot be installed beside each other: each brings the module `onnxruntime`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import onnxruntime as ort

from edge.inference.engine import Backend

__all__ = ["ACCELERATED", "Provider", "find_provider", "offered", "provider_list"]

_CPU: Final = "CPUExecutionProvider"


@dataclass(frozen=True, slots=True)
class Provider:
    """What `engines.backend` calls it, what ONNX Runtime does, and how one comes by it."""

    backend: Backend
    name: str
    remedy: str
    threads: str = ""
    """Its option for the number of threads, where it has threads of its own."""


_PROVIDERS: Final = (
    Provider("cuda", "CUDAExecutionProvider", "install onnxruntime-gpu in the place of onnxruntime"),
    Provider(
        "openvino",
        "OpenVINOExecutionProvider",
        "install onnxruntime-openvino in the place of onnxruntime",
        "num_of_threads",
    ),
    Provider(
        "xnnpack",
        "XnnpackExecutionProvider",
        "build ONNX Runtime with --use_xnnpack, as no published package has it",
        "intra_op_num_threads",
    ),
)
ACCELERATED: Final = tuple(provider.backend for provider in _PROVIDERS)


def find_provider(backend: str) -> Provider | None:
    """The provider of that name; None for what is none of these, as `onnx` and `tensorrt`."""
    return next((provider for provider in _PROVIDERS if provider.backend == backend), None)


def offered(names: Sequence[str] | None = None) -> tuple[Backend, ...]:
    """`onnx`, and what else the installed ONNX Runtime can be asked for; it need not work."""
    have = ort.get_available_providers() if names is None else names
    return ("onnx", *(provider.backend for provider in _PROVIDERS if provider.name in have))


def provider_list(backend: Backend, threads: int) -> list[Any]:
    """As `InferenceSession` takes it: the provider, and the CPU for what it lacks."""
    provider = find_provider(backend)
    if provider is None:
        return [_CPU]
    options = {provider.threads: str(threads)} if provider.threads else {}
    return [(provider.name, options), _CPU]
