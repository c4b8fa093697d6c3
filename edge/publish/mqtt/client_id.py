"""Client ids that no two machines share."""

from __future__ import annotations

import hashlib
import socket
from pathlib import Path
from typing import Final

__all__ = ["client_id", "machine_digest"]

_MACHINE_ID: Final = Path("/etc/machine-id")


def client_id(device: str, machine: str) -> str:
    """`emotion-edge-<device>-<machine>`: two hubs never throw each other out."""
    return f"emotion-edge-{device}-{machine}"


def machine_digest(path: Path = _MACHINE_ID) -> str:
    """Eight hex digits that tell machines apart; the machine id itself is confidential and stays here."""
    try:
        identity = path.read_text(encoding="ascii").strip()
    except OSError:
        identity = ""
    return hashlib.sha256(f"emotion-edge {identity or socket.gethostname()}".encode()).hexdigest()[:8]
