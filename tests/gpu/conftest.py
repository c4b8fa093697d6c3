"""Skips, with the reason and the remedy, what this process cannot run."""

import ctypes
import importlib.util
import os
from pathlib import Path

import pytest

from edge.inference.tensorrt.cuda import UnusableError
from edge.inference.tensorrt.machine import local_machine, require_pycuda

REMEDY = "run `make test-tensorrt`, which fetches and builds it"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One reason for all tests of a folder."""
    here = Path(__file__).parent
    reasons = {
        "contract": _no_bindings(),
        "compile": _no_rtx(),
        "run": _no_fake_driver(),
        "device": _no_device(),
    }
    for item in items:
        if here not in item.path.parents:
            continue
        reason = reasons.get(item.path.relative_to(here).parts[0])
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))


def _no_bindings() -> str | None:
    home = os.environ.get("EMOTION_EDGE_GPU_TESTS")
    if home and (Path(home) / "bindings").is_dir():
        return None
    return _why("bindings", "TensorRT's bindings are not there")


def _no_rtx() -> str | None:
    return None if importlib.util.find_spec("tensorrt_rtx") else _why("rtx", "TensorRT-RTX is not installed")


def _no_fake_driver() -> str | None:
    try:
        has_fake = hasattr(ctypes.CDLL("libcuda.so.1"), "fakecuda_live")
    except OSError:
        has_fake = False
    modules = all(importlib.util.find_spec(name) for name in ("pycuda", "cuda", "faketrt"))
    return None if has_fake and modules else _why("run", "the fake CUDA driver is not loaded")


def _no_device() -> str | None:
    if _no_fake_driver() is None:
        return "the CUDA driver is a fake; run `pytest tests/gpu/device` on a machine with a GPU"
    try:
        local_machine()
        require_pycuda()
    except UnusableError as error:
        return str(error)
    return None


def _why(part: str, reason: str) -> str:
    failed = Path(os.environ.get("EMOTION_EDGE_GPU_TESTS", "/nonexistent")) / f"{part}.failed"
    return failed.read_text().strip() if failed.is_file() else f"{reason}; {REMEDY}"
