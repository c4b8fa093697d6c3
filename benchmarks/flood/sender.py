"""Who floods: a client that writes ready-made packets to its socket, so that it is not the one that tires."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Final

__all__ = ["Flood", "flood_process", "send_flood"]

_TURN: Final = 0.01
_CONNECT: Final = b"\x00\x04MQTT\x04\x02\x00\x3c\x00\x05flood"


@dataclass(frozen=True, slots=True)
class Flood:
    """So many messages a second on one topic, for so many seconds."""

    host: str
    port: int
    topic: str
    payload: bytes
    rate: int
    seconds: float
    qos: int = 0

    def packet(self) -> bytes:
        """The PUBLISH of MQTT 3.1.1; one packet identifier serves them all."""
        topic = self.topic.encode()
        identifier = b"\x00\x01" if self.qos else b""
        body = len(topic).to_bytes(2, "big") + topic + identifier + self.payload
        return bytes([0x30 | self.qos << 1]) + _varint(len(body)) + body


def send_flood(flood: Flood, stopped: Callable[[int], bool] = lambda _: False) -> int:
    """Connect, flood until it is over or `stopped`, disconnect; how many messages went out.

    `stopped` is asked again and again with the number of messages sent so far.
    """
    with socket.create_connection((flood.host, flood.port), 5.0) as connection:
        connection.sendall(b"\x10" + _varint(len(_CONNECT)) + _CONNECT)
        connection.recv(4)
        connection.settimeout(None)
        threading.Thread(target=_discard, args=(connection,), daemon=True).start()
        packet, sent, began = flood.packet(), 0, time.monotonic()
        while (elapsed := time.monotonic() - began) < flood.seconds and not stopped(sent):
            due = int(elapsed * flood.rate) - sent
            connection.sendall(packet * due)
            sent += due
            time.sleep(_TURN)
        connection.sendall(b"\xe0\x00")
        connection.shutdown(socket.SHUT_WR)
    return sent


def flood_process(flood: Flood, pipe: Connection) -> None:
    """Body of the flooding process: flood when told, until time is over or another word comes; report.

    It says `flooding` when a tenth of a second's messages have gone out.
    """
    pipe.send("ready")
    pipe.recv()
    told = False

    def stopped(sent: int) -> bool:
        nonlocal told
        if not told and sent >= flood.rate // 10:
            pipe.send("flooding")
            told = True
        return told and pipe.poll()

    pipe.send(send_flood(flood, stopped))


def _discard(connection: socket.socket) -> None:
    try:
        while connection.recv(65_536):
            pass
    except OSError:
        return


def _varint(number: int) -> bytes:
    """MQTT's variable byte integer."""
    digits = bytearray()
    while True:
        number, digit = divmod(number, 128)
        digits.append(digit | (0x80 if number else 0))
        if not number:
            return bytes(digits)
