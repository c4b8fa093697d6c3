"""A tiny laboratory: made-up data, and rows that keep their names with networks that train in a second."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from training.synthetic import write_background, write_fer2013, write_ravdess

from edge.training.figures.judge import judge
from edge.training.models.face import FaceNet
from edge.training.models.speech import SpeechNet
from edge.training.recipes import rows
from edge.training.recipes.face_task import FaceRecipe
from edge.training.recipes.loop import Budget
from edge.training.recipes.row import NetworkRow
from edge.training.recipes.rows import find_face, find_network, find_speech
from edge.training.recipes.speech_task import SpeechRecipe
from edge.training.runs.lab import Lab
from edge.training.runs.networks import trained_network
from edge.training.runs.training import train


def load_json(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def tiny_face() -> FaceNet:
    return FaceNet(stem=8, widths=(8, 16, 16), inner=(8, 16, 16), depth=1)


def tiny_speech() -> SpeechNet:
    return SpeechNet(widths=(8, 16, 24), depths=(1, 1, 1), out=16)


@contextmanager
def tiny() -> Iterator[None]:
    original = dict(rows.ROWS)
    face, speech = find_face("face/ours"), find_speech("speech/ours")
    pictures = FaceRecipe(batch=16, sizes=(32, 44, 44), mix=0.0)
    rows.ROWS["face/ours"] = replace(face, build=tiny_face, decays=(0.8,), power=1.0, recipe=pictures)
    recipe = SpeechRecipe(batch=14, draws=84, mix=0.0, tilt=0.0, warp=0.0, restyle=0.0)
    rows.ROWS["speech/ours"] = replace(speech, build=tiny_speech, decays=(0.8,), recipe=recipe)
    try:
        yield
    finally:
        rows.ROWS.update(original)


@pytest.fixture(scope="module")
def tiny_rows() -> Iterator[None]:
    with tiny():
        yield


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    torch.set_num_threads(1)
    data = tmp_path_factory.mktemp("data")
    write_fer2013(data / "fer2013" / "fer2013.npz")
    write_ravdess(data / "speech" / "ravdess", takes=2)
    write_background(data)
    return Lab(data, tmp_path_factory.mktemp("cache") / "runs", variants=1)


@pytest.fixture(scope="session")
def trained(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """Both rows trained and judged; where several processes test, by the first that needs them, for all."""
    kept = tmp_path_factory.getbasetemp().parent / "trained"
    with tiny():
        runs = [(find_network(name), epochs) for name, epochs in (("face/ours", 12), ("speech/ours", 8))]
        if "PYTEST_XDIST_WORKER" not in os.environ:
            _train(lab, runs)
            return lab
        with locked(kept.with_suffix(".lock")):
            if not kept.is_dir():
                _train(lab, runs)
                for row, _ in runs:
                    shutil.copytree(lab.folder(row), kept / row.name)
        for row, _ in runs:
            shutil.copytree(kept / row.name, lab.folder(row), dirs_exist_ok=True)
    return lab


def _train(lab: Lab, runs: list[tuple[NetworkRow, int]]) -> None:
    for row, epochs in runs:
        train(lab, row, Budget(epochs=epochs), quiet=True)
        judge(lab, row, trained_network(lab, row)).save(lab.folder(row) / "readings.npz")


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """One process at a time; the lock of one that dies is free again."""
    with file.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
