"""Serves metrics over HTTP in one thread that keeps trying until it gets its port."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, make_wsgi_app

from edge.config.models import MetricsConfig
from edge.publish.health import Problem

__all__ = ["MetricsServer"]

_log = logging.getLogger(__name__)
_AGAIN: Final = 5.0
_POLL: Final = 0.25
_SLOWEST_CLIENT: Final = 2.0


class MetricsServer:
    """Thread `metrics`: one request at a time. A port that cannot be had is a problem, not an end."""

    def __init__(self, config: MetricsConfig, registry: CollectorRegistry, *, again: float = _AGAIN) -> None:
        self._config = config
        self._app = make_wsgi_app(registry)
        self._again = again
        self._problem: str | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="metrics", daemon=True)

    def start(self) -> None:
        """Begin to listen; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening; returns when the port is free again, or a slow client has been left behind."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(1.0)

    def problems(self) -> list[Problem]:
        """Why nobody can read the metrics, if so."""
        return [Problem("metrics", self._problem)] if self._problem is not None else []

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                server = _listen(self._config.host, self._config.port, self._app)
            except OSError as error:
                self._failed(error)
                self._stopping.wait(self._again)
            else:
                self._problem = None
                with server:
                    self._serve(server)

    def _serve(self, server: WSGIServer) -> None:
        _log.info("metrics on http://%s/metrics", self._place)
        while not self._stopping.is_set():
            server.handle_request()

    def _failed(self, error: OSError) -> None:
        reason = error.strerror or str(error)
        self._problem = (
            f"cannot listen on {self._place}: {reason}; set metrics.host and metrics.port to a free address"
        )
        _log.warning("%s", self._problem)

    @property
    def _place(self) -> str:
        host = self._config.host
        return f"[{host}]:{self._config.port}" if ":" in host else f"{host}:{self._config.port}"


def _listen(host: str, port: int, app: Callable[..., Any]) -> WSGIServer:
    """Raises OSError when the address is unknown, not this machine's, or taken."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]

    class Server(WSGIServer):
        address_family = family
        timeout = _POLL

        def server_bind(self) -> None:
            """As HTTPServer does, but without asking DNS for a name, which may take long."""
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.socket.bind(self.server_address)
            self.server_name, self.server_port = host, port
            self.setup_environ()

        def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 (the base class's)
            """A client that went away is nobody's problem."""
            _log.debug("a scrape failed", exc_info=True)

    server = Server((str(address[0]), port), _Handler)
    server.set_app(app)
    return server


class _Handler(WSGIRequestHandler):
    timeout = _SLOWEST_CLIENT

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class names it so)
        """Requests are no news."""
