"""The machine that a figure is of."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Final

__all__ = ["processor_name"]

_CPUINFO: Final = Path("/proc/cpuinfo")
_TELLING: Final = {
    "avx512f": "AVX-512",
    "avx2": "AVX2",
    "avx512_vnni": "VNNI",
    "avx_vnni": "VNNI",
    "asimddp": "dot product",
}
"""Flags of the kernel → instructions that decide how fast models are."""


def processor_name(cpuinfo: Path = _CPUINFO) -> str:
    """Model, architecture, the instructions that matter, and the number of cores."""
    facts: dict[str, str] = {}
    if cpuinfo.is_file():
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
        facts = {
            key.strip(): value.strip() for key, _, value in (line.partition(":") for line in reversed(lines))
        }
    flags = (facts.get("flags") or facts.get("Features") or "").split()
    found = dict.fromkeys(name for flag, name in _TELLING.items() if flag in flags)
    model = facts.get("model name", "a processor without a name")
    return ", ".join([model, platform.machine(), *found, f"{os.cpu_count()} cores"])
