"""FP16 and INT8 variants of an ONNX model; strongly typed runtimes take the precision from the file.

Inputs and outputs stay as they are. Float32 stay softmax, the sums around it, statistics, which leave the
range of halves, and what prepares bytes for the first layer. INT8 leaves all of attention in float32.
Needs the package `onnx`.
"""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from edge.errors import EngineError, ModelError
from edge.inference.engine import Backend, Batch
from edge.inference.protobuf import read
from edge.inference.tensorrt.onnx_graph import PRODUCTS, attention, join_floats, keeps_float32
from edge.inference.tensorrt.recipe import Precision

if TYPE_CHECKING:
    import onnx

__all__ = ["BASE", "base_of", "beside", "mark", "precision_of", "to_fp16", "to_int8"]

BASE: Final = "emotion_edge.base_sha256"
"""Metadata of a variant: the sha256 of the float32 file it was made from."""

_METADATA: Final = 14
_FLOAT_OPERATORS = ["Softmax", "LogSoftmax", "Exp", "Log", "Pow", "Sqrt", "Erf", "ReduceMean", "ReduceSum"]
_FLOAT_OPERATORS += ["ReduceSumSquare", "ReduceL2", "LayerNormalization", "InstanceNormalization"]


def beside(model: Path, precision: str) -> Path:
    """The file beside `NAME.onnx` that plans of another precision are compiled from.

    Nothing runs it as it is and it has no card; `NAME-int8.onnx` is another thing, a model of its own for
    ONNX Runtime.
    """
    return model.with_name(f"{model.stem}.tensorrt-{precision}.onnx")


def to_fp16(model: Path, *, base_sha256: str) -> bytes:
    """The model with weights and most of the arithmetic in halves.

    Raises ModelError when nothing could be converted or a weight does not fit into a half.
    """
    import onnx

    source = _load(model)
    _check_range(source, model.name)
    from onnxruntime.transformers.float16 import DEFAULT_OP_BLOCK_LIST, convert_float_to_float16
    from onnxruntime.transformers.onnx_model import OnnxModel

    operators = [*DEFAULT_OP_BLOCK_LIST, *_FLOAT_OPERATORS]
    names = [node.name for node in keeps_float32(source)]
    converted = convert_float_to_float16(
        source, keep_io_types=True, op_block_list=operators, node_block_list=names
    )
    if precision_of(converted) != "fp16":
        raise ModelError(f"{model.name} has no float32 weight that could become fp16")
    join_floats(converted, lambda node: node.op_type in operators or node.name in names)
    OnnxModel(converted).topological_sort()
    mark(converted, base_sha256)
    onnx.checker.check_model(converted)
    return bytes(converted.SerializeToString())


def to_int8(
    model: Path,
    calibration: Iterable[Batch],
    *,
    base_sha256: str,
    keep: Sequence[str] = (),
    method: str = "MinMax",
    runtime: Backend = "tensorrt",
) -> bytes:
    """The model with INT8 quantisation, per channel for weights, as Q/DQ pairs.

    For TensorRT everything is symmetric and biases stay float32, the only form it takes; ONNX Runtime would
    compute in float32 between such pairs. For `runtime` onnx activations are unsigned and biases INT32,
    which it fuses into integer kernels. Weights use seven of the eight bits: processors without VNNI add
    products in 16 bits, which would overflow (ONNX Runtime, "Quantize ONNX models"). `calibration` yields
    batches shaped like the input; `keep` names nodes to leave in float32; `method` is MinMax or Percentile.
    Raises ModelError when nothing was quantised.
    """
    import onnx
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static

    source, gpu = _load(model), runtime == "tensorrt"
    with tempfile.TemporaryDirectory(prefix="emotion-edge-") as folder:
        target = Path(folder) / "int8.onnx"
        quantize_static(
            source,
            str(target),
            _Calibration(source.graph.input[0].name, calibration),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=PRODUCTS,
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QInt8 if gpu else QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=[*(node.name for node in attention(source)), *keep],
            calibrate_method=CalibrationMethod[method],
            extra_options={"ActivationSymmetric": gpu, "WeightSymmetric": True, "QuantizeBias": not gpu},
        )
        quantised = onnx.load(str(target))
    if precision_of(quantised) != "int8":
        raise ModelError(f"{model.name} has no Conv, Gemm or MatMul that could be quantised")
    mark(quantised, base_sha256)
    onnx.checker.check_model(quantised)
    return bytes(quantised.SerializeToString())


def precision_of(model: onnx.ModelProto) -> Precision:
    """int8 with a QuantizeLinear, fp16 with a half among the weights or constants, else fp32."""
    from onnx import TensorProto

    if any(node.op_type == "QuantizeLinear" for node in model.graph.node):
        return "int8"
    constants = [a.t for node in model.graph.node if node.op_type == "Constant" for a in node.attribute]
    halves = (t.data_type == TensorProto.FLOAT16 for t in (*model.graph.initializer, *constants))
    return "fp16" if any(halves) else "fp32"


def base_of(model: bytes) -> str | None:
    """The sha256 of the float32 file that a variant was made from; None when it does not say."""
    for number, _, entry in read(model):
        if number == _METADATA:
            fields = {field: payload.decode(errors="replace") for field, _, payload in read(entry)}
            if fields.get(1) == BASE:
                return fields.get(2)
    return None


def _load(model: Path) -> onnx.ModelProto:
    if importlib.util.find_spec("onnx") is None:
        raise EngineError("making FP16 or INT8 variants needs the package onnx: pip install onnx")
    import onnx

    try:
        return onnx.load(str(model))
    except Exception as error:
        raise ModelError(f"cannot read the model {model}: {error}") from error


def _check_range(model: onnx.ModelProto, name: str) -> None:
    import onnx

    limit = float(np.finfo(np.float16).max)
    for tensor in model.graph.initializer:
        if tensor.data_type != onnx.TensorProto.FLOAT:
            continue
        values = onnx.numpy_helper.to_array(tensor)
        if values.size and not float(np.abs(values).max()) <= limit:
            raise ModelError(f"{name}: the weight {tensor.name!r} does not fit into fp16; use fp32")


def mark(model: onnx.ModelProto, base_sha256: str) -> None:
    """Write into a variant which float32 file it was made from."""
    kept = [entry for entry in model.metadata_props if entry.key != BASE]
    del model.metadata_props[:]
    model.metadata_props.extend(kept)
    model.metadata_props.add(key=BASE, value=base_sha256)


class _Calibration:
    """Batches under the name of the input, once through."""

    def __init__(self, name: str, batches: Iterable[Batch]) -> None:
        self._name = name
        self._batches = iter(batches)

    def get_next(self) -> dict[str, Batch] | None:
        batch = next(self._batches, None)
        return None if batch is None else {self._name: batch}

    def __len__(self) -> int:
        return 0
