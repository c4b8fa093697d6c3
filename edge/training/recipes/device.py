"""Where a training computes, and bfloat16 where that device is made for it (emulated: ten times slower)."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Final

import torch
from torch import nn

from edge.errors import DataError

_CPUINFO: Final = Path("/proc/cpuinfo")
_AMPERE: Final = (8, 0)
_INSTRUCTIONS: Final = frozenset({"avx512_bf16", "amx_bf16", "bf16"})
"""Names of the kernel for x86 (AVX-512, AMX) and Arm (the bf16 extension)."""


def has_bfloat16(cpuinfo: str) -> bool:
    """Whether a `/proc/cpuinfo` names instructions for bfloat16."""
    lines = (line.partition(":") for line in cpuinfo.splitlines())
    return any(
        key.strip() in ("flags", "Features") and not _INSTRUCTIONS.isdisjoint(value.split())
        for key, _, value in lines
    )


def processor() -> str:
    """The processor's model and the widest instructions that PyTorch uses on it."""
    text = _CPUINFO.read_text(encoding="utf-8") if _CPUINFO.is_file() else ""
    lines = (line.partition(":") for line in text.splitlines())
    model = next((value.strip() for key, _, value in lines if key.strip() == "model name"), "")
    return f"{model or platform.machine()} ({torch.backends.cpu.get_cpu_capability()})"


_BFLOAT16: Final = _CPUINFO.is_file() and has_bfloat16(_CPUINFO.read_text(encoding="utf-8"))


def find_device(name: str = "auto") -> torch.device:
    """`cpu`, `cuda`, or with `auto` a GPU if PyTorch finds one.

    Raises DataError when there is no such device.
    """
    found = torch.cuda.is_available()
    if name == "auto":
        return torch.device("cuda" if found else "cpu")
    if name == "cuda" and not found:
        raise DataError("PyTorch finds no GPU here: --device cpu, or a PyTorch built for CUDA and its driver")
    return torch.device(name)


def gpu_name(device: torch.device) -> str:
    """The GPU's name; empty for the processor."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else ""


def device_of(model: nn.Module) -> torch.device:
    """Where a model's weights lie; the processor for one without any."""
    weight = next(model.parameters(), None)
    return torch.device("cpu") if weight is None else weight.device


def quick_type(device: torch.device) -> torch.dtype:
    """Bfloat16 on a device made for it, else float32."""
    if device.type == "cuda":
        made_for_it = torch.cuda.get_device_capability(device) >= _AMPERE
    else:
        made_for_it = device.type == "cpu" and _BFLOAT16
    return torch.bfloat16 if made_for_it else torch.float32


def autocast(device: torch.device, *, exact: bool = False) -> torch.autocast:
    """Bfloat16 for what stands it, on a device made for it; float32 on others, or if it is to be `exact`."""
    quick = quick_type(device) is torch.bfloat16 and not exact
    return torch.autocast(device.type if quick else "cpu", torch.bfloat16, enabled=quick)


__all__ = ["autocast", "device_of", "find_device", "gpu_name", "has_bfloat16", "processor", "quick_type"]
