"""emotion-edge: an embedded daemon that senses the mood of a room."""

import os
from importlib.metadata import PackageNotFoundError, version

# ONNX Runtime reports to its maker unless this is set before it is loaded; nothing here leaves the device.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
# No package that happens to be installed beside this one sees or slows down what is validated here.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

try:
    __version__ = version("emotion-edge")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0.0.0"
