"""emotion-edge: an embedded daemon that senses the mood of a room."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("emotion-edge")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0.0.0"
