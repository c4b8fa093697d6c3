"""Damaged input into every parser, for some seconds of the processor each: FUZZ_SECONDS, or
`make fuzz MINUTES=5`.

The corpus holds good examples and everything that once went wrong. A new finding is written to
`tests/fuzz/corpus/TARGET/found-…`; mend the parser and keep the file.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from pathlib import Path

import pytest
from fuzz.mutations import damaged
from fuzz.targets import TARGETS, Target, quiet
from hypothesis import HealthCheck, given, settings

CORPUS = Path(__file__).parent / "corpus"
SECONDS = float(os.environ.get("FUZZ_SECONDS", "3"))
SEARCHING = "FUZZ_SECONDS" in os.environ
"""`make fuzz` looks for something new; the suite tries the same damage every time."""
MOST = 100 if SEARCHING else 200
SLOWEST = 2.0
"""Seconds of processor time for one input."""


def examples(target: Target) -> list[bytes]:
    """The kept inputs of a target."""
    found = [path.read_bytes() for path in sorted((CORPUS / target.name).iterdir())]
    assert found, f"no corpus for {target.name}"
    return found


def once(target: Target, data: bytes, folder: Path) -> None:
    """One input, on an empty folder, within its time."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    began = time.process_time()
    with quiet():
        target.read(data, folder)
    took = time.process_time() - began
    assert took < SLOWEST, f"{len(data)} bytes took {took:.1f} s"


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_what_was_kept_is_taken_or_refused_in_order(target: Target, tmp_path: Path) -> None:
    for data in examples(target):
        once(target, data, tmp_path / "input")


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_nothing_surprises_the_parser(
    target: Target, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, count = tmp_path / "input", 0
    folder.mkdir()
    with quiet():
        target.read(examples(target)[0], folder)  # loads the libraries, which nobody is to be blamed for
    end = time.process_time() + SECONDS

    @settings(
        max_examples=MOST,
        deadline=None,
        database=None,
        derandomize=not SEARCHING,
        suppress_health_check=list(HealthCheck),
    )
    @given(damaged(examples(target)))
    def attempt(data: bytes) -> None:
        nonlocal count
        if time.process_time() > end and not failing:
            return
        count += 1
        try:
            once(target, data, folder)
        except BaseException:
            failing.append(data)
            raise

    failing: list[bytes] = []
    try:
        attempt()
        while SEARCHING and time.process_time() < end:
            attempt()
    except BaseException:
        _keep(target, failing[-1])
        raise
    with capsys.disabled():
        if SECONDS > 3:
            print(f"\nfuzz: {target.name}: {count} inputs in {SECONDS:.0f} s")


def _keep(target: Target, data: bytes) -> None:
    """The smallest input that failed, for the corpus."""
    name = hashlib.sha256(data).hexdigest()[:12]
    (CORPUS / target.name / f"found-{name}").write_bytes(data)
