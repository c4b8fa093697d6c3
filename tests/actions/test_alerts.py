from __future__ import annotations

from edge.actions.alerts import AlertBoard
from edge.actions.vigilance import SenseSigns, Vigilance
from edge.config.alerts import AlarmsConfig

CLOSED = SenseSigns(False, None)


def top(board: AlertBoard) -> tuple[str, str, bool] | None:
    alert = board.top
    return None if alert is None else (alert.cause, alert.level, alert.acknowledged)


def test_the_gravest_that_nobody_has_noticed_is_shown() -> None:
    board = AlertBoard()
    assert board.top is None
    board.set_off("stress", "notice", "breathe", 1.0)
    board.set_off("fear", "critical", "stop", 2.0)
    assert top(board) == ("fear", "critical", False)
    assert board.acknowledge("fear") == ["fear"]
    assert top(board) == ("stress", "notice", False)
    assert board.acknowledge() == ["stress"]
    assert board.acknowledge() == []
    assert top(board) == ("fear", "critical", True)
    board.clear("fear")
    assert top(board) == ("stress", "notice", True)


def test_a_higher_level_has_to_be_acknowledged_anew_and_keeps_its_beginning() -> None:
    board = AlertBoard()
    board.set_off("stress", "notice", "breathe", 1.0)
    board.acknowledge()
    board.set_off("stress", "notice", "breathe", 5.0)
    assert top(board) == ("stress", "notice", True)
    board.set_off("stress", "warning", "take a break", 9.0)
    assert top(board) == ("stress", "warning", False)
    assert board.top is not None
    assert board.top.since == 1.0
    board.set_off("stress", "notice", "breathe", 10.0)
    assert top(board) == ("stress", "warning", False)


def watch(config: AlarmsConfig, *looks: tuple[SenseSigns, SenseSigns, float]) -> list[str | None]:
    board, vigilance = AlertBoard(), Vigilance(config)
    causes = []
    for eyes, ears, now in looks:
        vigilance.look(board, eyes, ears, now)
        causes.append(board.top.cause if board.top else None)
    return causes


def test_an_open_camera_that_shows_no_face_for_long_is_blind_until_it_does() -> None:
    assert watch(
        AlarmsConfig(blind=30),
        (SenseSigns(True, None), CLOSED, 0.0),
        (SenseSigns(True, None), CLOSED, 29.0),
        (SenseSigns(True, None), CLOSED, 30.0),
        (SenseSigns(True, 31.0), CLOSED, 31.0),
        (SenseSigns(True, 31.0), CLOSED, 60.0),
        (SenseSigns(True, 31.0), CLOSED, 61.0),
    ) == [None, None, "blind", None, None, "blind"]


def test_a_device_that_was_closed_on_purpose_is_given_its_time_when_it_opens() -> None:
    assert watch(
        AlarmsConfig(deaf=10),
        (CLOSED, SenseSigns(True, 0.0), 9.0),
        (CLOSED, SenseSigns(True, 0.0), 20.0),
        (CLOSED, SenseSigns(False, 0.0), 100.0),
        (CLOSED, SenseSigns(True, 0.0), 105.0),
        (CLOSED, SenseSigns(True, 0.0), 114.0),
        (CLOSED, SenseSigns(True, 0.0), 115.0),
    ) == [None, "deaf", None, None, None, "deaf"]


def test_alarms_are_off_unless_asked_for() -> None:
    assert watch(AlarmsConfig(), (SenseSigns(True, None), SenseSigns(True, None), 9e9)) == [None]
