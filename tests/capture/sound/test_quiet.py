import os

import pytest

from edge.capture.sound.quiet import quiet_stderr


def test_chatter_is_dropped_and_everything_else_kept(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet_stderr():
        os.write(2, b"ALSA lib confmisc.c:855:(parse_card) cannot find card '0'\n")
        os.write(2, b"12:00 warning mqtt: connection lost\n")
        os.write(2, b"jack server is not running or cannot be started\n")
    os.write(2, b"afterwards\n")
    assert capfd.readouterr().err == "12:00 warning mqtt: connection lost\nafterwards\n"


def test_a_driver_that_never_returns_does_not_keep_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet_stderr(limit=0.0):
        for _ in range(2000):
            os.write(2, b".")
            if "." in capfd.readouterr().err:
                break
        else:
            pytest.fail("stderr was held for ever")


def test_an_error_inside_gives_stderr_back(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZeroDivisionError), quiet_stderr():
        raise ZeroDivisionError
    os.write(2, b"heard\n")
    assert capfd.readouterr().err == "heard\n"
