"""The face detector in whole numbers: calibrated on films, shipped without the weights that are not ours."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from edge.capture.files.media_file import MediaFile
from edge.errors import DataError
from edge.inference.hollow import emptied

__all__ = ["quantise_detector"]

_OPSET: Final = 17
_EVERY: Final = 25
_SIDES: Final = (160, 224, 320)
_GRID: Final = 32
_HEAT, _SIZE = "537", "538"
_FACE: Final = 0.5

Floats = NDArray[np.float32]


def quantise_detector(model: Path, films: Sequence[Path], target: Path) -> str:
    """Write what `hollow.filled` makes the INT8 form of; returns the SHA-256 of that form.

    Everything between two convolutions is in whole numbers as well, which halves the time that convolutions
    alone would save. Raises DataError when there is no film.
    """
    pictures = [picture for film in films for picture in _pictures(film)]
    if not pictures:
        raise DataError("no film to set the detector's ranges with")
    with tempfile.TemporaryDirectory(prefix="emotion-edge-") as folder:
        typed, made = Path(folder, "typed.onnx"), Path(folder, "int8.onnx")
        network = onnx.version_converter.convert_version(onnx.load(str(model)), _OPSET)
        last = _named_last(network)
        onnx.save(network, str(typed))
        quantize_static(
            str(typed),
            str(made),
            _Calibration(pictures),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            nodes_to_exclude=last,
        )
        content = _with_true_sizes(onnx.load(str(made)), typed.read_bytes(), pictures)
    target.write_bytes(emptied(content, model.read_bytes()))
    return hashlib.sha256(content).hexdigest()


def _with_true_sizes(whole: onnx.ModelProto, typed: bytes, pictures: Sequence[Floats]) -> bytes:
    """The INT8 model with boxes as large as the float32 one's in the mean: rounding had moved them all."""
    kind = ["CPUExecutionProvider"]
    runs = [ort.InferenceSession(one, providers=kind) for one in (typed, whole.SerializeToString())]
    differences: list[Floats] = []
    for picture in pictures:
        (heat, size), (_, other) = (run.run([_HEAT, _SIZE], {"input.1": picture}) for run in runs)
        differences.append((other - size)[0][:, heat[0, 0] > _FACE])
    moved = np.concatenate(differences, axis=1).mean(axis=1)
    name = next(node.input[2] for node in whole.graph.node if _SIZE in node.output)
    bias = next(one for one in whole.graph.initializer if one.name == name)
    bias.CopyFrom(numpy_helper.from_array(np.float32(numpy_helper.to_array(bias) - moved), name))
    return bytes(whole.SerializeToString())


def _named_last(network: onnx.ModelProto) -> list[str]:
    """Names, given here to all nodes, of the layers that tell places and sizes: 8 bits blur the boxes."""
    last: list[str] = []
    ends = {output.name for output in network.graph.output}
    for number, node in reversed(list(enumerate(network.graph.node))):
        node.name = f"{node.op_type}-{number}"
        if ends & set(node.output):
            last.append(node.name)
            ends |= set(node.input) if node.op_type == "Sigmoid" else set()
    return last


def _pictures(film: Path) -> Iterator[Floats]:
    """Pictures at the sizes that are searched, lighter and darker, with and without noise."""
    random = np.random.default_rng(len(film.name))
    for number, frame in enumerate(MediaFile(film, sound=False).frames()):
        if number % _EVERY:
            continue
        height, width = frame.image.shape[:2]
        scale = float(random.choice(_SIDES)) / max(height, width) * random.uniform(0.6, 1.0)
        small = cv2.resize(frame.image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        noise = random.normal(0, random.uniform(0, 8), small.shape)
        varied = np.clip(small * random.uniform(0.5, 1.3) + noise, 0, 255)
        canvas = np.zeros((*(-(-side // _GRID) * _GRID for side in small.shape[:2]), 3), np.float32)
        canvas[: small.shape[0], : small.shape[1]] = varied[:, :, ::-1]
        yield np.ascontiguousarray(canvas.transpose(2, 0, 1)[None])


class _Calibration(CalibrationDataReader):  # type: ignore[misc]
    """Pictures one by one, for the network's one input."""

    def __init__(self, pictures: Sequence[Floats]) -> None:
        self._pictures = iter(pictures)

    def get_next(self) -> dict[str, Floats] | None:
        picture = next(self._pictures, None)
        return None if picture is None else {"input.1": picture}
