import logging
import threading
import time
from collections.abc import Callable

import pytest

from edge.capture.backoff import Backoff
from edge.capture.opening import Opening, Patience
from edge.capture.supervisor import Read, Supervisor
from edge.errors import CaptureError
from edge.supervision import no_beat


def until(condition: Callable[[], object], timeout: float = 5.0) -> bool:
    deadline = time.monotonic() + timeout
    while not condition() and time.monotonic() < deadline:
        threading.Event().wait(0.002)
    return bool(condition())


def supervisor(
    read: Read, patience: Patience | None = None, heartbeat: Callable[[], None] = no_beat
) -> Supervisor:
    return Supervisor(
        name="camera",
        source="rtsp://***@host/",
        read=read,
        patience=patience,
        backoff=Backoff(first=0.002, longest=0.01),
        heartbeat=heartbeat,
        tick=0.005,
    )


def deliver_for_ever(opening: Opening) -> None:
    opening.opened("640x480")
    while not opening.wait(0.001):
        opening.alive()


def test_a_source_that_works_is_open_and_closed_on_request() -> None:
    one = supervisor(deliver_for_ever)
    assert one.status().state == "closed"
    one.start()
    assert until(lambda: one.status().state == "open" and one.status().delivered > 3)
    assert one.status().detail == "640x480"
    one.stop()
    assert one.status().state == "closed"
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("camera")]


def test_failures_are_shown_and_tried_again_until_it_works() -> None:
    left = ["refused", "refused", "refused"]

    def read(opening: Opening) -> None:
        if left:
            raise CaptureError(f"rtsp://***@host/: {left.pop()}")
        deliver_for_ever(opening)

    one = supervisor(read)
    one.start()
    assert until(lambda: one.status().state == "open")
    assert one.status().reopened == 3
    one.stop()


def test_a_failure_is_logged_once_and_without_naming_the_source_twice(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def read(opening: Opening) -> None:
        raise CaptureError("rtsp://***@host/: refused")

    one = supervisor(read)
    with caplog.at_level(logging.WARNING):
        one.start()
        assert until(lambda: one.status().reopened > 3)
        status = one.status()
        one.stop()
    assert (status.state, status.detail) == ("retrying", "refused")
    assert [record.getMessage() for record in caplog.records] == [
        "camera rtsp://***@host/: refused; trying again"
    ]


def test_a_source_that_falls_silent_is_reopened() -> None:
    def read(opening: Opening) -> None:
        opening.opened("")
        opening.alive()
        opening.wait(60)

    one = supervisor(read, Patience(opening=5, silence=0.02))
    one.start()
    assert until(lambda: one.status().reopened >= 2)
    one.stop()


def test_a_driver_that_hangs_costs_neither_heartbeat_nor_stop() -> None:
    release = threading.Event()
    beats: list[int] = []

    def read(opening: Opening) -> None:
        release.wait(30)

    one = supervisor(read, Patience(opening=0.01, silence=1, abandoned=1), lambda: beats.append(1))
    one.start()
    assert until(lambda: one.status().state == "retrying" and len(beats) > 20)
    hung = [thread for thread in threading.enumerate() if thread.name == "camera-reader"]
    assert len(hung) == 2
    one.stop(timeout=0.1)
    assert all(thread.is_alive() for thread in hung), "stop waited for the driver"
    assert one.status().state == "closed"
    release.set()
    for thread in hung:
        thread.join(5)


def test_an_unexpected_error_is_a_failure_like_any_other(caplog: pytest.LogCaptureFixture) -> None:
    def read(opening: Opening) -> None:
        raise ZeroDivisionError("in a driver")

    one = supervisor(read)
    one.start()
    assert until(lambda: one.status().state == "retrying")
    assert "ZeroDivisionError: in a driver" in one.status().detail
    one.stop()


def test_a_source_that_ends_stays_ended_with_a_beating_heart_and_starts_anew() -> None:
    beats: list[int] = []
    runs: list[int] = []

    def read(opening: Opening) -> None:
        runs.append(1)
        opening.opened("a file")
        opening.alive()

    one = supervisor(read, heartbeat=lambda: beats.append(1))
    one.start()
    assert until(lambda: one.status().state == "ended")
    seen = len(beats)
    assert until(lambda: len(beats) > seen + 2)
    one.stop()
    one.start()
    assert until(lambda: len(runs) == 2 and one.status().state == "ended")
    one.stop()


def test_starting_twice_opens_once() -> None:
    opened: list[int] = []

    def read(opening: Opening) -> None:
        opened.append(1)
        deliver_for_ever(opening)

    one = supervisor(read)
    one.start()
    one.start()
    assert until(lambda: one.status().state == "open")
    one.stop()
    assert len(opened) == 1


def test_a_driver_that_hung_is_tried_again_as_soon_as_it_answers() -> None:
    """Not after the delay between attempts, which has grown long meanwhile: here it would be a minute."""
    release = threading.Event()
    attempts: list[int] = []

    def read(opening: Opening) -> None:
        attempts.append(1)
        if len(attempts) == 1:
            opening.opened("")
            release.wait(30)
        else:
            deliver_for_ever(opening)

    one = Supervisor(
        name="microphone",
        source="default",
        read=read,
        patience=Patience(opening=5, silence=0.02, abandoned=0),
        backoff=Backoff(first=0.01, longest=60.0, jitter=lambda: 0.0),
        tick=0.005,
    )
    one.start()
    assert until(lambda: one.status().state == "retrying")
    beats_while_hung = until(lambda: len(attempts) > 1, 0.3)
    release.set()
    assert until(lambda: one.status().delivered > 0)
    one.stop()
    assert not beats_while_hung


def test_a_source_that_opens_and_never_delivers_is_not_called_open_in_between() -> None:
    states: list[str] = []

    def read(opening: Opening) -> None:
        opening.opened("640x480")
        opening.alive(0)
        opening.wait(60)

    one = supervisor(read, Patience(opening=5, silence=0.02), lambda: states.append(one.status().state))
    one.start()
    assert until(lambda: one.status().reopened >= 5)
    one.stop()
    assert "open" not in states
    assert states[-1] == "retrying"
