"""Asking the running daemon over its control socket, from a command beside it."""

from __future__ import annotations

import socket
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from edge.config.bounded_json import parse_json
from edge.daemon.control_lines import answers, lines, send
from edge.errors import EdgeError

__all__ = ["ask", "find_socket"]


def ask(path: Path, command: str, arguments: Mapping[str, Any], timeout: float = 15.0) -> dict[str, Any]:
    """Ask the daemon that listens at `path`; its data. EdgeError if it refuses or is not there."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout)
        try:
            connection.connect(str(path))
            if path.parent.exists() and path.parent.stat().st_mode & stat.S_IWOTH:
                raise EdgeError(f"{path.parent} is open to all users; the daemon there is not to be trusted")
            # A full daemon refuses and closes before it has read anything; its answer waits all the same.
            with suppress(BrokenPipeError):
                send(connection, {"command": command, "arguments": dict(arguments)})
            line = next(iter(lines(connection, timeout)), b"")
        except TimeoutError as error:
            raise EdgeError(f"the daemon at {path} did not answer within {timeout:g} s") from error
        except OSError as error:
            raise EdgeError(f"no daemon answers at {path}: {error.strerror}; is it running?") from error
    return _data(line, path)


def find_socket(candidates: Iterable[Path], device: str, *, exact: bool = False) -> Path:
    """The socket of a device among folders; the only one there if it has none, unless it has to be `exact`.

    EdgeError without any.
    """
    folders = list(candidates)
    for folder in folders:
        path = folder / f"{device}.sock"
        if _is_socket(path):
            return path
    others = () if exact else folders
    found = [path for folder in others for path in _sockets(folder) if answers(path)]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(path.stem for path in found)
        raise EdgeError(
            f"no daemon for device {device!r}, but for {names}; name one with --config or --socket"
        )
    places = ", ".join(map(str, folders))
    raise EdgeError(f"no daemon is running for device {device!r} (looked in {places}); start it first")


def _sockets(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.glob("*.sock") if _is_socket(path))
    except OSError:
        return []


def _is_socket(path: Path) -> bool:
    try:
        return stat.S_ISSOCK(path.stat().st_mode)
    except OSError:
        return False


def _data(line: bytes, path: Path) -> dict[str, Any]:
    try:
        answer = parse_json(line)
        status, data = answer["status"], answer.get("data", {})
    except (ValueError, TypeError, KeyError) as error:
        raise EdgeError(f"the daemon at {path} gave no answer") from error
    if status != "ok" or not isinstance(data, dict):
        raise EdgeError(str(answer.get("error", "refused")))
    return data
