"""What others may ask of the daemon: `…/set` switches and `…/request/…` commands."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

__all__ = [
    "MAX_PAYLOAD",
    "REQUESTS",
    "SWITCHES",
    "Command",
    "CommandError",
    "Response",
    "failed",
    "ok",
    "parse_request",
    "parse_set",
    "parse_settings",
]

SWITCHES: Final = ("camera", "microphone", "actions")
REQUESTS: Final = ("reload", "restart", "doctor", "scores", "identify")
MAX_PAYLOAD: Final = 4096
"""Bytes; a longer command is refused unread."""
_LONGEST_WORD: Final = 64


class CommandError(Exception):
    """A command that cannot be carried out; its message goes back to the sender."""

    def __init__(self, message: str, transaction: str | None = None) -> None:
        super().__init__(message)
        self.transaction = transaction


@dataclass(frozen=True, slots=True)
class Response:
    """What came of a request."""

    status: Literal["ok", "error"]
    data: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None

    def payload(self, transaction: str | None) -> dict[str, Any]:
        """As published: `error` and `transaction` only where there is one."""
        answer: dict[str, Any] = {"status": self.status, "data": dict(self.data)}
        if self.error is not None:
            answer["error"] = self.error
        if transaction is not None:
            answer["transaction"] = transaction
        return answer


def ok(**data: Any) -> Response:
    """The request was carried out; `data` is its result."""
    return Response("ok", data)


def failed(error: str) -> Response:
    """The request was not carried out, and why."""
    return Response("error", {}, error)


@dataclass(frozen=True, slots=True)
class Command:
    """One command for the daemon's main loop.

    `kind` is `set` (then `on` says which way), `request` or `settings` (then `arguments` are its fields), or
    `ack` (then `name` is the cause of the alert that somebody noticed, empty for all).
    Answer a request by calling `respond` once, from any thread; a `set` is answered by its retained
    state after the device is really open or closed, so there `respond` does nothing.
    """

    kind: Literal["set", "request", "settings", "ack", "unstored"]
    name: str
    on: bool = False
    arguments: Mapping[str, Any] = field(default_factory=dict)
    transaction: str | None = None
    respond: Callable[[Response], None] = lambda _response: None


def parse_set(name: str, payload: bytes, rooms: Collection[str] = ()) -> bool:
    """`ON` or `OFF` for a known switch: `camera`, or that of a room, `living/camera`. Raises CommandError."""
    level, slash, switch = name.rpartition("/")
    if slash and level not in rooms:
        raise CommandError(f"there is no room {level[:64]!r}")
    if switch not in SWITCHES or (slash and switch == "actions"):
        raise CommandError(f"unknown switch {name[:64]!r}; there are {', '.join(SWITCHES)}")
    word = payload[:_LONGEST_WORD].decode("ascii", "replace").strip().upper()
    if word not in {"ON", "OFF"}:
        raise CommandError(f"{name}/set takes ON or OFF, not {word[:40]!r}")
    return word == "ON"


def parse_settings(
    payload: bytes, level: str = "", rooms: Collection[str] = ()
) -> tuple[dict[str, Any], str | None]:
    """The settings to change, with the `room` that the topic names, and the transaction id. CommandError."""
    arguments = _object(payload)
    transaction = _transaction(arguments)
    if level and level not in rooms:
        raise CommandError(f"there is no room {level[:64]!r}", transaction)
    return arguments | ({"room": level} if level else {}), transaction


def parse_request(name: str, payload: bytes) -> tuple[dict[str, Any], str | None]:
    """The arguments and the transaction id of a known request. Raises CommandError."""
    arguments = _object(payload)
    transaction = _transaction(arguments)
    if name not in REQUESTS:
        raise CommandError(f"unknown command {name[:64]!r}; there are {', '.join(REQUESTS)}", transaction)
    return arguments, transaction


def _transaction(arguments: dict[str, Any]) -> str | None:
    transaction = arguments.pop("transaction", None)
    if transaction is None or isinstance(transaction, str):
        return transaction
    raise CommandError("transaction must be a string")


def _object(payload: bytes) -> dict[str, Any]:
    if len(payload) > MAX_PAYLOAD:
        raise CommandError(f"the request is longer than {MAX_PAYLOAD} bytes")
    try:
        value = json.loads(payload) if payload.strip() else {}
    except (ValueError, RecursionError):
        raise CommandError("the request is not JSON") from None
    if not isinstance(value, dict):
        raise CommandError("the request is not a JSON object")
    if not _writable(value):
        raise CommandError("the request holds half a character (a lone surrogate)")
    return value


def _writable(value: object) -> bool:
    """JSON can spell text that no encoding can write, such as half of a pair of surrogates."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True
