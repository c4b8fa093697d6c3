"""The button on events through a pipe, shaped as linux/input.h has them, and on the pins of gpiozero's mock.

A kernel with uinput would do the first as well; few machines that run tests have it.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from daemon.fakes import MICROPHONE
from integration.broker import eventually
from pydantic import ValidationError

from edge.config.button import ButtonConfig
from edge.daemon.event_queue import EventQueue
from edge.daemon.processors import Heard
from edge.daemon.switches import ControlRequest
from edge.perception.observation import SpeechObservation
from edge.privacy.button import Button, presses

PROG1, SPACE = 148, 57


def event(code: int, value: int, kind: int = 1) -> bytes:
    return struct.pack("llHHi", 1, 2, kind, code, value)


def press(code: int = PROG1) -> bytes:
    return event(code, 1) + event(0, 0, kind=0) + event(code, 0) + event(0, 0, kind=0)


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "event3")
    return tmp_path / "event3"


@pytest.fixture
def watch() -> Iterator[Callable[..., Button]]:
    made: list[Button] = []

    def start(pressed: Callable[[], None], **fields: Any) -> Button:
        made.append(Button(ButtonConfig.model_validate(fields), pressed=pressed, retry=0.05))
        made[-1].start()
        return made[-1]

    yield start
    for one in made:
        one.stop()


def test_only_the_key_going_down_is_a_press() -> None:
    assert presses(press(), PROG1) == 1
    assert presses(press(), None) == 1
    assert presses(press(SPACE), PROG1) == 0
    assert presses(event(PROG1, 2) + event(PROG1, 0), PROG1) == 0
    assert presses(event(PROG1, 1, kind=4), None) == 0


def test_a_press_is_noticed_and_its_bouncing_is_not(pipe: Path, watch: Callable[..., Button]) -> None:
    pressed: list[int] = []
    watch(lambda: pressed.append(1), device=str(pipe), key="KEY_PROG1")
    with pipe.open("wb", buffering=0) as device:
        device.write(press(SPACE) + press() + press())
        eventually(lambda: pressed)
    assert pressed == [1]


def test_a_button_that_is_unplugged_is_a_problem_until_it_is_back(
    pipe: Path, watch: Callable[..., Button]
) -> None:
    pressed: list[int] = []
    button = watch(lambda: pressed.append(1), device=str(pipe))
    pipe.open("wb").close()
    eventually(lambda: button.problem is not None or pressed)
    assert button.problem == f"cannot read {pipe}: it was unplugged"
    pipe.unlink()
    eventually(lambda: button.problem == f"cannot read {pipe}: No such file or directory")
    os.mkfifo(pipe)
    with pipe.open("wb", buffering=0) as device:
        device.write(press())
        eventually(lambda: pressed)
    eventually(lambda: button.problem != f"cannot read {pipe}: No such file or directory")


def test_a_press_passes_every_queue(pipe: Path, watch: Callable[..., Button]) -> None:
    events = EventQueue()
    for number in range(5000):
        events.post(Heard(MICROPHONE, SpeechObservation(float(number))))
    sent: list[ControlRequest] = []

    def post() -> None:
        sent.append(ControlRequest("button", {}))
        events.post(sent[-1])

    watch(post, device=str(pipe))
    with pipe.open("wb", buffering=0) as device:
        device.write(press())
        eventually(lambda: sent)
    assert events.get(1.0) is sent[0]


def test_a_pin_that_is_pulled_to_ground_is_a_press(watch: Callable[..., Button]) -> None:
    gpiozero = pytest.importorskip("gpiozero", reason="gpiozero is not installed")
    mock = pytest.importorskip("gpiozero.pins.mock")
    gpiozero.Device.pin_factory = mock.MockFactory()
    pressed: list[int] = []
    button = watch(lambda: pressed.append(1), gpio=17)
    assert button.problem is None
    gpiozero.Device.pin_factory.pin(17).drive_low()
    assert pressed == [1]


def test_a_pin_that_cannot_be_had_is_a_problem(watch: Callable[..., Button]) -> None:
    gpiozero = pytest.importorskip("gpiozero", reason="gpiozero is not installed")
    mock = pytest.importorskip("gpiozero.pins.mock")
    gpiozero.Device.pin_factory = mock.MockFactory()
    watch(lambda: None, gpio=17)
    second = watch(lambda: None, gpio=17)
    assert second.problem is not None
    assert second.problem.startswith("pin 17 cannot be used: ")


@pytest.mark.parametrize("fields", [{"key": 3}, {"device": "/dev/x", "gpio": 3}, {"gpio": 99}, {"key": "X"}])
def test_what_is_no_button_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ButtonConfig.model_validate(fields)
