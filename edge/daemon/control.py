"""The control socket: one JSON object a line asks, one answers. For commands beside the daemon.

Request `{"command": "privacy", "arguments": {…}}`, answer `{"status": "ok", "data": {…}}` or
`{"status": "error", "error": "…"}`.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import stat
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from edge.config.bounded_json import parse_json
from edge.errors import EdgeError
from edge.supervision import GuardedThread, explain, no_beat

_log = logging.getLogger(__name__)
Handler = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
"""Takes a command and its arguments, returns the data of the answer; raises EdgeError to refuse."""

MAX_LINE: Final = 65_536
_PEER_GROUPS: Final = 59
"""SO_PEERGROUPS of Linux, which the socket module does not name."""
_REQUEST_WITHIN: Final = 5.0
"""Seconds within which a whole request has to arrive, and an answer to be taken."""
_MOST_CLIENTS: Final = 16
_BEAT_EVERY: Final = 5.0
_PAUSE: Final = 0.2
"""Seconds before the next attempt where a client could not be accepted."""


class ControlServer:
    """Thread `control`, and one for each client, so that nobody waits for another; `handler` runs on those.

    With `group` the members of the daemon's group may ask too, else only its user and root. A client has
    `patience` seconds for each whole request.
    """

    def __init__(
        self,
        path: Path,
        handler: Handler,
        *,
        group: bool = False,
        patience: float = _REQUEST_WITHIN,
        beat: Callable[[], None] = no_beat,
    ) -> None:
        self.path = path
        self._handler = handler
        self._group = group
        self._patience = patience
        self._room = threading.Semaphore(_MOST_CLIENTS)
        self._listener: socket.socket | None = None
        self._beat = beat
        self._thread = GuardedThread("control", self._serve, beat=beat)
        self._stopping = threading.Event()
        self._shortage: str | None = None

    @property
    def problem(self) -> str | None:
        """Why clients are not served now."""
        return self._shortage or self._thread.problem

    def start(self) -> None:
        """Listen; EdgeError if another daemon does so already, or the place cannot be used."""
        try:
            self._listener = self._listen()
        except OSError as error:
            raise EdgeError(f"cannot listen on {self.path}: {error.strerror or error}") from error
        self._stopping.clear()
        self._thread.start()

    def revive(self) -> None:
        """Start the thread again if it is gone; to be called every second or so."""
        self._thread.revive()

    def stop(self) -> None:
        """Stop listening and remove the socket."""
        self._stopping.set()
        if self._listener is not None:
            # Closing alone does not wake a thread inside accept().
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self.path.unlink(missing_ok=True)
        self._thread.stop(_REQUEST_WITHIN)
        self._listener = None

    def _listen(self) -> socket.socket:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o750 if self._group else 0o700)
        refuse_foreign(self.path.parent)
        self._remove_leftover()
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            bind_private(listener, self.path, 0o660 if self._group else 0o600)
            listener.listen(2 * _MOST_CLIENTS)
            listener.settimeout(_BEAT_EVERY)
        except BaseException:
            listener.close()
            raise
        return listener

    def _remove_leftover(self) -> None:
        if not self.path.is_socket():
            return
        if answers(self.path):
            raise EdgeError(f"another daemon listens on {self.path}; give each its own device.id")
        self.path.unlink()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            self._beat()
            try:
                assert self._listener is not None
                connection, _ = self._listener.accept()
            except TimeoutError:
                self._shortage = None
            except OSError as error:
                if self._stopping.wait(_PAUSE):
                    return
                self._lacks(error)
            else:
                self._admit(connection)

    def _lacks(self, error: Exception) -> None:
        reason = f"clients are not served: {explain(error)}"
        if self._shortage != reason:
            _log.warning("control: %s", reason)
        self._shortage = reason

    def _admit(self, connection: socket.socket) -> None:
        if not self._room.acquire(blocking=False):
            with connection:
                connection.setblocking(False)
                with suppress(OSError):
                    _send(connection, failure("too many clients at once; try again"))
            return
        try:
            threading.Thread(
                target=self._attend, args=(connection,), name="control-client", daemon=True
            ).start()
        except (RuntimeError, MemoryError) as error:
            self._room.release()
            connection.close()
            self._lacks(error)
        else:
            self._shortage = None

    def _attend(self, connection: socket.socket) -> None:
        try:
            # A stranger's request is read before it is refused: closing on unread bytes loses the answer.
            welcome = self._welcome(connection)
            for line in lines(connection, self._patience):
                _send(connection, self._answer(line) if welcome else failure("not permitted for this user"))
                if not welcome:
                    return
        except (OSError, ValueError) as error:
            _log.debug("control: %s", error)
        finally:
            connection.close()
            self._room.release()

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            command, arguments = parse(line)
            return {"status": "ok", "data": dict(self._handler(command, arguments))}
        except EdgeError as error:
            return failure(str(error))
        except Exception:
            _log.exception("control: a request failed")
            return failure("internal error, see the log")

    def _welcome(self, connection: socket.socket) -> bool:
        uid, groups = peer(connection)
        return uid in (0, os.getuid()) or (self._group and os.getgid() in groups)


def ask(path: Path, command: str, arguments: Mapping[str, Any], timeout: float = 15.0) -> dict[str, Any]:
    """Ask the daemon that listens at `path`; its data. EdgeError if it refuses or is not there."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout)
        try:
            connection.connect(str(path))
            if path.parent.exists() and path.parent.stat().st_mode & stat.S_IWOTH:
                raise EdgeError(f"{path.parent} is open to all users; the daemon there is not to be trusted")
            _send(connection, {"command": command, "arguments": dict(arguments)})
            line = next(iter(lines(connection, timeout)), b"")
        except TimeoutError as error:
            raise EdgeError(f"the daemon at {path} did not answer within {timeout:g} s") from error
        except OSError as error:
            raise EdgeError(f"no daemon answers at {path}: {error.strerror}; is it running?") from error
    return _data(line, path)


