import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from training.synthetic import faces

from edge.errors import DataError
from edge.perception.face_input import face_input
from edge.perception.inputs import SPEECH_ITEM
from edge.training.data.fronts import OURS
from edge.training.engines.onnx_file import to_onnx
from edge.training.models.exported import onnx_runner
from edge.training.models.face import FaceClassifier, FaceNet
from edge.training.models.speech import SpeechNet
from edge.training.recipes.engine_teachers import EngineTeacher, EngineTeachers
from edge.vocabulary import softmax

TEMPERATURE = 1.7


def write_engine(folder: Path, kind: str, content: bytes) -> Path:
    path = folder / f"{kind}.onnx"
    path.write_bytes(content)
    path.with_suffix(".json").write_text(json.dumps({"temperature": TEMPERATURE}))
    return path


def test_a_teacher_answers_with_its_calibrated_probabilities_and_remembers_them(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = FaceNet(stem=8, widths=(8, 16, 16), inner=(8, 16, 16), depth=1).eval()
    content = to_onnx(FaceClassifier(network), torch.zeros(2, 1, 48, 48), "face")
    path = write_engine(tmp_path, "face", content)
    images, _ = faces(70, seed=1)
    answers = EngineTeacher.open(path, tmp_path / "cache").faces(images)
    expected = softmax(onnx_runner(content)(face_input(images)).astype(np.float64) / TEMPERATURE)
    np.testing.assert_allclose(answers, expected, atol=1e-5)
    kept = list((tmp_path / "cache").iterdir())
    assert len(kept) == 1
    EngineTeacher.open(path, tmp_path / "cache").faces(images[:50])
    assert len(list((tmp_path / "cache").iterdir())) == 2
    np.save(kept[0], np.zeros((70, 7), np.float32))
    np.testing.assert_allclose(EngineTeacher.open(path, tmp_path / "cache").faces(images), 1 / 7)


def test_a_clip_gets_the_mean_over_its_windows(tmp_path: Path) -> None:
    torch.manual_seed(0)
    content = to_onnx(
        SpeechNet(widths=(8, 16, 24), depths=(1, 1, 1), out=16), torch.zeros(2, *SPEECH_ITEM), "speech"
    )
    clips = [np.random.default_rng(0).normal(size=(n, 64)).astype(np.float16) for n in (90, 400)]
    answers = EngineTeacher.open(write_engine(tmp_path, "speech", content), tmp_path).speech(OURS, clips)
    logits = [onnx_runner(content)(OURS.windows(clip)).mean(axis=0) for clip in clips]
    assert len(OURS.windows(clips[1])) > 1
    np.testing.assert_allclose(answers, softmax(np.stack(logits) / TEMPERATURE), atol=1e-5)


def test_a_teacher_without_a_card_is_named(tmp_path: Path) -> None:
    path = tmp_path / "face.onnx"
    path.write_bytes(b"")
    with pytest.raises(DataError, match=r"face\.onnx"):
        EngineTeacher.open(path, tmp_path)


def test_a_teacher_of_another_kind_is_refused(tmp_path: Path) -> None:
    network = FaceNet(stem=8, widths=(8, 16, 16), inner=(8, 16, 16), depth=1).eval()
    content = to_onnx(FaceClassifier(network), torch.zeros(2, 1, 48, 48), "face")
    teacher = EngineTeacher.open(write_engine(tmp_path, "face", content), tmp_path / "cache")
    clip = np.zeros((90, 64), np.float16)
    with pytest.raises(DataError, match="is it of this kind"):
        teacher.speech(OURS, [clip])
    with pytest.raises(DataError, match="is it of this kind"):
        replace(teacher, content=b"no model").speech(OURS, [clip])
    assert not (tmp_path / "cache").exists()


def test_several_teachers_answer_with_their_mean(tmp_path: Path) -> None:
    paths = []
    for seed in (0, 1):
        torch.manual_seed(seed)
        network = FaceNet(stem=8, widths=(8, 16, 16), inner=(8, 16, 16), depth=1).eval()
        (tmp_path / str(seed)).mkdir()
        content = to_onnx(FaceClassifier(network), torch.zeros(2, 1, 48, 48), "face")
        paths.append(write_engine(tmp_path / str(seed), "face", content))
    images, _ = faces(30, seed=1)
    alone = [EngineTeacher.open(path, tmp_path / "cache").faces(images) for path in paths]
    assert np.abs(alone[0] - alone[1]).max() > 1e-3
    together = EngineTeachers.open(paths, tmp_path / "cache").faces(images)
    np.testing.assert_allclose(together, (alone[0] + alone[1]) / 2, atol=1e-6)
    assert together.dtype == np.float32
