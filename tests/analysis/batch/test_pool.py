from analysis.batch.workers import read_or_die

from edge.analysis.batch.pool import on_processes
from edge.analysis.batch.task import Task


def task(name: str) -> Task:
    return Task(f"/calls/{name}.wav", name, "/out", 1, "auto", (), 1, None, {}, {})


def test_a_process_that_dies_takes_only_its_own_recording_with_it() -> None:
    outcomes = list(on_processes([task(name) for name in ("one", "deadly", "two", "three")], read_or_die, 2))
    told = {outcome.name: outcome.error for outcome in outcomes}
    assert told == {
        "one": None,
        "deadly": "/calls/deadly.wav: the process that read it died",
        "two": None,
        "three": None,
    }


def test_without_work_nothing_is_started() -> None:
    assert list(on_processes([], read_or_die, 4)) == []