def parse(line: bytes) -> tuple[str, Mapping[str, Any]]:
    """Command and arguments of a request; EdgeError if it is none."""
    try:
        request = parse_json(line, most_bytes=MAX_LINE)
        command, arguments = request["command"], request.get("arguments", {})
    except (ValueError, TypeError, KeyError) as error:
        raise EdgeError('a request is one line such as {"command": "status"}') from error
    if not isinstance(command, str) or not isinstance(arguments, dict):
        raise EdgeError("command has to be text, arguments an object")
    return command, arguments


def failure(text: str) -> dict[str, Any]:
    """The answer that says no."""
    return {"status": "error", "error": text}


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


def answers(path: Path) -> bool:
    """Does somebody listen there?"""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True


def find_socket(candidates: Iterable[Path], device: str) -> Path:
    """The socket of a device among folders; the only one there if it has none. EdgeError without any."""
    folders = list(candidates)
    for folder in folders:
        path = folder / f"{device}.sock"
        if _is_socket(path):
            return path
    found = [path for folder in folders for path in _sockets(folder) if answers(path)]
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


def _send(connection: socket.socket, document: Mapping[str, Any]) -> None:
    connection.sendall(json.dumps(document, ensure_ascii=False).encode() + b"\n")


def lines(
    connection: socket.socket, patience: float, clock: Callable[[], float] = time.monotonic
) -> Iterator[bytes]:
    """Whole lines as they come. Raises TimeoutError when one takes longer than `patience` seconds."""
    begun, until = b"", clock() + patience
    while True:
        connection.settimeout(max(until - clock(), 0.001))
        received = connection.recv(MAX_LINE)
        if not received:
            return
        *whole, begun = (begun + received).split(b"\n")
        if len(begun) > MAX_LINE:
            raise ValueError("a request is too long")
        if clock() > until:
            raise TimeoutError("a request did not arrive in time")
        for line in whole:
            connection.settimeout(patience)
            yield line
        if whole:
            until = clock() + patience
