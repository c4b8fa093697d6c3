"""Many clients, and slow ones: whoever only holds a connection gets in nobody's way."""

import resource
import socket
from collections.abc import Iterator
from itertools import cycle

import pytest
from integration.broker import eventually
from kiosk.conftest import Site, Viewer

IDLE = 1000


@pytest.fixture
def many_files() -> Iterator[None]:
    """Both ends of all connections are in this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * IDLE + 500
    if hard != resource.RLIM_INFINITY and hard < wanted:
        pytest.skip(f"needs {wanted} open files, and only {hard} are allowed: raise `ulimit -Hn`")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def cut_off(client: socket.socket) -> bool:
    try:
        return client.recv(1, socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


@pytest.mark.usefixtures("many_files")
def test_a_thousand_idle_connections_keep_nobody_out_and_are_cut_off(site: Site) -> None:
    viewer = Viewer(site)
    eventually(lambda: "happy" in viewer.newest)
    idle = [socket.create_connection(("127.0.0.1", site.port), timeout=60) for _ in range(IDLE)]
    try:
        assert site.ask("GET", "api/v1/state").status == 200
        site.hub.emotion = "angry"
        eventually(lambda: '"emotion":"angry"' in viewer.newest)
        eventually(lambda: all(map(cut_off, idle)), within=60)
        assert not viewer.ended
    finally:
        viewer.close()
        for client in idle:
            client.close()


def test_a_viewer_that_does_not_read_is_let_go_and_the_others_go_on(site: Site) -> None:
    site.hub.furnish(*(f"room{number} of a hotel" for number in range(150)))
    viewer = Viewer(site)
    eventually(lambda: site.viewers() == 1)
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.settimeout(60)
    slow.connect(("127.0.0.1", site.port))
    slow.sendall(b"GET /api/v1/events HTTP/1.0\r\nHost: localhost\r\n\r\n")
    eventually(lambda: site.viewers() == 2)
    moods = cycle(["happy", "sad", "angry"])

    def gone() -> bool:
        site.hub.emotion = next(moods)
        return site.viewers() == 1

    eventually(gone, within=60)
    site.hub.emotion = "fear"
    eventually(lambda: '"emotion":"fear"' in viewer.newest)
    assert not viewer.ended
    viewer.close()
    slow.close()
