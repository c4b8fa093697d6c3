"""`emotion-edge evaluate` on data made here, with the shipped models."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from edge.commands.main import main
from edge.vocabulary import LABELS, SAMPLE_RATE

Run = Callable[..., tuple[int, str, str]]
CLASSIFIER_KEYS = {
    "task",
    "model",
    "split",
    "n",
    "accuracy",
    "uar",
    "macro_f1",
    "per_class",
    "confusion",
    "top2_accuracy",
    "ece",
    "nll",
    "abstention",
    "trusted_from",
    "ms_per_item",
    "skipped",
    "by_group",
}
RULES = {"mean", "product", "fscore", "stacking", "loglinear"}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*arguments: object) -> tuple[int, str, str]:
        code = main(["evaluate", *map(str, arguments)])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return command


def document(run: Run, *arguments: object) -> Any:
    code, out, err = run(*arguments, "--json")
    assert code == 0, err
    return json.loads(out)


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    """Fourteen pictures of noise, two of each emotion, half of them in each split."""
    path = tmp_path / "faces.npz"
    images = np.random.default_rng(3).integers(0, 256, (14, 48, 48), dtype=np.uint8)
    np.savez(
        path, images=images, labels=np.arange(14) % 7, usage=np.array(["Training", "PublicTest"]).repeat(7)
    )
    return path


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    """Four short hums of two speakers, one of them bored."""
    folder = tmp_path / "clips"
    folder.mkdir()
    t = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    rows = ["file,emotion,speaker"]
    for index, emotion in enumerate(("happy", "sad", "calm", "boredom")):
        hum = sum(np.sin(2 * np.pi * 120 * k * t) / k for k in range(1, 6)) * 0.2
        soundfile.write(folder / f"{index}.wav", hum, SAMPLE_RATE)
        rows.append(f"{index}.wav,{emotion},speaker{index % 2}")
    (folder / "index.csv").write_text("\n".join(rows) + "\n")
    return folder


def pairs(path: Path, seed: int, n: int = 140) -> Path:
    """Scores of both senses over eight emotions, right more often than not."""
    random = np.random.default_rng(seed)
    names = np.array([*LABELS, "calm"])
    truth = np.arange(n) % 7
    scores = [random.normal(0, 1, (n, 8)) + 2.0 * np.eye(8)[truth] for _ in range(2)]
    np.savez(path, emotion=truth, names=names, audio=scores[0], visual=scores[1])
    return path


def test_face_figures_are_complete_and_add_up(run: Run, faces: Path) -> None:
    found = document(run, "face", faces)
    assert found.keys() >= CLASSIFIER_KEYS
    assert (found["task"], found["n"], found["split"]) == ("face", 14, None)
    confusion = np.array(found["confusion"])
    assert confusion.shape == (7, 7)
    assert confusion.sum(axis=1).tolist() == [2] * 7
    assert found["accuracy"] == pytest.approx(np.trace(confusion) / 14)
    assert found["per_class"].keys() == set(LABELS)
    assert 0 <= found["accuracy"] <= found["top2_accuracy"] <= 1


def test_a_split_takes_its_rows_alone(run: Run, faces: Path) -> None:
    assert document(run, "face", faces, "--split", "PublicTest")["n"] == 7
    code, _, err = run("face", faces, "--split", "Tomorrow")
    assert code == 1
    assert "no rows of split 'Tomorrow'; splits here: PublicTest, Training" in err


def test_speech_figures_count_calm_as_neutral_and_tell_what_was_skipped(run: Run, clips: Path) -> None:
    found = document(run, "speech", clips)
    assert found.keys() >= CLASSIFIER_KEYS
    assert (found["n"], found["skipped"]) == (3, {"boredom": 1})
    assert found["per_class"]["neutral"]["support"] == 1
    assert found["by_group"].keys() == {"speaker0", "speaker1"}


def test_fusion_fitted_on_other_scores_beats_each_sense(run: Run, tmp_path: Path) -> None:
    data, fit = pairs(tmp_path / "test.npz", 1, 700), pairs(tmp_path / "fit.npz", 2, 700)
    found = document(run, "fusion", data, "--fit", fit)
    assert (found["task"], found["n"], found["fit_n"]) == ("fusion", 700, 700)
    assert found["rules"].keys() == RULES
    alone = max(found["modalities"][sense]["accuracy"] for sense in ("face", "speech"))
    assert found["accuracy"] == found["rules"]["loglinear"]["accuracy"] > alone


def test_fusion_without_a_fit_uses_the_shipped_weights(run: Run, tmp_path: Path) -> None:
    found = document(run, "fusion", pairs(tmp_path / "test.npz", 1))
    assert found["fit_n"] == 0
    assert {"mean", "product", "fscore", "loglinear"} <= found["rules"].keys()


def test_text_is_for_people_and_the_plot_a_picture(run: Run, faces: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="needs matplotlib: pip install 'emotion-edge[plot]'")
    code, out, _ = run("face", faces, "--plot", tmp_path / "m.png")
    assert code == 0
    assert out.startswith("face: 14 items\n")
    assert all(label in out for label in LABELS)
    assert (tmp_path / "m.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("task", "file", "named"),
    [
        ("face", "gone.npz", "gone.npz"),
        ("face", "words.txt", "is not face data"),
        ("face", "broken.npz", "is not face data"),
        ("speech", "words.txt", "no speech data"),
        ("speech", "empty", "0 sound files"),
        ("fusion", "gone.npz", "no fusion data"),
        ("fusion", "broken.npz", "is not fusion data"),
    ],
)
def test_data_that_cannot_be_used_are_named_in_one_line(
    run: Run, tmp_path: Path, task: str, file: str, named: str
) -> None:
    (tmp_path / "words.txt").write_text("no data")
    (tmp_path / "broken.npz").write_bytes(b"PK\x03\x04 half")
    (tmp_path / "empty").mkdir()
    code, out, err = run(task, tmp_path / file)
    assert (code, out) == (1, "")
    assert named in err
    assert err.count("\n") == 1


def test_a_model_that_is_not_there_is_named(run: Run, faces: Path) -> None:
    code, _, err = run("face", faces, "--model", "nobody")
    assert code == 1
    assert "nobody" in err
