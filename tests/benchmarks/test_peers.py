"""Others on the same pictures: what is set up, and what a run is told."""

import sys
from pathlib import Path

import pytest

from benchmarks.peers.compare import _commands
from benchmarks.peers.prepare import fer_python, human_packages, main


def test_only_what_was_set_up_is_run(tmp_path: Path) -> None:
    assert list(_commands(tmp_path, "pictures")) == ["emotion-edge"]
    fer_python(tmp_path).parent.mkdir(parents=True)
    fer_python(tmp_path).symlink_to(sys.executable)
    human_packages(tmp_path).mkdir(parents=True)
    found = _commands(tmp_path, "pictures")
    assert list(found) == ["emotion-edge", "fer 25.10.3", "@vladmandic/human, WASM"]
    assert all(command[-1] == "pictures" for command in found.values())
    assert list(_commands(None, "pictures")) == ["emotion-edge"]


def test_an_unknown_one_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([str(tmp_path), "deepface"])
    assert stop.value.code == 2
    assert "there is no deepface; there are fer, human" in capsys.readouterr().err
