import threading

import pytest

from edge.capture.mailbox import BoundedQueue, Mailbox


def test_the_newest_item_wins_and_the_lost_one_is_counted() -> None:
    box = Mailbox[int]()
    box.put(1)
    box.put(2)
    assert box.get(0) == 2
    assert box.dropped == 1
    assert box.get(0) is None


def test_a_full_backlog_drops_its_oldest() -> None:
    box = BoundedQueue[int](limit=3)
    for number in range(5):
        box.put(number)
    assert [box.get(0) for _ in range(4)] == [2, 3, 4, None]
    assert box.dropped == 2


def test_closing_releases_a_waiting_reader() -> None:
    box = Mailbox[int]()
    got: list[int | None] = [0]
    reader = threading.Thread(target=lambda: got.append(box.get(None)))
    reader.start()
    box.close()
    reader.join(5)
    assert got == [0, None]
    assert box.closed


def test_a_closed_box_keeps_and_takes_nothing() -> None:
    box = Mailbox[int]()
    box.put(1)
    box.close()
    box.put(2)
    assert box.get(0) is None


def test_clearing_withdraws_without_counting() -> None:
    box = BoundedQueue[int](limit=2)
    box.put(1)
    box.clear()
    assert box.get(0) is None
    assert box.dropped == 0


def test_a_reader_waits_for_what_another_thread_puts() -> None:
    box = Mailbox[str]()
    threading.Timer(0.01, box.put, ["frame"]).start()
    assert box.get(5) == "frame"


def test_a_backlog_needs_room() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        BoundedQueue[int](limit=0)
