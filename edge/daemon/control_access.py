"""Who may use the control socket: its place, its permissions, and who asks."""

from __future__ import annotations

import os
import socket
import stat
import struct
from pathlib import Path
from typing import Final

from edge.errors import EdgeError

__all__ = ["bind_private", "peer", "refuse_foreign"]

_PEER_GROUPS: Final = 59
"""SO_PEERGROUPS of Linux, which the socket module does not name."""


def refuse_foreign(folder: Path) -> None:
    """EdgeError for a folder that another user could replace the socket in."""
    found = folder.stat()
    if found.st_uid not in (0, os.getuid()) or found.st_mode & stat.S_IWOTH:
        raise EdgeError(
            f"{folder} belongs to another user or is open to all; remove it or set RUNTIME_DIRECTORY"
        )


def bind_private(listener: socket.socket, path: Path, mode: int) -> None:
    """Bind so that nobody can connect before the permissions are set."""
    before = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(before)
    path.chmod(mode)


def peer(connection: socket.socket) -> tuple[int, frozenset[int]]:
    """User and groups of the process at the other end."""
    _pid, uid, gid = struct.unpack(
        "3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    )
    try:
        packed = connection.getsockopt(socket.SOL_SOCKET, _PEER_GROUPS, 1024)
    except OSError:  # more than 256 groups, or a kernel before 4.13
        packed = b""
    return uid, frozenset({gid, *struct.unpack(f"{len(packed) // 4}i", packed)})
