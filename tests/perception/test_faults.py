import logging

import pytest

from edge.errors import EngineError
from edge.perception.faults import Faults


def fail() -> int:
    raise EngineError("broken")


def test_a_failure_is_told_and_forgotten_after_a_success() -> None:
    faults = Faults("face")
    assert faults.guard(fail) is None
    assert faults.newest == "broken"
    assert faults.guard(lambda: 3) == 3
    assert faults.newest is None


def test_failures_in_a_row_are_given_up() -> None:
    faults = Faults("face", limit=3)
    assert [faults.guard(fail), faults.guard(fail)] == [None, None]
    with pytest.raises(EngineError, match="face: 3 failures in a row, the last: broken"):
        faults.guard(fail)


def test_failures_between_successes_are_never_given_up() -> None:
    faults = Faults("face", limit=2)
    for _ in range(10):
        faults.guard(fail)
        faults.guard(lambda: 1)


def test_a_row_of_failures_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    faults = Faults("speech")
    with caplog.at_level(logging.WARNING):
        for _ in range(4):
            faults.guard(fail)
    assert caplog.messages == ["speech reading skipped: broken"]


def test_other_errors_are_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        Faults("face").guard(lambda: 1 // 0)
