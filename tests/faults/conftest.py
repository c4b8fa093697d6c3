"""Fixtures of the fault matrix: sites that heal, and a row for each fault.

Without EMOTION_EDGE_FAULTS=all only the faults marked `quick_fault` run. With FAULTS_REPORT=DIR every row is
written there, for docs/reliability.md.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from faults.site import BASE, Site

Outcome = Callable[..., None]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long ones to `make test-faults`."""
    if os.environ.get("EMOTION_EDGE_FAULTS") == "all":
        return
    here = Path(__file__).parent
    long = [i for i in items if here in i.path.parents and i.get_closest_marker("quick_fault") is None]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in long]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site on the sample clip, shared by the faults of a module: each must heal."""
    one = Site(tmp_path_factory.mktemp("site"))
    try:
        yield one.open()
    finally:
        one.close()


@pytest.fixture
def outcome(request: pytest.FixtureRequest) -> Iterator[Outcome]:
    """Writes the row; `since` is the moment when the cause was gone."""
    row: dict[str, object] = {}

    def told(*, lost: str, health: str, since: float | None = None, seconds: float | None = None) -> None:
        took = seconds if seconds is not None else time.monotonic() - (since or time.monotonic())
        row.update(lost=lost, health=health, recovery_s=round(took, 1))

    yield told
    row = row or {"lost": "?", "health": "NOT YET AS PROMISED: this fault's test is red", "recovery_s": None}
    folder = os.environ.get("FAULTS_REPORT")
    if folder:
        group = request.path.stem.removeprefix("test_").removesuffix("_faults")
        name = request.node.name.removeprefix("test_").replace("_", " ")
        path = Path(folder) / f"{group}-{request.node.name[:80].replace('/', '_')}.json"
        path.write_text(json.dumps({"group": group, "fault": name, **row}))


@pytest.fixture(autouse=True)
def heals(request: pytest.FixtureRequest) -> Iterator[None]:
    """After every fault: the same process, no traceback, health ok, devices as they were."""
    if "site" not in request.fixturenames:
        yield
        return
    site: Site = request.getfixturevalue("site")
    pid, lines, failed = site.pid, len(site.daemon.log), request.session.testsfailed
    yield
    try:
        assert request.session.testsfailed == failed, "it failed already"
        assert site.pid == pid or request.node.get_closest_marker("ends_the_daemon")
        assert not any("Traceback" in line for line in list(site.daemon.log)[lines:]), site.tail()
        _is_as_before(site)
    except BaseException:
        site.begin_anew()
        if request.session.testsfailed == failed:
            raise


def _is_as_before(site: Site) -> None:
    assert not site.daemon.ended, site.tail()
    site.healthy()
    site.flows("/face", within=30)
    for name in ("camera", "microphone", "actions"):
        assert site.seen.payloads(f"{BASE}/{name}")[-1:] == ["ON"], name
