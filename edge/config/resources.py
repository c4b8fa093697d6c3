"""Files that come with the package: the default configuration and the models."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

__all__ = ["resource"]


def resource(name: str) -> Path:
    """Where the packaged file or folder `name` (`config.yaml`, `engines`) lies.

    In a checkout `edge/_data` links to the files at the top level; a wheel carries copies.
    """
    return Path(str(resources.files("edge"))) / "_data" / name
