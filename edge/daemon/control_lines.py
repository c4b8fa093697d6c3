"""The lines of the control socket: what a request and an answer are, and how they travel."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from edge.config.bounded_json import parse_json
from edge.errors import EdgeError

__all__ = ["MAX_LINE", "answers", "failure", "lines", "parse", "send"]

MAX_LINE: Final = 65_536


def parse(line: bytes) -> tuple[str, Mapping[str, Any]]:
    """Command and arguments of a request; EdgeError if it is none."""
    try:
        request = parse_json(line, most_bytes=MAX_LINE)
        command, arguments = request["command"], request.get("arguments", {})
    except (ValueError, TypeError, KeyError) as error:
        raise EdgeError('a request is one line such as {"command": "status"}') from error
    if not isinstance(command, str) or not isinstance(arguments, dict):
        raise EdgeError("command has to be text, arguments an object")
    return command, arguments


def failure(text: str) -> dict[str, Any]:
    """The answer that says no."""
    return {"status": "error", "error": text}


def send(connection: socket.socket, document: Mapping[str, Any]) -> None:
    """One object in a line."""
    connection.sendall(json.dumps(document, ensure_ascii=False).encode() + b"\n")


def lines(
    connection: socket.socket, patience: float, clock: Callable[[], float] = time.monotonic
) -> Iterator[bytes]:
    """Whole lines as they come. Raises TimeoutError when one takes longer than `patience` seconds."""
    begun, until = b"", clock() + patience
    while True:
        connection.settimeout(max(until - clock(), 0.001))
        received = connection.recv(MAX_LINE)
        if not received:
            return
        *whole, begun = (begun + received).split(b"\n")
        if len(begun) > MAX_LINE:
            raise ValueError("a request is too long")
        if clock() > until:
            raise TimeoutError("a request did not arrive in time")
        for line in whole:
            connection.settimeout(patience)
            yield line
        if whole:
            until = clock() + patience


def answers(path: Path) -> bool:
    """Does somebody listen there?"""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True
