"""What is wrong with a request to analyze, told before any work begins (exit code 2)."""

from __future__ import annotations

from edge.errors import EdgeError

__all__ = ["RequestError"]


class RequestError(EdgeError):
    """What was asked for cannot be done as it was asked."""
