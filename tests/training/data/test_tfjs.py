"""Weights of TensorFlow.js."""

import json
from pathlib import Path

import numpy as np
import pytest

from edge.errors import DataError
from edge.training.data.tfjs import tfjs_weights

HALF = np.arange(6, dtype=np.float16).reshape(2, 3)
WHOLE = np.array(0.25, dtype=np.float32)


def write_model(folder: Path, content: bytes, kind: str = "float16") -> Path:
    weights = [
        {
            "name": "a/kernel",
            "shape": [2, 3],
            "dtype": "float32",
            "quantization": {"dtype": kind, "original_dtype": "float32"},
        },
        {"name": "b", "shape": [], "dtype": "float32"},
    ]
    document = {"weightsManifest": [{"paths": ["x.bin"], "weights": weights}]}
    (folder / "x.json").write_text(json.dumps(document))
    (folder / "x.bin").write_bytes(content)
    return folder / "x.json"


def test_half_and_whole_precision_are_read_by_name(tmp_path: Path) -> None:
    found = tfjs_weights(write_model(tmp_path, HALF.tobytes() + WHOLE.tobytes()))
    assert all(each.dtype == np.float32 for each in found.values())
    assert {name: each.tolist() for name, each in found.items()} == {
        "a/kernel": [[0, 1, 2], [3, 4, 5]],
        "b": 0.25,
    }


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"", "float16"), (HALF.tobytes() + WHOLE.tobytes() + b"more", "float16"), (b"\0" * 10, "uint8")],
)
def test_other_bytes_than_the_manifest_says_are_refused(tmp_path: Path, content: bytes, kind: str) -> None:
    with pytest.raises(DataError, match=r"x\.json cannot be read as a model of TensorFlow\.js"):
        tfjs_weights(write_model(tmp_path, content, kind))


def test_a_missing_or_other_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("[]")
    for name in ("none.json", "other.json"):
        with pytest.raises(DataError, match="cannot be read"):
            tfjs_weights(tmp_path / name)
