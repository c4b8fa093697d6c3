"""Fixtures for tests with real parts."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from integration.attic import Attic
from integration.broker import Mosquitto, Witness
from integration.hub import Hub


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    """A real broker that takes anybody."""
    broker = Mosquitto(tmp_path).start()
    yield broker
    broker.stop()


@pytest.fixture
def hub() -> Iterator[Callable[..., Hub]]:
    """Makes publishers and stops them."""
    made: list[Hub] = []

    def make(port: int, *args: Any, **options: Any) -> Hub:
        made.append(Hub(port, *args, **options))
        return made[-1]

    yield make
    for one in made:
        one.stop()


@pytest.fixture
def witness() -> Iterator[Callable[..., Witness]]:
    """Makes independent clients and closes them."""
    made: list[Witness] = []

    def make(port: int, *topics: str, **options: Any) -> Witness:
        made.append(Witness(port, *topics, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def attic(tmp_path: Path) -> Iterator[Attic]:
    """A daemon for one test, not started yet."""
    one = Attic(tmp_path)
    yield one
    one.close()


@pytest.fixture(scope="module")
def shared_attic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attic]:
    """A running daemon for the tests of a module."""
    one = Attic(tmp_path_factory.mktemp("attic"))
    try:
        one.daemon.start().ready()
        yield one
    finally:
        one.close()


@pytest.fixture
def running(shared_attic: Attic) -> Iterator[Attic]:
    """A running daemon whose devices are open and whose settings are the file's, now and afterwards."""
    yield shared_attic
    shared_attic.ask("privacy", what="off")
    shared_attic.ask("settings", reset=True)
