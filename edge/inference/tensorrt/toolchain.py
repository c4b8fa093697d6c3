"""The compilers behind a build: TensorRT on this machine, or TensorRT-RTX for others."""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from edge.errors import EngineError
from edge.inference.tensorrt.build import BuildTask, Compiler, Report
from edge.inference.tensorrt.cuda import UnusableError, free_memory
from edge.inference.tensorrt.machine import Machine, local_machine

__all__ = [
    "MIB",
    "USUAL_WORKSPACE",
    "UnknownTargetError",
    "deferred_interrupt",
    "local_toolchain",
    "rtx_toolchain",
    "workspace_limit",
]

MIB: Final = 1 << 20
USUAL_WORKSPACE: Final = 1024 * MIB
_LEAST_WORKSPACE: Final = 64 * MIB
_RTX_TARGETS: Final = ("SM75", "SM80", "SM86", "SM89", "SM120", "SM121")
"""Of TensorRT-RTX 1.7, for a message that can be given without it."""


class UnknownTargetError(EngineError):
    """`--target` names no GPU generation that TensorRT-RTX compiles for."""


def local_toolchain(*, verbose: bool = False) -> tuple[Machine, Compiler]:
    """TensorRT and the GPU of this machine. Raises UnusableError."""
    machine = local_machine()
    return machine, Compiler(_compile(verbose=verbose), _inspect)


def rtx_toolchain(targets: str, *, verbose: bool = False) -> tuple[list[Machine], Compiler]:
    """TensorRT-RTX and one machine without a device for each of `targets`, such as `sm_86,SM89`.

    Raises UnknownTargetError, or UnusableError when TensorRT-RTX is not installed.
    """
    names = [_target(text) for text in targets.split(",")]
    installed = importlib.util.find_spec("tensorrt_rtx") is not None
    known = _load_rtx() if installed else _RTX_TARGETS
    unknown = [name for name in names if name not in known]
    if unknown:
        shown = ", ".join(_shown(name) for name in known)
        raise UnknownTargetError(f"unknown target {', '.join(map(_shown, unknown))}; there are: {shown}")
    if not installed:
        raise UnusableError("TensorRT-RTX is not installed", "pip install 'emotion-edge[rtx]'")
    from edge.inference.tensorrt.bindings import VERSION

    return [Machine(VERSION, "", _shown(name)) for name in dict.fromkeys(names)], Compiler(
        _compile(verbose=verbose)
    )


def workspace_limit(free: int | None) -> int:
    """Half of the device's free memory within 64 MiB to 1 GiB; 1 GiB where no device is asked."""
    return USUAL_WORKSPACE if free is None else max(_LEAST_WORKSPACE, min(USUAL_WORKSPACE, free // 2))


def _load_rtx() -> tuple[str, ...]:
    os.environ["EMOTION_EDGE_TENSORRT"] = "rtx"
    from edge.inference.tensorrt.compile import known_targets

    return known_targets()


def _target(text: str) -> str:
    """`sm_86`, `SM86`, `8.6` and `86` all become SM86; anything else stays as it is."""
    found = re.fullmatch(r"(?:sm_?)?(\d+)\.?(\d)", text.strip().lower())
    return f"SM{found[1]}{found[2]}" if found else text.strip()


def _shown(name: str) -> str:
    return name.replace("SM", "sm_", 1)


def _compile(*, verbose: bool) -> Callable[[BuildTask, Path, Path | None, Report], bytes]:
    def run(task: BuildTask, onnx: Path, timing: Path | None, report: Report) -> bytes:
        from edge.inference.tensorrt.compile import Job, compile_plan
        from edge.inference.tensorrt.messages import Log, Progress

        ahead = task.machine.driver is None
        job = Job(
            onnx=onnx,
            precision=task.precision,
            profile=task.profile,
            workspace=task.options.workspace or workspace_limit(None if ahead else free_memory()),
            optimization_level=task.options.optimization_level,
            timing_cache=timing,
            target=task.machine.target.replace("sm_", "SM") if ahead else None,
        )
        with deferred_interrupt() as interrupted:
            return compile_plan(job, Log(report, verbose=verbose), Progress(report, cancelled=interrupted))

    return run


def _inspect(plan: bytes) -> list[object]:
    from edge.inference.tensorrt.compile import inspect_plan
    from edge.inference.tensorrt.messages import Log

    return inspect_plan(plan, Log())


@contextmanager
def deferred_interrupt() -> Iterator[Callable[[], bool]]:
    """Ctrl-C sets a flag, and KeyboardInterrupt comes at the end: raised in a callback of the builder it
    would end the process."""
    flag = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield flag.is_set
        return
    before = signal.signal(signal.SIGINT, lambda *_: flag.set())
    try:
        yield flag.is_set
    finally:
        signal.signal(signal.SIGINT, before)
        if flag.is_set():
            raise KeyboardInterrupt
