"""A folder of recordings, judged with the real models in this process."""

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile

from edge.analysis.batch.inputs import find
from edge.analysis.batch.run import Batch, analyze_all
from edge.analysis.batch.task import Outcome, Task, work
from edge.analysis.channels import Channels
from edge.analysis.errors import RequestError
from edge.config import Config
from edge.vocabulary import LABELS

CONFIG = Config()


def here(tasks: Sequence[Task]) -> Iterator[Outcome]:
    for task in tasks:
        yield work(task, CONFIG.engines, threads=1)


def judged(folder: Path, channels: Channels = "auto", track: int | None = None) -> Batch:
    out = str(folder / "out")
    inputs = find([str(folder)], without=out)
    return analyze_all(inputs, out, CONFIG, channels=channels, track=track, runner=here)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    hum = 0.1 * np.sin(2 * np.pi * 120 * np.arange(16_000) / 16_000)
    for name in ("a", "b"):
        soundfile.write(tmp_path / f"{name}.wav", hum, 16_000)
    (tmp_path / "broken.mp3").write_bytes(b"this is no sound at all\n" * 9)
    return tmp_path


def test_one_bad_file_stops_nothing_and_is_listed(folder: Path) -> None:
    batch = judged(folder)
    assert [one.name for one in batch.failed] == ["broken"]
    document = json.loads((folder / "out" / "a.json").read_text())
    assert document["schema"] == 2
    assert document["face"] == document["speech"] == document["fused"] == []
    with (folder / "out" / "summary.csv").open() as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    assert rows.keys() == {"a", "b", "broken"}
    assert "broken.mp3" in rows["broken"]["error"]
    assert set(LABELS) <= rows["a"].keys()


def test_what_is_done_is_not_done_again_until_it_changes(folder: Path) -> None:
    judged(folder)
    again = judged(folder)
    assert {one.name: one.again for one in again.done} == {"a": True, "b": True, "broken": False}
    assert again.rows() == judged(folder).rows()
    soundfile.write(folder / "a.wav", np.zeros(8000), 16_000)
    (folder / "out" / "b.json").unlink()
    assert judged(folder).skipped == 0


def test_other_options_are_other_work(folder: Path) -> None:
    judged(folder)
    assert judged(folder, "mix").skipped == 0


def test_the_sound_track_that_was_asked_for_is_read_and_a_file_without_it_is_listed(folder: Path) -> None:
    assert [one.name for one in judged(folder, track=1).failed] == ["broken"]
    asked = judged(folder, track=2)
    assert asked.skipped == 0
    assert "there is no track 2" in next(one.error or "" for one in asked.failed if one.name == "a")


def test_a_ledger_that_broke_off_costs_only_its_last_line(folder: Path) -> None:
    (folder / "broken.mp3").unlink()
    judged(folder)
    ledger = folder / "out" / ".analyzed.jsonl"
    ledger.write_bytes(ledger.read_bytes()[:-30])
    assert judged(folder).skipped == 1
    assert judged(folder).skipped == 2


def test_results_that_cannot_be_written_are_told_before_any_work(folder: Path) -> None:
    (folder / "file").write_text("in the way")
    with pytest.raises(RequestError, match="cannot write results there"):
        analyze_all(
            find([str(folder)]), str(folder / "file"), CONFIG, channels="auto", runner=lambda _: iter(())
        )
