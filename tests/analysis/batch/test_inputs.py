from pathlib import Path

import pytest

from edge.analysis.batch.inputs import find
from edge.analysis.errors import RequestError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (
        "a.wav",
        "b.MP3",
        "b.wav",
        "notes.txt",
        "deep/a.wav",
        ".hidden.wav",
        "out/a.json",
        "out/a.wav",
    ):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"12345")
    return tmp_path


def test_a_folder_gives_its_recordings_and_nothing_of_the_results(folder: Path) -> None:
    found = find([str(folder)], without=str(folder / "out"))
    assert [one.name for one in found] == ["a", "b.MP3", "b.wav", "deep/a"]
    assert all(one.size == 5 for one in found)


def test_a_file_is_taken_whatever_it_is_called_and_once(folder: Path) -> None:
    notes = str(folder / "notes.txt")
    assert [one.name for one in find([notes, notes])] == ["notes.txt"]


def test_a_glob_is_expanded_and_a_name_with_brackets_is_not(folder: Path) -> None:
    assert [one.name for one in find([f"{folder}/*.wav"])] == ["a", "b"]
    (folder / "c[1].wav").write_bytes(b"1")
    assert [one.name for one in find([f"{folder}/c[1].wav"])] == ["c[1]"]


def test_files_of_one_name_from_two_folders_keep_their_results_apart(folder: Path) -> None:
    names = [one.name for one in find([f"{folder}/a.wav", f"{folder}/deep/a.wav"])]
    assert len(set(names)) == 2


def test_a_place_without_a_recording_is_named(folder: Path) -> None:
    (folder / "empty").mkdir()
    with pytest.raises(RequestError, match=r"empty: no sound, film or picture"):
        find([str(folder / "empty")])
    with pytest.raises(RequestError, match=r"\*\.flac: no such recording"):
        find([f"{folder}/*.flac"])
