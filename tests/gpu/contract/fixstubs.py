"""Mend what pybind11-stubgen writes for the TensorRT bindings, so that mypy can read it.

    python -m pybind11_stubgen tensorrt_bindings -o STUBS --ignore-all-errors
    python fixstubs.py STUBS
    MYPYPATH=STUBS mypy --python-executable PYTHON --strict FILE...

Mended: the argument name `in`, one default, iteration over Dims, the buffer of IHostMemory, shapes given as
tuples, arguments of the methods that callers override, two untyped functions. Adds the package `tensorrt`
that re-exports it all. Errors that mypy reports inside the stubs themselves do not matter. Can be run again.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

MARK = "# mended\n"
SUBSTITUTIONS = [
    (r"\bin: (?=list|collections)", "in_: "),
    (r"(power: Weights = None), (channel_axis: (?:int|typing\.SupportsInt))\)", r"\1, \2 = ...)"),
    (r"^(class Dims(?:\(.*?\))?:\n)", r"\1    def __iter__(self) -> typing.Iterator[int]: ...\n"),
    (r"^(class IHostMemory(?:\(.*?\))?:\n)", r"\1    def __buffer__(self, flags: int) -> memoryview: ...\n"),
    (r"\b(min|opt|max): Dims\b", r"\1: Dims | tuple[int, ...]"),
    (r"(layer_name: str, ms: )typing\.SupportsFloat", r"\1float"),
    (r"\b(num_steps|step): typing\.SupportsInt", r"\1: int"),
]
TENSORRT = "from tensorrt_bindings import *\nfrom tensorrt_bindings import __version__ as __version__\n"


def mend_module(path: Path) -> None:
    text = path.read_text()
    if MARK in text:
        return
    for pattern, replacement in SUBSTITUTIONS:
        text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    path.write_text(text + MARK)


def mend_package(path: Path) -> None:
    text = path.read_text()
    text = text.replace("def nptype(trt_type):", "def nptype(trt_type: DataType) -> typing.Any:")
    text = text.replace("def volume(iterable):", "def volume(iterable: typing.Iterable[int]) -> int:")
    if "import typing" not in text:
        future = "from __future__ import annotations\n"
        text = text.replace(future, future + "import typing\n")
    path.write_text(text)


if __name__ == "__main__":
    stubs = Path(sys.argv[1])
    mend_module(stubs / "tensorrt_bindings" / "tensorrt.pyi")
    mend_package(stubs / "tensorrt_bindings" / "__init__.pyi")
    (stubs / "tensorrt").mkdir(exist_ok=True)
    (stubs / "tensorrt" / "__init__.pyi").write_text(TENSORRT)
