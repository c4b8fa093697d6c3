"""How an action is carried out: a message, a call, a program. Each raises ActionError when it fails."""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import threading
import urllib.error
import urllib.request
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Final, Protocol, cast

from edge.actions.plan import CommandRequest, HttpRequest, MqttRequest
from edge.errors import EdgeError

__all__ = [
    "ActionError",
    "CommandTransport",
    "HttpTransport",
    "MqttTransport",
    "Publish",
    "end_group",
    "read_secret",
]


class Publish(Protocol):
    """Hands a message to the MQTT client, never retained."""

    def __call__(self, topic: str, payload: bytes, *, qos: int) -> bool:
        """At once; False says that it was not taken, because there is no connection."""


_ENVIRONMENT: Final = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
_TRANSIENT: Final = frozenset({408, 425, 429})
_MOST_READ: Final = 65_536


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


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: object, **_named: object) -> None:
        """A redirected POST would lose its body, and its token would go to a stranger."""


class HttpTransport:
    """Calls with the standard library; certificates are verified, redirects are not followed."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        https = urllib.request.HTTPSHandler(context=context or ssl.create_default_context())
        self._opener = urllib.request.build_opener(https, _NoRedirect())

    def send(self, request: HttpRequest) -> None:
        """Call once; any answer but 2xx is a failure, and so is an error inside JSON-RPC."""
        call = urllib.request.Request(request.url, request.body, dict(request.headers), method=request.method)  # noqa: S310
        if request.bearer_file is not None:
            call.add_unredirected_header("Authorization", f"Bearer {read_secret(request.bearer_file)}")
        try:
            with self._opener.open(call, timeout=request.timeout) as response:
                _refuse_rpc_error(cast(HTTPResponse, response).read1(_MOST_READ))
        except urllib.error.HTTPError as error:
            raise _http_failure(error) from error
        except urllib.error.URLError as error:
            raise ActionError(_reason(error.reason)) from error
        except (OSError, HTTPException) as error:
            raise ActionError(_reason(error)) from error


class CommandTransport:
    """Runs programs: no shell, a bare environment, a process group that is ended as a whole.

    What a program prints as an error goes to the daemon's own log.
    """

    def __init__(self, *, allowed: bool) -> None:
        self._allowed = allowed
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()

    def send(self, request: CommandRequest) -> None:
        """Run once and wait; a program that fails or takes too long is a failure."""
        if not self._allowed:
            raise ActionError("commands are switched off; set actions.allow_commands", permanent=True)
        process = self._start(request)
        try:
            status = process.wait(request.timeout)
        except subprocess.TimeoutExpired as error:
            end_group(process)
            raise ActionError(f"ended after {request.timeout:g} s", permanent=True) from error
        finally:
            with self._lock:
                self._running.discard(process)
        if status != 0:
            raise ActionError(f"exit status {status}")

    def stop(self) -> None:
        """End what still runs."""
        with self._lock:
            running = list(self._running)
        for process in running:
            end_group(process)

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
        return process


def end_group(process: subprocess.Popen[bytes], grace: float = 1.0) -> None:
    """End a process and its children: ask, wait, force."""
    _signal_group(process, signal.SIGTERM)
    try:
        process.wait(grace)
    except subprocess.TimeoutExpired:
        _signal_group(process, signal.SIGKILL)
        process.wait()


def read_secret(path: Path) -> str:
    """The first line of a file; a bare name is taken from the service's credentials."""
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    place = Path(directory) / path if directory and len(path.parts) == 1 else path
    try:
        return place.read_text(encoding="utf-8").partition("\n")[0].strip()
    except OSError as error:
        raise ActionError(f"cannot read the token file {place}: {error.strerror}", permanent=True) from error


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return
    except PermissionError:
        return


def _http_failure(error: urllib.error.HTTPError) -> ActionError:
    with error:
        if 300 <= error.code < 400:
            return ActionError(f"redirects ({error.code}); write the final address", permanent=True)
        permanent = 400 <= error.code < 500 and error.code not in _TRANSIENT
        return ActionError(f"answered {error.code} {error.reason}", permanent=permanent)


def _refuse_rpc_error(body: bytes) -> None:
    if b"jsonrpc" not in body:
        return
    try:
        answer = json.loads(body)
    except ValueError:
        return
    if isinstance(answer, dict) and isinstance(answer.get("error"), dict):
        raise ActionError(f"refused: {answer['error'].get('message', 'error')}", permanent=True)


def _reason(error: object) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate not trusted: {error.verify_message}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__
