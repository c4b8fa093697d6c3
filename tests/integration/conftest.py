"""Fixtures for tests with real parts."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
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
