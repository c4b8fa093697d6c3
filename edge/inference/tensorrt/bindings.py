"""The TensorRT that this process compiles with: the machine's own, or TensorRT-RTX ahead of time.

`EMOTION_EDGE_TENSORRT=rtx`, set before the first import, chooses the latter.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

VARIABLE: Final = "EMOTION_EDGE_TENSORRT"

if TYPE_CHECKING or os.environ.get(VARIABLE) != "rtx":
    import tensorrt as trt
else:
    import tensorrt_rtx as trt

__all__ = ["IS_RTX", "VERSION", "trt"]

IS_RTX: bool = trt.__name__ == "tensorrt_rtx"
VERSION: str = f"{trt.__name__} {trt.__version__}"
