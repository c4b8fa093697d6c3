import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path
from random import Random

import pytest

from edge.errors import EdgeError
from edge.history.segments import Segment
from edge.history.store import HistoryStore


def segment(start: float, room: str = "living") -> Segment:
    return Segment(room, start, start + 10, "happy", 0.8, 1, "ok")


def test_what_was_added_is_read_in_order_of_time(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path / "state" / "h.sqlite")
    store.add([segment(30), segment(10)])
    store.add([segment(20)])
    assert [one.start for one in store.read(0)] == [10, 20, 30]
    assert [one.start for one in store.read(25, 29)] == [20]
    assert (store.path.stat().st_mode & 0o777, store.path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_without_a_file_there_is_no_history_and_none_is_made(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path / "h.sqlite")
    assert store.read(0) == []
    assert list(tmp_path.iterdir()) == []


def test_the_oldest_make_room(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path / "h.sqlite")
    store.add([segment(10), segment(100)])
    store.prune(50)
    assert [one.start for one in store.read(0)] == [100]


def test_erasing_leaves_no_file_behind(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path / "h.sqlite")
    store.add([segment(10)])
    store.erase()
    assert list(tmp_path.iterdir()) == []
    assert store.read(0) == []


def test_a_damaged_file_is_set_aside_and_a_new_one_begins(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path / "h.sqlite")
    store.path.write_bytes(b"this is no database, and never was " * 100)
    with pytest.raises(EdgeError, match=r"was damaged; it is now h\.sqlite\.damaged"):
        store.add([segment(10)])
    store.add([segment(20)])
    assert [one.start for one in store.read(0)] == [20]


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere; run the tests as a user")
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(EdgeError, match="cannot use"):
        HistoryStore(tmp_path / "h.sqlite").add([segment(10)])


def test_what_was_added_survives_the_end_of_the_process_at_any_moment(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from edge.history.segments import Segment\n"
        "from edge.history.store import HistoryStore\n"
        "store = HistoryStore(Path(sys.argv[1]))\n"
        "for number in range(100000):\n"
        "    store.add([Segment('living', number, number + 1, 'happy', 0.8, 1, 'ok')])\n"
        "    print(number, flush=True)\n"
    )
    path = tmp_path / "h.sqlite"
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        told = [int(next(writer.stdout)) for _ in range(20)]
        writer.send_signal(signal.SIGKILL)
        told += [int(line) for line in writer.stdout]
    kept = {int(one.start) for one in HistoryStore(path).read(0)}
    assert set(told) <= kept


def test_erasing_takes_a_damaged_history_along(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path / "h.sqlite")
    store.path.write_bytes(b"this is no database, and never was " * 100)
    with pytest.raises(EdgeError, match="was damaged"):
        store.read(0)
    store.erase()
    assert list(tmp_path.iterdir()) == []


def test_wherever_a_file_is_damaged_it_ends_in_a_message_or_in_moods(tmp_path: Path) -> None:
    whole = HistoryStore(tmp_path / "whole.sqlite")
    whole.add([segment(start) for start in range(0, 2000, 10)])
    bytes_, random = whole.path.read_bytes(), Random(3)
    store = HistoryStore(tmp_path / "h.sqlite")
    for attempt in range(30):
        damaged = bytearray(bytes_)
        for _ in range(1 if attempt % 3 else 40):
            damaged[random.randrange(len(damaged) if attempt % 2 else 400)] = random.randrange(256)
        store.erase()
        store.path.write_bytes(damaged)
        for _ in range(3):
            with suppress(EdgeError):
                assert all(one.emotion == "happy" for one in store.read(0))
                store.add([segment(5000)])
        store.read(0)
        store.add([segment(6000)])


def test_a_row_that_was_never_written_is_damage(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path / "h.sqlite")
    store.add([segment(10)])
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute("INSERT INTO segment VALUES ('living', 5, 1, 'bored', 7, -1, 'ok')")
    with pytest.raises(EdgeError, match="was damaged"):
        store.read(0)
