"""How fast an engine is: waiting for one batch, and with one or two of them busy at once."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from edge.inference.engine import Batch, Engine, Shape

__all__ = ["Open", "Row", "Subject", "latencies", "measure", "resident_memory", "throughput"]

_WARM_UP: Final = 5
_LEAST: Final = 30
Open = Callable[[], Engine]


@dataclass(frozen=True, slots=True)
class Subject:
    """What is measured: a way to open it, the shape of one item, and what the table calls it."""

    model: str
    backend: str
    precision: str
    graphs: bool | None
    item: tuple[int, ...]
    batches: tuple[int, ...]
    open: Open
    type: str = "float32"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. Times in milliseconds, throughput in items a second, memory in MB.

    `device_ms` is by CUDA events, copies included; None on the CPU. `memory_mb` is device memory taken
    while opening, on the CPU resident memory.
    """

    model: str
    backend: str
    precision: str
    graphs: bool | None
    batch: int
    p50_ms: float
    p99_ms: float
    device_p50_ms: float | None
    device_p99_ms: float | None
    items_per_s: float
    items_per_s_two_streams: float
    memory_mb: float


def measure(subject: Subject, *, seconds: float, memory: Callable[[], int]) -> list[Row]:
    """One row for each batch size. Raises EngineError when the engine fails."""
    return [_row(subject, batch, seconds, memory) for batch in subject.batches]


def _row(subject: Subject, batch: int, seconds: float, memory: Callable[[], int]) -> Row:
    data = _noise((batch, *subject.item), subject.type)
    before = memory()
    with subject.open() as engine:
        host, device = latencies(engine, data, seconds)
        taken = memory() - before
    return Row(
        model=subject.model,
        backend=subject.backend,
        precision=subject.precision,
        graphs=subject.graphs,
        batch=batch,
        p50_ms=_percentile(host, 50),
        p99_ms=_percentile(host, 99),
        device_p50_ms=_percentile(device, 50) if device else None,
        device_p99_ms=_percentile(device, 99) if device else None,
        items_per_s=throughput(subject.open, data, streams=1, seconds=seconds),
        items_per_s_two_streams=throughput(subject.open, data, streams=2, seconds=seconds),
        memory_mb=round(max(0, taken) / 1e6, 1),
    )


def _noise(shape: Shape, type_: str) -> Batch:
    random = np.random.default_rng(0)
    if type_ == "uint8":
        return random.integers(0, 256, shape, dtype=np.uint8)
    return random.standard_normal(shape).astype(np.float32)


def latencies(engine: Engine, batch: Batch, seconds: float) -> tuple[list[float], list[float]]:
    """Milliseconds from handing over a batch to holding its results, and of the device alone if it says."""
    host: list[float] = []
    device: list[float] = []
    for _ in range(_WARM_UP):
        engine.infer(batch)
    until = time.perf_counter() + seconds
    while len(host) < _LEAST or time.perf_counter() < until:
        started = time.perf_counter()
        engine.infer(batch)
        host.append((time.perf_counter() - started) * 1000)
        taken = getattr(engine, "device_ms", None)
        if taken is not None:
            device.append(float(taken))
    return host, device


def throughput(open_engine: Open, batch: Batch, *, streams: int, seconds: float) -> float:
    """Items a second that engines in `streams` threads finish together, opening not counted."""
    counts = [0] * streams
    failures: list[BaseException] = []
    barrier = threading.Barrier(streams)
    spans: list[float] = []

    def work(index: int) -> None:
        try:
            with open_engine() as engine:
                engine.infer(batch)
                barrier.wait()
                started = time.perf_counter()
                while time.perf_counter() - started < seconds:
                    engine.infer(batch)
                    counts[index] += len(batch)
                spans.append(time.perf_counter() - started)
        except threading.BrokenBarrierError:
            return
        except Exception as error:
            failures.append(error)
            barrier.abort()

    threads = [
        threading.Thread(target=work, args=(index,), name=f"bench-{index}") for index in range(streams)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return round(sum(counts) / max(spans), 1)


def resident_memory() -> int:
    """Bytes of this process in memory."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _percentile(values: list[float], share: float) -> float:
    return round(float(np.percentile(values, share)), 3)
