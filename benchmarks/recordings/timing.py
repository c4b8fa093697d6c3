"""`python -m benchmarks.recordings.timing FOLDER`: wall and CPU time of a folder, by jobs and by a cluster.

The cluster's scheduler and two workers are processes of this machine; in the last run one worker is killed
once a third of the recordings are done. `cpu_s` counts all processes of a run, the cluster's included, and
tells what wall time on a busy machine does not.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

_PATIENCE: Final = 3600.0


def main(argv: Sequence[str] | None = None) -> int:
    """Measure: 0 fine."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recordings.timing", description=__doc__)
    parser.add_argument("folder", type=Path, help="recordings, as `benchmarks.recordings folder` makes them")
    folder = parser.parse_args(argv).folder
    count = len([path for path in folder.iterdir() if path.is_file()])
    found: dict[str, Any] = {"recordings": count, "cores": os.cpu_count()}
    for jobs in (1, 2):
        with _cpu_seconds() as spent:
            told = _measured(folder, "--jobs", str(jobs))
        found[f"--jobs {jobs}"] = told | {"cpu_s": spent()}
    for name, after in (("two workers", None), ("two workers, one killed", max(1, count // 3))):
        with _cpu_seconds() as spent, _cluster() as (address, worker):
            told = _measured(
                folder,
                "--cluster",
                address,
                after=after,
                then=partial(worker.send_signal, signal.SIGKILL),
            )
        found[name] = told | {"cpu_s": spent()}
    print(json.dumps(found, indent=1))
    return 0


@contextmanager
def _cpu_seconds() -> Iterator[Callable[[], float]]:
    """CPU seconds of the child processes that began and ended within."""
    before = os.times()

    def spent() -> float:
        now = os.times()
        system = now.children_system - before.children_system
        return round(now.children_user - before.children_user + system, 1)

    yield spent


def _measured(
    folder: Path, *options: str, after: int | None = None, then: Callable[[], object] = lambda: None
) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as out:
        started = time.monotonic()
        command = [sys.executable, "-m", "edge", "analyze", str(folder), "--out", out, *options, "--json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
            if after is not None:
                _until(lambda: len(list(Path(out).glob("*.json"))) >= after)
                then()
            told = json.loads(running.communicate()[0])
        seconds = time.monotonic() - started
        return {"s": round(seconds, 1), "failed": len(told["failed"]), "read": told["files"]}


@contextmanager
def _cluster() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{one.getsockname()[1]}"
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", address, "--no-dashboard"]
    work = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny"]
    with tempfile.TemporaryDirectory() as folder:
        own = [[*work, "--no-dashboard", "--local-directory", f"{folder}/{number}"] for number in range(2)]
        running = [
            subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for command in (dask, *own)
        ]
        try:
            yield address, running[-1]
        finally:
            for process in running:
                process.kill()
                process.wait()


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE
    while not true():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
