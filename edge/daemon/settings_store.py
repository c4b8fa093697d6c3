"""Remembers what people have set across restarts: one small file a device, there only if something is."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping

from edge.config.bounded_json import read_json
from edge.config.directories import state_directory
from edge.config.settings import Settings, parse
from edge.errors import EdgeError
from edge.privacy.durable import replace_file

__all__ = ["SettingsStore"]

_log = logging.getLogger(__name__)
_MOST_BYTES = 65_536


class SettingsStore:
    """The file of a device's settings in the state folder."""

    def __init__(self, env: Mapping[str, str], device: str) -> None:
        self.path = state_directory(env) / f"settings-{device}.json"

    def load(self) -> tuple[Settings, str | None]:
        """What was stored, and what is wrong with the file: then nothing is set."""
        try:
            stored = read_json(self.path, most_bytes=_MOST_BYTES)
            if not isinstance(stored, dict):
                raise TypeError("it holds no object")
            return parse(stored, "settings"), None
        except (FileNotFoundError, NotADirectoryError):
            return Settings(), None
        except (OSError, ValueError, TypeError, EdgeError) as error:
            problem = (
                f"{self.path} cannot be used ({str(error).splitlines()[0]}): the configuration file counts; "
                "set something anew, or: emotion-edge settings --reset"
            )
            _log.warning("%s", problem)
            return Settings(), problem

    def save(self, settings: Settings) -> None:
        """Replace the file, or remove it where nothing is set; EdgeError if that fails."""
        found = settings.model_dump(exclude_none=True, exclude_defaults=True)
        try:
            if not found:
                self.path.unlink(missing_ok=True)
                return
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            replace_file(self.path, json.dumps(found))
        except OSError as error:
            raise EdgeError(
                f"cannot store the settings in {self.path}: {error.strerror or error}; "
                "make room there, or make the folder writable for the daemon's user"
            ) from error
