"""What every worker of a cluster does before its first recording, also one that joins later."""

from __future__ import annotations

from typing import Any

from distributed import WorkerPlugin

from edge.analysis.batch.bundle import Bundle, unpacked
from edge.config.models import EnginesConfig
from edge.inference.directories import cache_directory

__all__ = ["Models"]


class Models(WorkerPlugin):  # type: ignore[misc]
    """Carries the models to the workers."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    def setup(self, worker: Any) -> None:  # noqa: ARG002, Dask passes it by name
        """Called by each worker."""
        unpacked(self._bundle, cache_directory(EnginesConfig()))
