"""YuNet's weights cannot be had from a package index, so a network with its inputs and outputs stands in."""

from itertools import product
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from edge.config.models import CameraConfig, DetectorConfig, EnginesConfig
from edge.errors import ModelError
from edge.perception.open import open_detector
from edge.perception.yunet import YuNet


def bright_square_finder(path: Path, size: tuple[int, int]) -> Path:
    """YuNet's layout for one size: a cell of 32 pixels is as sure of a face as it is bright."""
    constants: dict[str, np.ndarray] = {"mix": np.full((1, 3, 1, 1), 1 / 765, np.float32)}
    nodes = [helper.make_node("Conv", ["input", "mix"], ["grey"], kernel_shape=[1, 1])]
    outputs = []
    rows: dict[str, list[float]] = {"cls": [0], "obj": [0], "bbox": [0, 0, 1, 1], "kps": [0.5] * 10}
    for stride, (name, row) in product((8, 16, 32), rows.items()):
        output, width = f"{name}_{stride}", len(row)
        sure = float(stride == 32 and name in ("cls", "obj"))
        constants[f"w_{output}"] = np.full((width, 1, 1, 1), sure, np.float32)
        constants[f"b_{output}"] = np.array(row, np.float32)
        constants[f"shape_{output}"] = np.array([1, -1, width], np.int64)
        pool, conv, last = (f"{step}_{output}" for step in ("pool", "conv", "last"))
        nodes += [
            helper.make_node(
                "AveragePool", ["grey"], [pool], kernel_shape=[stride] * 2, strides=[stride] * 2
            ),
            helper.make_node("Conv", [pool, f"w_{output}", f"b_{output}"], [conv], kernel_shape=[1, 1]),
            helper.make_node("Transpose", [conv], [last], perm=[0, 2, 3, 1]),
            helper.make_node("Reshape", [last, f"shape_{output}"], [output]),
        ]
        cells = size[0] // stride * (size[1] // stride)
        outputs.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, [1, cells, width]))
    image = helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, size[1], size[0]])
    weights = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "g", [image], outputs, weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 12)], ir_version=8), path)
    return path


def test_boxes_and_points_come_back_in_the_pictures_pixels(tmp_path: Path) -> None:
    path = bright_square_finder(tmp_path / "yunet.onnx", (320, 256))
    camera = CameraConfig(detector=DetectorConfig(model=str(path), longer_side=320))
    detector = open_detector(camera, engines=EnginesConfig())
    assert isinstance(detector, YuNet)
    image = np.zeros((512, 640, 3), np.uint8)
    image[128:192, 256:320] = 255
    (face,) = detector.detect(image)
    assert face.score == pytest.approx(1.0)
    assert face.w == face.h == pytest.approx(np.e * 32 * 2)
    assert (face.x + face.w / 2, face.y + face.h / 2) == pytest.approx((256, 128))
    assert face.points is not None
    np.testing.assert_allclose(face.points, np.tile([256 + 32, 128 + 32], (5, 1)))


def test_a_dark_picture_holds_no_face(tmp_path: Path) -> None:
    path = bright_square_finder(tmp_path / "yunet.onnx", (320, 256))
    detector = YuNet(path, longer_side=320, threshold=0.1)
    assert detector.detect(np.full((256, 320, 3), 150, np.uint8)) == []


def test_another_network_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.onnx").write_bytes(b"nothing")
    with pytest.raises(ModelError, match=r"OpenCV cannot load the face detector .*x\.onnx"):
        YuNet(tmp_path / "x.onnx", longer_side=320, threshold=0.7)
