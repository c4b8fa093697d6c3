from __future__ import annotations

import threading
from pathlib import Path

from integration.broker import eventually

from edge.config.models import PrivacyConfig
from edge.privacy.indicator import Indicator


class Lamp:
    """Takes messages as a connected broker does, or refuses them."""

    def __init__(self, *, connected: bool = True) -> None:
        self.seen: list[tuple[str, bytes]] = []
        self.connected = connected

    def publish(self, topic: str, payload: bytes, *, qos: int) -> bool:
        if self.connected:
            self.seen.append((topic, payload))
        return self.connected


def script(folder: Path, body: str) -> list[str]:
    path = folder / "led"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return [str(path)]


def test_the_topic_follows_the_devices_and_ends_off() -> None:
    lamp = Lamp()
    indicator = Indicator(PrivacyConfig(indicator_topic="hall/led"), publish=lamp.publish)
    indicator.start()
    eventually(lambda: lamp.seen == [("hall/led", b"OFF")])
    indicator.show(True)
    eventually(lambda: lamp.seen[-1] == ("hall/led", b"ON"))
    indicator.show(True)
    indicator.stop()
    assert [payload for _, payload in lamp.seen] == [b"OFF", b"ON", b"OFF"]


def test_a_lamp_that_was_away_is_told_again() -> None:
    lamp = Lamp(connected=False)
    indicator = Indicator(
        PrivacyConfig(indicator_topic="hall/led"), publish=lamp.publish, retry=0.02, repeat=0.05, grace=0.0
    )
    indicator.start()
    indicator.show(True)
    eventually(lambda: indicator.problem is not None)
    lamp.connected = True
    eventually(lambda: lamp.seen.count(("hall/led", b"ON")) >= 3)
    assert indicator.problem is None
    indicator.stop()


def test_the_program_is_run_on_change_alone(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = script(tmp_path, f'echo "$@" >> {log}')
    indicator = Indicator(
        PrivacyConfig(indicator_command=[*command, "17"]), publish=Lamp().publish, repeat=0.02
    )
    indicator.start()
    eventually(log.exists)
    indicator.show(True)
    eventually(lambda: "17 on" in log.read_text())
    indicator.stop()
    assert log.read_text().splitlines() == ["17 off", "17 on", "17 off"]


def test_a_program_that_fails_is_a_problem_and_tried_again(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    command = script(tmp_path, f"test -e {mark}")
    indicator = Indicator(PrivacyConfig(indicator_command=command), publish=Lamp().publish, retry=0.02)
    indicator.start()
    eventually(lambda: indicator.problem == "exit status 1")
    mark.touch()
    eventually(lambda: indicator.problem is None)
    indicator.stop()


def test_without_an_indicator_nothing_runs() -> None:
    indicator = Indicator(PrivacyConfig(), publish=Lamp().publish)
    indicator.start()
    indicator.show(True)
    indicator.stop()
    assert indicator.problem is None


def test_a_broker_that_is_not_there_yet_is_no_problem_at_the_start_but_becomes_one() -> None:
    now, asked = [0.0], threading.Event()

    def nobody(topic: str, payload: bytes, *, qos: int) -> bool:
        asked.set()
        return False

    indicator = Indicator(
        PrivacyConfig(indicator_topic="hall/led"), publish=nobody, retry=0.01, clock=lambda: now[0]
    )
    indicator.start()
    assert asked.wait(30)
    assert indicator.problem is None
    now[0] = 20.0
    eventually(lambda: indicator.problem == "no connection to the broker")
    indicator.stop()
