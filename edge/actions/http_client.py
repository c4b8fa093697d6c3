"""Calls over HTTP, on an event loop of their own: none waits for another, each has one deadline."""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from pathlib import Path
from typing import Final

import aiohttp

from edge.actions.plan import HttpRequest
from edge.actions.transports import ActionError
from edge.config import mask_text
from edge.config.bounded_json import parse_json
from edge.supervision import explain, is_shortage

__all__ = ["HttpClient"]

_log = logging.getLogger(__name__)
_TRANSIENT: Final = frozenset({408, 425, 429})
_MOST_READ: Final = 65_536
_RESOLVERS: Final = 16
_JOIN_WITHIN: Final = 2.0

Done = Callable[[ActionError | None], None]


class HttpClient:
    """Thread `actions-http`; certificates are verified unless a request says otherwise.

    Every call has a connection of its own, as a call that was sent twice because an old connection had
    gone would act twice.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._loop.set_default_executor(ThreadPoolExecutor(_RESOLVERS, thread_name_prefix="actions-resolve"))
        self._thread = threading.Thread(target=self._loop.run_forever, name="actions-http", daemon=True)
        self._calls: set[asyncio.Task[None]] = set()
        self._ending: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to take calls. Raises ActionError if the system lets no further thread start."""
        try:
            self._thread.start()
        except (RuntimeError, MemoryError) as error:
            self._loop.close()
            raise ActionError(explain(error)) from error

    @property
    def alive(self) -> bool:
        """Whether calls are taken."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Give up what is under way, without telling."""
        self._loop.call_soon_threadsafe(self._end)
        self._thread.join(_JOIN_WITHIN)
        if not self._thread.is_alive():
            self._loop.close()

    def send(self, request: HttpRequest, done: Done) -> None:
        """Call once and return at once; `done` learns on this client's thread what became of it.

        Any answer but 2xx is a failure, a redirect too, and so is an error in the answer to JSON-RPC.
        """
        self._loop.call_soon_threadsafe(self._begin, request, done)

    def fetch(self, request: HttpRequest) -> bytes:
        """Call once, wait, and return what was answered, 64 KiB at most. Raises ActionError."""
        called = asyncio.run_coroutine_threadsafe(
            asyncio.wait_for(_call(request, read=True), request.timeout), self._loop
        )
        try:
            return called.result(request.timeout + _JOIN_WITHIN)
        except (asyncio.TimeoutError, TimeoutError, CancelledError, FutureTimeoutError):
            called.cancel()
            raise ActionError("no answer in time") from None

    def _begin(self, request: HttpRequest, done: Done) -> None:
        task = self._loop.create_task(self._report(request, done))
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def _report(self, request: HttpRequest, done: Done) -> None:
        try:
            await asyncio.wait_for(_call(request), request.timeout)
        except asyncio.TimeoutError:
            done(ActionError("no answer in time"))
        except ActionError as error:
            done(error)
        except Exception as error:
            if is_shortage(error):
                done(ActionError(explain(error)))
            else:
                _log.exception("%s", request)
                done(ActionError("internal error, see the log", permanent=True))
        else:
            done(None)

    def _end(self) -> None:
        self._ending = self._loop.create_task(self._give_up())

    async def _give_up(self) -> None:
        calls = tuple(self._calls)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        self._loop.stop()


async def _call(request: HttpRequest, *, read: bool = False) -> bytes:
    loop = asyncio.get_running_loop()
    headers, tls = await loop.run_in_executor(None, _prepare, request)
    try:
        async with (
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=tls, force_close=True),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),
            ) as session,
            session.request(
                request.method,
                request.url,
                data=request.body,
                headers=headers,
                allow_redirects=False,
                server_hostname=request.server_name if request.url.startswith("https:") else None,
            ) as answer,
        ):
            _refuse(answer)
            rpc = request.body is not None and b'"jsonrpc"' in request.body
            body = await _read(answer) if read or rpc else b""
            if rpc:
                _refuse_rpc_error(body)
            return body
    except aiohttp.InvalidURL as error:
        raise ActionError("is no address that can be called", permanent=True) from error
    except (aiohttp.ClientError, OSError) as error:
        raise ActionError(_reason(error)) from error
    except ValueError as error:
        raise ActionError("a header of the call is malformed", permanent=True) from error


def _prepare(request: HttpRequest) -> tuple[dict[str, str], ssl.SSLContext | bool]:
    """Headers and TLS, which take reading files."""
    secrets = {name: _read_secret(path) for name, path in request.header_files.items()}
    headers = {**request.headers, **secrets}
    if request.bearer_file is not None:
        headers["Authorization"] = f"Bearer {_read_secret(request.bearer_file)}"
    if not request.url.startswith("https:"):
        return headers, True
    return headers, _tls(request)


def _tls(request: HttpRequest) -> ssl.SSLContext | bool:
    if not request.verify:
        return False
    try:
        return ssl.create_default_context(cafile=request.ca)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ActionError(f"cannot use the certificates in {request.ca}: {reason}", permanent=True) from error


def _read_secret(path: Path) -> str:
    """The first line of a file; a bare name is taken from the service's credentials."""
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    place = Path(directory) / path if directory and len(path.parts) == 1 else path
    try:
        secret = place.read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "not UTF-8 text"
        raise ActionError(f"cannot read the token file {place}: {reason}", permanent=True) from error
    if not secret.isascii() or not secret.isprintable():
        raise ActionError(f"the first line of {place} is no token", permanent=True)
    return secret


def _refuse(answer: aiohttp.ClientResponse) -> None:
    if 300 <= answer.status < 400:
        raise ActionError(f"redirects ({answer.status}); write the final address", permanent=True)
    if answer.status >= 400:
        permanent = answer.status < 500 and answer.status not in _TRANSIENT
        raise ActionError(f"answered {answer.status} {answer.reason}", permanent=permanent)


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    read = b""
    async for part in answer.content.iter_any():
        read += part
        if len(read) > _MOST_READ:
            break
    return read


def _refuse_rpc_error(body: bytes) -> None:
    try:
        answer = parse_json(body)
    except ValueError:
        return
    if isinstance(answer, dict) and isinstance(answer.get("error"), dict):
        said = mask_text(str(answer["error"].get("message", "error")))
        raise ActionError(f"refused: {said[:200]}", permanent=True)


def _reason(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        found = error.certificate_error
        return f"certificate not trusted: {getattr(found, 'verify_message', found)}"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "closed the connection without an answer"
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, ssl.SSLError):
        return f"TLS failed: {(cause.reason or str(cause)).replace('_', ' ').lower()}"
    if isinstance(cause, OSError) and cause.errno is not None and cause.errno > 0:
        return os.strerror(cause.errno).lower()
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror.lower()
    return type(error).__name__
