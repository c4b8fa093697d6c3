"""Where the daemon keeps what changes: state and sockets; systemd's folders first, else those of XDG."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from edge.errors import EdgeError

__all__ = ["home_directory", "runtime_candidates", "runtime_directory", "state_directory"]


_NAME: Final = "emotion-edge"
_SERVICE_RUNTIME: Final = Path("/run") / _NAME


def home_directory(env: Mapping[str, str]) -> Path:
    """`$HOME`, else the user's. Raises EdgeError for a user without one, as in some containers."""
    given = env.get("HOME")
    if given:
        return Path(given)
    try:
        return Path.home()
    except RuntimeError:
        raise EdgeError(
            f"user {os.getuid()} has no home folder: set HOME, or STATE_DIRECTORY and CACHE_DIRECTORY"
        ) from None


def state_directory(env: Mapping[str, str]) -> Path:
    """Where switches are remembered: `$STATE_DIRECTORY`, else `$XDG_STATE_HOME`, else ~/.local/state."""
    given = _first(env.get("STATE_DIRECTORY"))
    if given is not None:
        return given
    home = env.get("XDG_STATE_HOME")
    return (Path(home) if home else home_directory(env) / ".local" / "state") / _NAME


def runtime_directory(env: Mapping[str, str]) -> Path:
    """Where the control socket lies: `$RUNTIME_DIRECTORY`, else `$XDG_RUNTIME_DIR`, else a private folder."""
    given = _first(env.get("RUNTIME_DIRECTORY"))
    if given is not None:
        return given
    home = env.get("XDG_RUNTIME_DIR")
    return Path(home) / _NAME if home else _private()


def runtime_candidates(env: Mapping[str, str]) -> list[Path]:
    """Where a running daemon's socket may be, most specific first."""
    places = [runtime_directory(env), _SERVICE_RUNTIME, _private()]
    return list(dict.fromkeys(places))


def _first(value: str | None) -> Path | None:
    """systemd separates several folders by colons."""
    return Path(value.split(":")[0]) if value else None


def _private() -> Path:
    return Path(tempfile.gettempdir()) / f"{_NAME}-{os.getuid()}"
