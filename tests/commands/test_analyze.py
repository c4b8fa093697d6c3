"""The command over folders, in this process and its own."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from edge.commands import main as cli


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    calls = tmp_path / "calls"
    calls.mkdir()
    hum = 0.1 * np.sin(2 * np.pi * 120 * np.arange(16_000) / 16_000)
    soundfile.write(calls / "stereo.wav", np.stack([hum, 0.5 * hum], 1), 16_000)
    soundfile.write(calls / "mono.wav", hum, 16_000)
    return calls


def analyze(*arguments: object) -> int:
    return cli.main(["analyze", *map(str, arguments)])


def test_a_folder_gives_results_of_each_and_a_summary(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = folder.parent / "out"
    assert analyze(folder, "--out", out, "--json", "--export", "vtt") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["files"], told["done_before"], told["failed"]) == (2, 0, [])
    names = {path.name for path in out.iterdir()}
    assert names >= {
        "mono.json",
        "mono.csv",
        "mono.html",
        "mono.vtt",
        "stereo.json",
        "summary.csv",
        "index.html",
    }
    assert analyze(folder, "--out", out, "--json", "--export", "vtt") == 0
    assert json.loads(capsys.readouterr().out)["done_before"] == 2


def test_files_that_fail_are_named_and_the_others_are_read(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "broken.mp3").write_bytes(b"no sound\n" * 40)
    assert analyze(folder, "--out", folder.parent / "out", "--channels", "right") == 1
    told = capsys.readouterr()
    assert "1 of 3 files read" in told.out
    assert "mono.wav: has one channel" in told.err
    assert "broken.mp3: not a picture, sound or video" in told.err
    assert "Traceback" not in told.err


def test_wrong_usage_is_told_in_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "empty").mkdir()
    (folder / "file").write_text("in the way")
    wav = folder / "mono.wav"
    for arguments, named in (
        ((folder,), "--out DIR"),
        ((wav, folder / "stereo.wav"), "--out DIR"),
        ((folder / "empty", "--out", folder.parent / "out"), "no sound, film or picture"),
        ((f"{folder}/*.flac", "--out", folder.parent / "out"), "no such recording"),
        ((wav, "--out", folder / "file"), "cannot write results there"),
        ((wav, "--out", folder.parent / "out", "--csv", "a.csv"), "--csv is of one file"),
        ((wav, "--export", "vtt"), "--export needs --out"),
        ((wav, "--cluster", "tls://host:8786"), "--cluster needs --out"),
    ):
        assert analyze(*arguments) == 2, arguments
        told = capsys.readouterr().err
        assert named in told
        assert len(told.splitlines()) == 1


def test_a_channel_that_is_not_there_fails_with_one_message(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert analyze(folder / "mono.wav", "--channels", "split") == 1
    assert "has one channel, so there is no --channels split" in capsys.readouterr().err


def test_results_without_a_place_are_told_before_anything_is_read(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = folder / "none" / "call.csv"
    assert analyze(folder / "mono.wav", "--csv", nowhere) == 2
    assert capsys.readouterr().err == (
        f"emotion-edge analyze: --csv {nowhere}: there is no folder {nowhere.parent}\n"
    )
    assert analyze(folder / "mono.wav", "--report", folder) == 2
    assert "is a folder; name a file in it" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_listed_in_words(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert analyze(folder / "gone.wav", "--out", folder.parent / "out") == 1
    assert f"not read: {folder / 'gone.wav'}: No such file or directory\n" in capsys.readouterr().err
