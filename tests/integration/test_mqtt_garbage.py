"""What speaks on the port is not always a broker."""

import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from integration.broker import eventually
from integration.hub import Hub

MakeHub = Callable[..., Hub]
CONNACK_5 = b"\x20\x03\x00\x00\x00"
CONNACK_3 = b"\x20\x02\x00\x00"


class Impostor:
    """Answers every connection with the same bytes and counts them."""

    def __init__(self, answer: bytes) -> None:
        self.visits = 0
        self._answer = answer
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._open: list[socket.socket] = []
        threading.Thread(target=self._serve, name="impostor", daemon=True).start()

    def close(self) -> None:
        """Hang up."""
        self._server.close()
        for connection in self._open:
            connection.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
                self._open.append(connection)
                connection.recv(4096)
                connection.sendall(self._answer)
                connection.shutdown(socket.SHUT_WR)
            except OSError:
                return
            self.visits += 1


@pytest.fixture
def impostor() -> Iterator[Callable[[bytes], Impostor]]:
    """Makes impostors and closes them."""
    made: list[Impostor] = []

    def make(answer: bytes) -> Impostor:
        made.append(Impostor(answer))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.mark.parametrize(
    ("protocol", "answer"),
    [
        ("5", b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        ("3.1.1", b"SSH-2.0-OpenSSH_9.2\r\n"),
        ("5", b"\x20\x01\x00"),
        ("5", b"\x20\x03\x00\xee\x00"),
        ("5", CONNACK_5 + b"\x30\x05\x00\x01a\x01\xff"),
        ("5", CONNACK_5 + b"\x90\x01\x00"),
        ("3.1.1", CONNACK_3 + b"\x30\x02\x00\x09"),
        ("3.1.1", CONNACK_3 + b"\xf0\x00"),
        ("3.1.1", b"\x20\xff\xff\xff\xff\xff"),
    ],
)
def test_garbage_is_survived_and_tried_again(
    impostor: Callable[[bytes], Impostor], hub: MakeHub, protocol: str, answer: bytes
) -> None:
    garbage = impostor(answer)
    one = hub(garbage.port, protocol=protocol, keepalive=5).start()
    eventually(lambda: garbage.visits >= 2, within=8.0, what=str(one.publisher.status()))
    trouble = one.publisher.status()["trouble"]
    assert trouble is None or f"127.0.0.1:{garbage.port}" in trouble
    one.feel("happy")
    assert one.publisher.stop()
