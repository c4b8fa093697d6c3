"""The wall clock is set while the daemon runs, by libfaketime; the monotonic clock goes on."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from faults.site import BASE, Site
from integration.broker import eventually, free_port

from edge.history.store import HistoryStore
from edge.publish.payloads import timestamp
from edge.vocabulary import LABELS

Outcome = Callable[..., None]

_DAY: Final = 86_400
_SLACK: Final = 4.0
"""Seconds between a moment and the time that is told of it."""


@pytest.fixture(scope="module")
def library() -> str:
    """libfaketime, for programs with threads."""
    found = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    if found is None:
        pytest.skip("libfaketime is not installed: apt-get install faketime")
    return str(found)


class Clock:
    """The wall clock of one process: ours, and so many seconds."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.ahead = 0
        self.set(0)

    def set(self, ahead: int) -> None:
        """From now on the clock differs from ours by this."""
        self.ahead = ahead
        own = self._file.with_suffix(".new")
        own.write_text(f"{ahead:+d}s\n")
        own.replace(self._file)

    @property
    def now(self) -> float:
        """What it shows."""
        return time.time() + self.ahead


class Hub:
    """A site whose clock can be set, with a page, a history, and an alert for every mood."""

    def __init__(self, folder: Path, library: str, closed: str, ahead: int) -> None:
        self.clock = Clock(folder / "clock")
        self.clock.set(ahead)
        self.port = free_port()
        alert = {
            "name": "somebody",
            "when": [*LABELS, "none"],
            "then": [{"alert": {"message": "somebody is there"}}],
        }
        environment = {
            "LD_PRELOAD": library,
            "FAKETIME_TIMESTAMP_FILE": str(folder / "clock"),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_RESET": "1",
        }
        self.site = Site(
            folder,
            environment=environment,
            actions={"rules": [alert]},
            history={"keep": "90d"},
            kiosk={"enabled": True, "port": self.port},
            privacy={"schedule": [f"{closed} camera"]},
        )
        self.site.write(mqtt={**self.site.sections["mqtt"], "heartbeat": 2})

    def told(self, topic: str) -> dict[str, Any]:
        """The newest message."""
        return dict(self.site.seen.payloads(f"{BASE}/{topic}")[-1])

    def page(self, path: str) -> Any:
        """What the page is told."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/{path}", timeout=10) as answer:
            return json.load(answer)

    def kept(self) -> list[float]:
        """When what is on disk began."""
        store = HistoryStore(self.site.state / "history-site.sqlite")
        return [one.start for one in store.read(-1e12)]


@pytest.fixture
def open_hub(tmp_path: Path, library: str) -> Iterator[Callable[..., Hub]]:
    opened: list[Hub] = []

    def open_one(closed: str, ahead: int) -> Hub:
        opened.append(Hub(tmp_path, library, closed, ahead))
        opened[-1].site.open()
        return opened[-1]

    yield open_one
    for one in opened:
        one.site.close()


def near(told: str | float, moment: float) -> bool:
    """Whether a time that was told is this one."""
    seconds = datetime.fromisoformat(told).timestamp() if isinstance(told, str) else told
    return abs(seconds - moment) < _SLACK


def hours_around(moment: float) -> str:
    """A span of the schedule with the moment in its middle."""
    middle = datetime.fromtimestamp(moment).astimezone()
    return f"{middle - timedelta(hours=1):%H:%M}-{middle + timedelta(hours=1):%H:%M}"


@pytest.mark.parametrize(
    ("ahead", "then"),
    [
        pytest.param(-20_000 * _DAY, -6 * 3600, id="forwards: the hub began in 1972"),
        pytest.param(0, -40 * _DAY - 6 * 3600, id="back by 40 days"),
        pytest.param(0, 3600 * 30, id="forwards by 30 hours"),
    ],
)
def test_clock_is_set(open_hub: Callable[..., Hub], outcome: Outcome, ahead: int, then: int) -> None:
    began = time.time()
    hub = open_hub(hours_around(time.time() + then), ahead)
    site = hub.site
    eventually(lambda: site.seen.payloads(f"{BASE}/alert")[-1]["cause"] == "somebody", what="the alert")
    eventually(hub.kept, within=60, what="something is on disk")
    eventually(lambda: near(hub.told("state")["ts"], hub.clock.now), what="the daemon has this clock")
    before = {topic: hub.told(topic)["since"] for topic in ("state", "alert")}
    ages = {
        topic: hub.clock.now - datetime.fromisoformat(since).timestamp() for topic, since in before.items()
    }
    looked, set_at = time.monotonic(), time.time()

    hub.clock.set(then)
    eventually(lambda: near(hub.told("state")["ts"], hub.clock.now), within=30, what="ts follows")
    eventually(lambda: hub.told("alert")["since"] != before["alert"], within=30, what="the alert follows")
    took = time.monotonic() - looked
    alert = hub.told("alert")
    assert near(alert["since"], set_at - ages["alert"] + then), (alert, ages)
    eventually(lambda: near(hub.page("state")["now"], hub.clock.now), what="the page has it, too")
    mood = hub.page("state")
    assert near(mood["alert"]["since"], set_at - ages["alert"] + then)
    eventually(lambda: site.seen.payloads(f"{BASE}/camera")[-1] == "OFF", what="the schedule's hours")
    assert "schedule" in str(hub.page("state")["rooms"][0]["reasons"])
    (points,) = hub.page("history?seconds=900")["rooms"].values()
    assert points[0]["t"] < set_at + then, "what was seen before is still there"
    assert all(began + then - _SLACK < point["t"] < hub.clock.now + _SLACK for point in points), points
    eventually(
        lambda: all(began + then - _SLACK < one < hub.clock.now for one in hub.kept()),
        within=40,
        what=f"what is on disk follows: {[timestamp(one) for one in hub.kept()]}",
    )

    hub.clock.set(then + 12 * 3600)
    eventually(lambda: site.seen.payloads(f"{BASE}/camera")[-1] == "ON", what="outside of these hours")
    site.flows("/face")
    site.healthy()
    assert not any("Traceback" in line for line in site.daemon.log), site.tail()
    outcome(
        lost="nothing: since, alerts, history and schedule follow",
        health="log: the clock was set",
        seconds=took,
    )
