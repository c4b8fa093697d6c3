"""What `emotion-edge doctor` tells about the GPU: driver, devices, versions and plans."""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from edge.config.models import EnginesConfig
from edge.inference.tensorrt.cuda import Driver, UnusableError, free_memory, query_driver
from edge.inference.tensorrt.listing import list_plans
from edge.inference.tensorrt.machine import distribution_names, require_pycuda, tensorrt_version
from edge.inference.tensorrt.probe import BUILD, plan_stores

__all__ = ["Finding", "gpu_findings"]

_GIB: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Finding:
    """One line; none of them is needed for the daemon to work on the CPU."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


def gpu_findings(config: EnginesConfig, env: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Calls cuInit for real; what lies behind a missing part is not asked."""
    try:
        driver = query_driver()
    except UnusableError as error:
        yield Finding("gpu", False, error.reason, error.remedy)
        return
    yield Finding("gpu", True, _devices(driver))
    try:
        version = tensorrt_version(driver)
        require_pycuda()
    except UnusableError as error:
        yield Finding("tensorrt", False, error.reason, error.remedy)
        return
    yield Finding("tensorrt", True, f"{version}, {_others()}")
    yield _plans(config, env)


def _devices(driver: Driver) -> str:
    shown = [
        f"{d.name} ({d.target}, {d.memory / _GIB:.1f} GiB{' shared' if d.integrated else ''})"
        for d in driver.devices
    ]
    version = ".".join(str(part) for part in driver.version)
    return f"{', '.join(shown)}, {free_memory() / _GIB:.1f} GiB free, driver for CUDA {version}"


def _others() -> str:
    packages = [f"{name} {_installed(name)}" for name in ("pycuda", "cuda-bindings")]
    return ", ".join([*packages, *distribution_names()])


def _installed(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _plans(config: EnginesConfig, env: Mapping[str, str]) -> Finding:
    _, rows = list_plans(plan_stores(config, env))
    fitting = [f"{row['model']} {row['precision']}" for row in rows if row["ok"]]
    others = [f"{row['file']} {row['error']}" for row in rows if not row["ok"]]
    detail = "; ".join([", ".join(fitting) or "no plan fits", *others])
    return Finding("plans", bool(fitting), detail, "" if fitting else BUILD)
