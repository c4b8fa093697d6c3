import threading
import time
from collections.abc import Callable
from types import TracebackType

import numpy as np
import pytest
from typing_extensions import Self

from edge.bench.engine_report import table
from edge.bench.engine_rows import Subject, latencies, measure, resident_memory, throughput
from edge.errors import EngineError
from edge.inference.engine import Backend, Batch, Engine, Tensor

BATCH = np.zeros((4, 2), np.float32)


class Slow:
    """An engine that takes a known time and can say how long the device took."""

    name = "face"
    device_ms = 0.25

    def __init__(self, seconds: float = 0.001, fails: bool = False) -> None:
        self.backend: Backend = "tensorrt"
        self._seconds = seconds
        self._fails = fails

    def infer(self, batch: Batch) -> tuple[Tensor, ...]:
        if self._fails:
            raise EngineError("out of memory")
        time.sleep(self._seconds)
        return (np.asarray(batch, np.float32),)

    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def subject(open_engine: Callable[[], Engine]) -> Subject:
    return Subject("face", "TensorRT", "fp16", True, (2,), (1, 8), open_engine)


def test_latency_covers_the_whole_call_and_device_time_is_the_engines_own() -> None:
    host, device = latencies(Slow(0.002), BATCH, seconds=0.05)
    assert min(host) >= 2.0
    assert set(device) == {0.25}
    assert len(host) == len(device) >= 30


class Crowd:
    """Opens engines and keeps how many of them were at work at once, and how many batches they took."""

    def __init__(self) -> None:
        self.peak = self.batches = self._inside = 0
        self._lock = threading.Lock()

    def open(self) -> Engine:
        crowd = self

        class Counted(Slow):
            def infer(self, batch: Batch) -> tuple[Tensor, ...]:
                with crowd._lock:
                    crowd._inside += 1
                    crowd.batches += 1
                    crowd.peak = max(crowd.peak, crowd._inside)
                try:
                    return super().infer(batch)
                finally:
                    with crowd._lock:
                        crowd._inside -= 1

        return Counted(0.002)


@pytest.mark.parametrize("streams", [1, 2])
def test_throughput_counts_items_of_all_streams(streams: int) -> None:
    crowd = Crowd()
    items = throughput(crowd.open, BATCH, streams=streams, seconds=0.2)
    assert crowd.peak == streams
    counted = (crowd.batches - streams) * len(BATCH)  # the first batch of each stream is its warm-up
    assert 0 < items <= round(counted / 0.2, 1)
    assert items >= counted / 30


def test_a_failure_in_a_stream_is_the_callers() -> None:
    with pytest.raises(EngineError, match="out of memory"):
        throughput(lambda: Slow(fails=True), BATCH, streams=2, seconds=0.1)


def test_rows_for_every_batch_with_memory_taken_while_opening() -> None:
    readings = iter([1_000_000, 3_500_000, 1_000_000, 9_000_000])
    rows = measure(subject(Slow), seconds=0.02, memory=lambda: next(readings))
    assert [(row.batch, row.memory_mb) for row in rows] == [(1, 2.5), (8, 8.0)]
    assert rows[0].p50_ms <= rows[0].p99_ms


def test_the_table_is_markdown_with_one_line_a_row() -> None:
    rows = measure(subject(Slow), seconds=0.01, memory=resident_memory)
    lines = table(rows).splitlines()
    assert len(lines) == 2 + len(rows)
    assert len({line.count("|") for line in lines}) == 1
    assert "| face | TensorRT | fp16 | yes | 1 |" in lines[2]
