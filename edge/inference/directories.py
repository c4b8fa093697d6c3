"""Where models lie: with the package, in a folder of the user's, or fetched into the cache."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from edge.config.directories import home_directory
from edge.config.models import EnginesConfig
from edge.config.resources import resource

__all__ = ["cache_directory", "model_directory"]


def model_directory(config: EnginesConfig) -> Path:
    """`engines.directory`, else the models that come with the package."""
    return config.directory.expanduser() if config.directory else resource("engines")


def cache_directory(config: EnginesConfig, env: Mapping[str, str] = os.environ) -> Path:
    """`engines.cache`, else systemd's `$CACHE_DIRECTORY`, else the XDG cache of the user."""
    if config.cache:
        return config.cache.expanduser()
    if env.get("CACHE_DIRECTORY"):
        return Path(env["CACHE_DIRECTORY"].split(":")[0])
    if env.get("XDG_CACHE_HOME"):
        return Path(env["XDG_CACHE_HOME"]) / "emotion-edge"
    return home_directory(env) / ".cache" / "emotion-edge"
