"""Bfloat16 where the processor computes in it: elsewhere it is emulated, ten times slower than float32."""

from __future__ import annotations

import platform
from pathlib import Path

import torch

CPUINFO = Path("/proc/cpuinfo")
INSTRUCTIONS = frozenset({"avx512_bf16", "amx_bf16", "bf16"})
"""Names of the kernel for x86 (AVX-512, AMX) and Arm (the bf16 extension)."""


def has_bfloat16(cpuinfo: str) -> bool:
    """Whether a `/proc/cpuinfo` names instructions for bfloat16."""
    lines = (line.partition(":") for line in cpuinfo.splitlines())
    return any(
        key.strip() in ("flags", "Features") and not INSTRUCTIONS.isdisjoint(value.split())
        for key, _, value in lines
    )


def processor() -> str:
    """The processor's model and the widest instructions that PyTorch uses on it."""
    text = CPUINFO.read_text(encoding="utf-8") if CPUINFO.is_file() else ""
    lines = (line.partition(":") for line in text.splitlines())
    model = next((value.strip() for key, _, value in lines if key.strip() == "model name"), "")
    return f"{model or platform.machine()} ({torch.backends.cpu.get_cpu_capability()})"


BFLOAT16 = CPUINFO.is_file() and has_bfloat16(CPUINFO.read_text(encoding="utf-8"))


def autocast() -> torch.autocast:
    """Bfloat16 for what stands it, on a processor made for it; float32 on others."""
    return torch.autocast("cpu", torch.bfloat16, enabled=BFLOAT16)
