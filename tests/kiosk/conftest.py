"""The page on a port of its own, with a daemon of plain values behind it."""

import json
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from email.message import Message
from importlib.util import find_spec
from ipaddress import ip_network
from typing import Any, NamedTuple

import pytest
from kiosk.hub import PlainHub

from edge.kiosk.access import Access
from edge.kiosk.guard import guard
from edge.kiosk.page import Page
from edge.kiosk.server import HttpServer, Listening
from edge.kiosk.tokens import Role

VIEW, STEER = "view-token-of-16-and-more", "steer-token-of-16-and-more"
collect_ignore = [] if find_spec("playwright") else ["test_browser.py"]
Open = Callable[..., "Site"]


class Answer(NamedTuple):
    status: int
    headers: "Message[str, str]"
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Site:
    """A served page and what one needs to ask it."""

    def __init__(self, hub: PlainHub, port: int) -> None:
        self.hub, self.port = hub, port
        self.stop: Callable[[], None] = lambda: None
        self.viewers: Callable[[], int] = lambda: 0
        self.url = f"http://127.0.0.1:{port}/"

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        data = None if body is None else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if data is not None:
            named.setdefault("Content-Type", "application/json")
        request = urllib.request.Request(self.url + path, data, named, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as refusal:
            with refusal:
                return Answer(refusal.code, refusal.headers, refusal.read())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def open_site() -> Iterator[Open]:
    servers: list[HttpServer] = []

    def make(*, tokens: bool = False, port: int | None = None, proxies: tuple[str, ...] = ()) -> Site:
        hub = PlainHub()
        known = {VIEW: Role.VIEW, STEER: Role.STEER} if tokens else {}
        networks = [ip_network(text) for text in proxies]
        access = Access(tokens=known, hosts={"localhost"}, proxies=networks, clock=time.monotonic)
        page = Page(hub, access)
        site = Site(hub, port or free_port())
        here = Listening("kiosk", "127.0.0.1", site.port)
        servers.append(HttpServer(here, page.routes(), guard=guard(access), ending=page.stop, again=0.05))
        servers[-1].start()
        site.stop = servers[-1].stop
        site.viewers = lambda: page.viewers
        _wait_for(site.port)
        return site

    yield make
    for server in servers:
        server.stop()


@pytest.fixture
def site(open_site: Open) -> Site:
    return open_site()


def _wait_for(port: int) -> None:
    for _ in range(500):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError("the page does not listen")


class Viewer:
    """Follows the event stream on a thread of its own and keeps the newest text."""

    def __init__(self, site: Site) -> None:
        self.newest, self.ended = "", False
        self._stream = socket.create_connection(("127.0.0.1", site.port), timeout=60)
        self._stream.sendall(b"GET /api/v1/events HTTP/1.0\r\nHost: localhost\r\n\r\n")
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        text = ""
        with suppress(OSError):
            while received := self._stream.recv(1_000_000):
                text += received.decode()
                *_, whole, text = ["", *text.split("\n\n")]
                self.newest = whole or self.newest
        self.ended = True

    def close(self) -> None:
        with suppress(OSError):
            self._stream.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._stream.close()
