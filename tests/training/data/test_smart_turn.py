"""Weights of smart-turn's model."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
from training.synthetic import write_smart_turn

from edge.errors import DataError
from edge.training.data.smart_turn import smart_turn_weights

PLACE = "pipecat/audio/turn/smart_turn/data/smart-turn-v3.2-cpu.onnx"


def test_kernels_are_widened_and_named(tmp_path: Path) -> None:
    stored = write_smart_turn(tmp_path / "model.onnx", width=8)
    found = smart_turn_weights(tmp_path / "model.onnx")
    assert set(stored) <= set(found)
    for name, values in stored.items():
        assert found[name].shape == values.shape, name
        assert np.abs(found[name] - values).max() <= np.abs(values).max() / 200 + 1e-6, name


def test_the_wheel_is_read_as_it_is(tmp_path: Path) -> None:
    write_smart_turn(tmp_path / "model.onnx", width=8)
    with zipfile.ZipFile(tmp_path / "pipecat_ai-1.14.0-py3-none-any.whl", "w") as wheel:
        wheel.write(tmp_path / "model.onnx", PLACE)
    inside = smart_turn_weights(tmp_path / "pipecat_ai-1.14.0-py3-none-any.whl")
    beside = smart_turn_weights(tmp_path / "model.onnx")
    assert all(np.array_equal(inside[name], each) for name, each in beside.items())


def test_other_files_are_refused_with_where_to_get_the_right_one(tmp_path: Path) -> None:
    (tmp_path / "other.onnx").write_bytes(b"tea")
    with zipfile.ZipFile(tmp_path / "empty.whl", "w"):
        pass
    for name in ("none.onnx", "other.onnx", "empty.whl"):
        with pytest.raises(DataError, match=rf"{name} cannot .*pip download --no-deps pipecat-ai==1\.14\.0"):
            smart_turn_weights(tmp_path / name)
