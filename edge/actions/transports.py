"""How an action is carried out: a message, a program. Each raises ActionError when it fails."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
from typing import Final, Protocol

from edge.actions.plan import CommandRequest, MqttRequest, UdpRequest
from edge.errors import EdgeError

__all__ = [
    "ActionError",
    "CommandTransport",
    "MqttTransport",
    "Publish",
    "send_datagram",
]


class Publish(Protocol):
    """Hands a message to the MQTT client, never retained."""

    def __call__(self, topic: str, payload: bytes, *, qos: int) -> bool:
        """At once; False says that it was not taken, because there is no connection."""


_ENVIRONMENT: Final = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}


class ActionError(EdgeError):
    """An action failed; `permanent` if trying again cannot help."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class MqttTransport:
    """Publishes through the daemon's own connection."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish

    def send(self, request: MqttRequest) -> None:
        """Publish once."""
        try:
            taken = self._publish(request.topic, request.payload, qos=request.qos)
        except (OSError, ValueError, RuntimeError, EdgeError) as error:
            raise ActionError(str(error)) from error
        if not taken:
            raise ActionError("no connection to the broker")


def send_datagram(request: UdpRequest) -> None:
    """Send once; all that can fail is the own network."""
    family = socket.AF_INET6 if ":" in request.address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            sender.sendto(request.payload, (request.address, request.port))
    except OSError as error:
        raise ActionError((error.strerror or str(error)).lower()) from error


class CommandTransport:
    """Runs programs: no shell, a bare environment, a process group that is ended as a whole.

    What a program prints as an error goes to the daemon's own log.
    """

    def __init__(self, *, allowed: bool) -> None:
        self._allowed = allowed
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopped = False
        self._lock = threading.Lock()

    def send(self, request: CommandRequest) -> None:
        """Run once and wait; a program that fails or takes too long is a failure."""
        if not self._allowed:
            raise ActionError("commands are switched off; set actions.allow_commands", permanent=True)
        process = self._start(request)
        try:
            status = process.wait(request.timeout)
        except subprocess.TimeoutExpired as error:
            _end_group(process)
            raise ActionError(f"ended after {request.timeout:g} s", permanent=True) from error
        finally:
            with self._lock:
                self._running.discard(process)
        if status != 0:
            raise ActionError(f"exit status {status}")

    def stop(self) -> None:
        """End what still runs, and what is being started at this moment."""
        with self._lock:
            self._stopped = True
            running = list(self._running)
        for process in running:
            _end_group(process)

    def _start(self, request: CommandRequest) -> subprocess.Popen[bytes]:
        try:
            process = subprocess.Popen(
                request.argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=_ENVIRONMENT,
                cwd="/",
                start_new_session=True,
            )
        except OSError as error:
            raise ActionError(error.strerror or str(error), permanent=True) from error
        with self._lock:
            self._running.add(process)
            stopped = self._stopped
        if stopped:  # it came to life while `stop` was looking
            _end_group(process)
        return process


def _end_group(process: subprocess.Popen[bytes], grace: float = 1.0) -> None:
    """End a process and its children: ask, wait, force."""
    _signal_group(process, signal.SIGTERM)
    try:
        process.wait(grace)
    except subprocess.TimeoutExpired:
        _signal_group(process, signal.SIGKILL)
        process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return
    except PermissionError:
        return
