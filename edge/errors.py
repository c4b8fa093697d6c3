"""Errors that are a user's to solve: one message naming the thing, the place and the remedy."""

__all__ = ["CaptureError", "ConfigError", "DataError", "EdgeError", "EngineError", "ModelError"]


class EdgeError(Exception):
    """Base of all expected errors; the command line prints its message without a traceback."""


class ConfigError(EdgeError):
    """The configuration is wrong; the daemon exits with 78 (EX_CONFIG)."""


class CaptureError(EdgeError):
    """A camera, microphone or file cannot be opened or read."""


class ModelError(EdgeError):
    """A model or its card is missing, damaged, or not what it says."""


class EngineError(EdgeError):
    """An inference backend is unusable or failed while running."""


class DataError(EdgeError):
    """A data set is missing, incomplete or not in a known layout."""
