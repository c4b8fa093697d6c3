"""A broker inside the process, for the demonstration: MQTT 3.1.1 by amqtt, on the loopback only."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from types import TracebackType
from typing import Final

from typing_extensions import Self

from edge.errors import EdgeError

__all__ = ["HOST", "USUAL_PORT", "EmbeddedBroker"]

HOST: Final = "127.0.0.1"
USUAL_PORT: Final = 1883
_START_TIMEOUT: Final = 15.0
_STOP_TIMEOUT: Final = 5.0


class EmbeddedBroker:
    """Runs in a thread of its own between `start` and `stop`.

    A given port is used or refused; without one it is 1883, or any free port where that is taken.
    Connect with `protocol`: amqtt misreads MQTT 5 and leaves its clients waiting.
    """

    protocol: Final = "3.1.1"
    usual: Final = USUAL_PORT

    def __init__(self, *, port: int | None = None) -> None:
        self.host = HOST
        self.port = port if port is not None else _free_port(USUAL_PORT)
        self._thread = threading.Thread(target=self._run, name="broker", daemon=True)
        self._started = threading.Event()
        self._error: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending: asyncio.Event | None = None

    def start(self) -> Self:
        """Start and wait until it listens. Raises EdgeError naming the port, or the missing extra."""
        for name in ("amqtt", "transitions"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._thread.start()
        if not self._started.wait(_START_TIMEOUT):
            raise EdgeError(f"the embedded broker did not start on {self.host}:{self.port} in time")
        if self._error is not None:
            raise EdgeError(self._explain(self._error)) from self._error
        return self

    def stop(self) -> None:
        """Disconnect all connections and the thread; does nothing if it never started."""
        loop, ending = self._loop, self._ending
        if loop is not None and ending is not None and self._thread.is_alive():
            loop.call_soon_threadsafe(ending.set)
        if self._thread.ident is not None:
            self._thread.join(_STOP_TIMEOUT)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:
            self._error = error
        finally:
            self._started.set()

    async def _serve(self) -> None:
        from amqtt.broker import Broker

        self._loop, self._ending = asyncio.get_running_loop(), asyncio.Event()
        self._loop.set_exception_handler(lambda _loop, _context: None)
        broker = Broker(
            {
                "listeners": {"default": {"type": "tcp", "bind": f"{self.host}:{self.port}"}},
                "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
            }
        )
        await broker.start()
        self._started.set()
        await self._ending.wait()
        await broker.shutdown()

    def _explain(self, error: BaseException) -> str:
        if isinstance(error, ImportError):
            return "the embedded broker needs amqtt: pip install 'emotion-edge[demo]'"
        cause = error.__cause__ or error
        return f"no embedded broker on {self.host}:{self.port}: {getattr(cause, 'strerror', None) or cause}"


def _free_port(wanted: int) -> int:
    """`wanted` if nobody listens there, else a port chosen by the system."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise EdgeError(f"no free TCP port on {HOST}")
