from pathlib import Path

from edge.history.recent import Recent
from edge.history.recorder import Recorder
from edge.history.segments import Look, Segment
from edge.history.store import HistoryStore


def look(at: float, emotion: str = "happy") -> Look:
    return Look(at, emotion, 0.8, 1, "ok")


def problem(recorder: Recorder) -> str:
    return recorder.problem or ""


def test_without_a_store_the_past_is_in_memory_only(tmp_path: Path) -> None:
    recent = Recent()
    recorder = Recorder(recent, None, 0.0)
    recorder.start()
    for second in range(20):
        recorder.record({"living": look(1000.0 + second)})
    recorder.stop()
    assert [one.at for one in recent.since(0)["living"]] == [1000, 1005, 1010, 1015]
    assert list(tmp_path.iterdir()) == []


def test_what_is_recorded_is_on_disk_when_the_daemon_has_ended(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path / "h.sqlite")
    recorder = Recorder(Recent(), store, 86_400.0)
    recorder.start()
    for second in range(20):
        recorder.record({"living": look(1000.0 + second, "happy" if second < 10 else "sad")})
    recorder.stop()
    assert [(one.emotion, one.start, one.end) for one in store.read(0)] == [
        ("happy", 1000, 1010),
        ("sad", 1010, 1019),
    ]


def test_a_room_that_is_removed_ends_its_segment(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path / "h.sqlite")
    recent = Recent()
    recorder = Recorder(recent, store, 86_400.0)
    recorder.start()
    for second in range(5):
        recorder.record({"living": look(1000.0 + second), "kitchen": look(1000.0 + second)})
    recorder.record({"living": look(1005.0)})
    recorder.stop()
    assert set(recent.since(0)) == {"living"}
    assert {one.room for one in store.read(0)} == {"living", "kitchen"}


def test_erasing_forgets_memory_disk_and_what_waits(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path / "h.sqlite")
    recent = Recent()
    recorder = Recorder(recent, store, 86_400.0)
    recorder.start()
    store.add([])
    for second in range(20):
        recorder.record({"living": look(1000.0 + second, "happy" if second % 2 else "sad")})
    recorder.erase()
    recorder.stop()
    assert recent.since(0) == {}
    assert store.read(0) == []


def test_a_store_that_fails_is_a_problem_and_loses_nothing(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    store = HistoryStore(blocked / "h.sqlite")
    recorder = Recorder(Recent(), store, 86_400.0)
    for second in range(3):
        recorder.record({"living": look(1000.0 + second, "happy" if second % 2 else "sad")})
    recorder.write()
    assert "cannot use" in problem(recorder)
    blocked.unlink()
    recorder.write()
    assert problem(recorder) == ""
    assert [one.start for one in store.read(0)] == [1000, 1001]


def test_what_is_older_than_asked_for_is_dropped(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path / "h.sqlite")
    recorder = Recorder(Recent(), store, 100.0)
    for second in range(3):
        recorder.record({"living": look(1000.0 + second, "happy" if second % 2 else "sad")})
    recorder.write()
    recorder.record({"living": look(9000.0)})
    recorder.write()
    assert store.read(0) == []


def test_what_was_recorded_keeps_its_distance_when_the_clock_is_set(tmp_path: Path) -> None:
    """A hub without a clock of its own starts in 1970; what others recorded stays where it is."""
    store = HistoryStore(tmp_path / "h.sqlite")
    store.add([Segment("living", 9e8, 9e8 + 10, "sad", 0.8, 1, "ok")])
    recent = Recent()
    recorder = Recorder(recent, store, 4e9)
    for second in range(8):
        recorder.record({"living": look(100.0 + second, "happy" if second % 4 < 2 else "sad")})
        if second == 4:
            recorder.write()
    recorder.clock_set(1e9)
    for second in range(8, 12):
        recorder.record({"living": look(1e9 + 100 + second)})
    recorder.stop()
    recorder.write()
    found = [(one.start, one.end) for one in store.read(0)]
    assert found[0] == (9e8, 9e8 + 10)
    assert [start - 1e9 for start, _ in found[1:]] == [100, 102, 104, 106, 108]
    assert [one.at - 1e9 for one in recent.since(0)["living"]] == [100, 102, 104, 106, 108]


def test_a_clock_that_is_wrong_for_a_moment_costs_nothing(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path / "h.sqlite")
    year = 365 * 86_400.0
    recorder = Recorder(Recent(), store, year)
    for at in (1000.0, 1001.0):
        recorder.record({"living": look(at, "happy" if at == 1000 else "sad")})
    recorder.write()
    store.add([Segment("living", 900.0, 950.0, "neutral", 0.5, 1, "ok")])
    for step, at in ((9 * year, 9 * year + 1002), (-9 * year, 1003.0)):
        recorder.clock_set(step)
        recorder.record({"living": look(at)})
        recorder.write()
    assert [one.start for one in store.read(0)] == [900, 1000]


def test_a_clock_that_was_set_an_hour_ago_is_right(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path / "h.sqlite")
    store.add([Segment("living", 900.0, 950.0, "neutral", 0.5, 1, "ok")])
    recorder = Recorder(Recent(), store, 1e6)
    recorder.record({"living": look(1000.0)})
    recorder.write()
    recorder.clock_set(1e8)
    for at in (1e8 + 1001, 1e8 + 4603):
        recorder.record({"living": look(at)})
        recorder.write()
    assert [one.start for one in store.read(0)] == []
