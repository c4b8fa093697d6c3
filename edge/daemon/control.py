"""The control socket: one JSON object a line asks, one answers. For commands beside the daemon.

Request `{"command": "privacy", "arguments": {…}}`, answer `{"status": "ok", "data": {…}}` or
`{"status": "error", "error": "…"}`.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from edge.daemon.control_access import bind_private, peer, refuse_foreign
from edge.daemon.control_lines import answers, failure, lines, parse, send
from edge.errors import EdgeError
from edge.supervision import GuardedThread, explain, no_beat

__all__ = ["ControlServer", "Handler"]

_log = logging.getLogger(__name__)
Handler = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
"""Takes a command and its arguments, returns the data of the answer; raises EdgeError to refuse."""

_REQUEST_WITHIN: Final = 5.0
"""Seconds within which a whole request has to arrive, and an answer to be taken."""
_MOST_CLIENTS: Final = 16
_BEAT_EVERY: Final = 5.0
_GONE_WITHIN: Final = 1.0
"""Seconds in which a client that had to go leaves its place."""
_PAUSE: Final = 0.2
"""Seconds before the next attempt where a client could not be accepted."""


class ControlServer:
    """Thread `control`, and one for each client, so that nobody waits for another; `handler` runs on those.

    Where there are too many, the one that has been silent for longest has to go, so that a switch gets in.
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
        self._silent: dict[socket.socket, None] = {}
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
        if not self._room.acquire(blocking=False) and not self._make_room():
            with connection:
                connection.setblocking(False)
                with suppress(OSError):
                    send(connection, failure("too many clients at once; try again"))
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

    def _make_room(self) -> bool:
        """Let the client go that has asked nothing for longest; false where all are being answered."""
        for silent in list(self._silent)[:1]:
            with suppress(OSError):
                silent.shutdown(socket.SHUT_RDWR)
        return bool(self._silent) and self._room.acquire(timeout=_GONE_WITHIN)

    def _attend(self, connection: socket.socket) -> None:
        try:
            # A stranger's request is read before it is refused: closing on unread bytes loses the answer.
            welcome = self._welcome(connection)
            self._silent[connection] = None
            for line in lines(connection, self._patience):
                self._silent.pop(connection, None)
                send(connection, self._answer(line) if welcome else failure("not permitted for this user"))
                if not welcome:
                    return
                self._silent[connection] = None
        except (OSError, ValueError) as error:
            _log.debug("control: %s", error)
        finally:
            self._silent.pop(connection, None)
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
