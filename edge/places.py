"""Where the daemon keeps what changes: state and sockets; systemd's folders first, else those of XDG."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

NAME = "emotion-edge"
SERVICE_RUNTIME = Path("/run") / NAME


def state_directory(env: Mapping[str, str]) -> Path:
    """Where switches are remembered: `$STATE_DIRECTORY`, else `$XDG_STATE_HOME`, else ~/.local/state."""
    given = _first(env.get("STATE_DIRECTORY"))
    if given is not None:
        return given
    home = env.get("XDG_STATE_HOME")
    return (Path(home) if home else Path.home() / ".local" / "state") / NAME


def runtime_directory(env: Mapping[str, str]) -> Path:
    """Where the control socket lies: `$RUNTIME_DIRECTORY`, else `$XDG_RUNTIME_DIR`, else a private folder."""
    given = _first(env.get("RUNTIME_DIRECTORY"))
    if given is not None:
        return given
    home = env.get("XDG_RUNTIME_DIR")
    return Path(home) / NAME if home else _private()


def runtime_candidates(env: Mapping[str, str]) -> list[Path]:
    """Where a running daemon's socket may be, most specific first."""
    places = [runtime_directory(env), SERVICE_RUNTIME, _private()]
    return list(dict.fromkeys(places))


def _first(value: str | None) -> Path | None:
    """systemd separates several folders by colons."""
    return Path(value.split(":")[0]) if value else None


def _private() -> Path:
    return Path(tempfile.gettempdir()) / f"{NAME}-{os.getuid()}"
