"""The machine that plans are compiled for and run on: its driver, GPU and TensorRT."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
from dataclasses import dataclass
from typing import Final

from edge.inference.tensorrt.cuda import Driver, UnusableError, query_driver

__all__ = [
    "INSTALL",
    "Machine",
    "distribution_names",
    "local_machine",
    "needed_cuda",
    "require_pycuda",
    "tensorrt_version",
]

INSTALL: Final = "pip install 'emotion-edge[gpu]' (Jetson: emotion-edge[jetson], with the system's packages)"


@dataclass(frozen=True, slots=True)
class Machine:
    """What a plan depends on besides its model. Empty device and no driver: compiled ahead of time."""

    tensorrt: str
    device: str
    target: str
    driver: tuple[int, int] | None = None


def local_machine() -> Machine:
    """Ask driver, GPU and TensorRT, in the order in which a missing one does no harm.

    Raises UnusableError with reason and remedy.
    """
    driver = query_driver()
    device = driver.devices[0]
    version = tensorrt_version(driver)
    return Machine(version, device.name, device.target, driver.version)


def tensorrt_version(driver: Driver) -> str:
    """Such as `tensorrt 10.3.0`. Raises UnusableError when it is missing or too new for the driver."""
    if importlib.util.find_spec("tensorrt") is None:
        raise UnusableError("the Python package tensorrt is not installed", INSTALL)
    needed = needed_cuda(distribution_names())
    if driver.version < (needed, 0):
        have = ".".join(str(part) for part in driver.version)
        raise UnusableError(
            f"TensorRT is built for CUDA {needed}, the driver supports CUDA {have}",
            f"update NVIDIA's driver, or install tensorrt-cu{driver.version[0]}",
        )
    try:
        module = importlib.import_module("tensorrt")
    except ImportError as error:
        raise UnusableError(f"the Python package tensorrt cannot be loaded: {error}", INSTALL) from error
    return f"tensorrt {module.__version__}"


def needed_cuda(names: list[str]) -> int:
    """CUDA's major version that the installed bindings were built for; 0 when their names do not tell."""
    digits = [name.split("cu", 1)[1].split("-")[0].split("_")[0] for name in names if "-cu" in name]
    return max((int(text) for text in digits if text.isdigit()), default=0)


def distribution_names() -> list[str]:
    """Installed distributions that may carry TensorRT's bindings, such as `tensorrt-cu13-bindings`."""
    names = (
        str(item.metadata["Name"]).replace("_", "-").lower() for item in importlib.metadata.distributions()
    )
    return sorted(name for name in set(names) if name.startswith("tensorrt-cu"))


def require_pycuda() -> None:
    """Raise UnusableError unless pycuda is there and loads; call it only once the driver answers."""
    if importlib.util.find_spec("pycuda") is None:
        raise UnusableError("the Python package pycuda is not installed", INSTALL)
    try:
        importlib.import_module("pycuda.driver")
    except ImportError as error:
        raise UnusableError(
            f"pycuda cannot be loaded: {error}",
            "build it against this machine's CUDA: pip install --no-binary :all: --force-reinstall pycuda",
        ) from error
