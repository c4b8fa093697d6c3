"""What holds for every test: threads of the number crunching, Ctrl-C, no deadlines, whose log it is."""

import logging
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# Each of several test processes would otherwise start a thread for every core.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell lets its background jobs ignore Ctrl-C, and so would every program that a test starts.
if (
    threading.current_thread() is threading.main_thread()
    and signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says more about the machine than about the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


_LONG = ("kiosk", "integration", "training", "faults", "fuzz", "perception")
"""Folders whose tests start programs, wait or train, the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first where several processes share the work: none is left alone with it."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        rank = {name: place for place, name in enumerate(_LONG)}
        items.sort(key=lambda item: rank.get(_folder(item), len(_LONG)))


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(Path(__file__).parent).parts[0]


@pytest.fixture(autouse=True)
def _no_log_handler_is_left() -> Iterator[None]:
    """A command sets up the log on the standard error of its own test, which is closed afterwards."""
    root = logging.getLogger()
    level = root.level
    yield
    for handler in [one for one in root.handlers if one.get_name() == "edge"]:
        root.removeHandler(handler)
        root.setLevel(level)
