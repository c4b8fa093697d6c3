"""The page's server as a process of its own, with news four times a second for no, one and fifty viewers."""

from __future__ import annotations

import json
import resource
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Final

from benchmarks.page.browsing import fetched, free_port, page_of_a_daemon
from edge.kiosk.access import Access
from edge.kiosk.guard import guard
from edge.kiosk.page import Page
from edge.kiosk.server import HttpServer, Listening
from edge.kiosk.state_view import StateView

__all__ = ["viewers"]

_SECONDS: Final = 20.0
_WITHOUT: Final = "import edge.config.loading, numpy, sys; print(flush=True); sys.stdin.read()"
"""What the daemon has loaded anyway."""


class _Restless:
    """A daemon whose confidence changes with every look; the rest as a real one told it."""

    def __init__(self, state: StateView) -> None:
        self._state, self._looks = state, 0

    def state(self) -> StateView:
        self._looks += 1
        (room, *others) = self._state.rooms
        mood = room.mood.model_copy(update={"confidence": self._looks % 1000 / 1000})
        rooms = [room.model_copy(update={"mood": mood}), *others]
        return self._state.model_copy(update={"rooms": rooms, "now": time.time()})

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


def viewers() -> dict[str, Any]:
    """CPU in percent of a core and resident MB, by number of viewers; the daemon itself is not in it."""
    with page_of_a_daemon() as port:
        time.sleep(5)
        state = fetched(port, "/api/v1/state")
    return {
        "without_page_mb": _measured(state, None)["mb"],
        **{str(count): _measured(state, count) for count in (0, 1, 50)},
    }


def _measured(state: str, count: int | None) -> dict[str, float]:
    port = free_port()
    served = ["-m", "benchmarks.page.serving", str(port)]
    command = [sys.executable, *(served if count is not None else ["-c", _WITHOUT])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        print(state, file=process.stdin, flush=True)
        process.stdout.readline()
        streams = [_follow(port) for _ in range(count or 0)]
        begin = _cpu(process.pid)
        time.sleep(_SECONDS if count is not None else 0.0)
        used = _cpu(process.pid) - begin
        memory = _resident(process.pid)
        for stream in streams:
            stream.close()
        process.stdin.close()
    return {"cpu_percent": round(100 * used / _SECONDS, 2), "mb": memory}


def _follow(port: int) -> socket.socket:
    """A viewer that reads on a thread of its own."""
    stream = socket.create_connection(("127.0.0.1", port), timeout=30)
    stream.sendall(b"GET /api/v1/events HTTP/1.0\r\nHost: localhost\r\n\r\n")
    threading.Thread(target=_drain, args=(stream,), daemon=True).start()
    return stream


def _drain(stream: socket.socket) -> None:
    try:
        while stream.recv(65_536):
            continue
    except OSError:
        return


def _cpu(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def _resident(process: int) -> float:
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    return round(next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024, 1)


def _serve(port: int) -> None:
    """The child: serve until the parent closes its end."""
    state = StateView.model_validate(_without_alias(json.loads(sys.stdin.readline())))
    access = Access(tokens={}, hosts={"localhost"}, clock=time.monotonic)
    page = Page(_Restless(state), access)
    here = Listening("kiosk", "127.0.0.1", port)
    server = HttpServer(here, page.routes(), guard=guard(access), ending=page.stop)
    server.start()
    while socket.socket().connect_ex(("127.0.0.1", port)) != 0:
        time.sleep(0.02)
    print("ready", flush=True)
    sys.stdin.read()
    server.stop()


def _without_alias(state: dict[str, Any]) -> dict[str, Any]:
    return {("schema_version" if key == "schema" else key): value for key, value in state.items()}


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, resource.getrlimit(resource.RLIMIT_NOFILE)[1:] * 2)
    _serve(int(sys.argv[1]))
