"""Tokens, the cookies signed with them, and how often one may guess."""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Mapping
from enum import IntEnum
from typing import Final

__all__ = ["Attempts", "Role", "Tokens"]

_SESSION_LIFE: Final = 30 * 86_400
_ATTEMPTS: Final = 10
_ATTEMPTS_WITHIN: Final = 60.0
_CLIENTS: Final = 1000


class Role(IntEnum):
    """What a viewer may do; each includes those before it."""

    NOBODY = 0
    VIEW = 1
    STEER = 2


class Tokens:
    """What each token allows. A cookie is signed with it: it outlasts the daemon, but not the token."""

    def __init__(self, roles: Mapping[str, Role]) -> None:
        self._roles = {_bytes(token): role for token, role in roles.items()}

    def __bool__(self) -> bool:
        return bool(self._roles)

    def role(self, token: str) -> Role:
        """What a token allows."""
        found = self._same(token)
        return Role.NOBODY if found is None else self._roles[found]

    def session(self, token: str, now: float) -> str:
        """A cookie for a token that is one of these; `now` in Unix seconds."""
        end = str(int(now) + _SESSION_LIFE)
        return f"{end}.{_signature(_bytes(token), end)}"

    def session_role(self, session: str, now: float) -> Role:
        """What a cookie allows, nothing once it has ended."""
        end, _, signature = session.partition(".")
        if not (end.isascii() and end.isdigit() and len(end) < 16 and now < int(end)):
            return Role.NOBODY
        given, found = _bytes(signature), Role.NOBODY
        for token, role in self._roles.items():
            if hmac.compare_digest(_signature(token, end).encode(), given):
                found = role
        return found

    def _same(self, token: str) -> bytes | None:
        given, found = _bytes(token), None
        for known in self._roles:
            if hmac.compare_digest(known, given):
                found = known
        return found


class Attempts:
    """Wrong tokens of the last minute by client, so that guessing is slow and locks out nobody else.

    The same wrong token counts once: a program with an old one is no guess.
    """

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, OrderedDict[bytes, float]] = OrderedDict()

    def exhausted(self, client: str, now: float) -> bool:
        """Whether a client has to wait; `now` in monotonic seconds."""
        wrong = self._wrong.get(client, OrderedDict())
        while wrong and now - next(iter(wrong.values())) > _ATTEMPTS_WITHIN:
            wrong.popitem(last=False)
        return len(wrong) >= _ATTEMPTS

    def note(self, client: str, token: str, now: float) -> None:
        """A wrong token came."""
        wrong = self._wrong.setdefault(client, OrderedDict())
        wrong[hashlib.sha256(_bytes(token)).digest()] = now
        self._wrong.move_to_end(client)
        while len(self._wrong) > _CLIENTS:
            self._wrong.popitem(last=False)


def _signature(token: bytes, end: str) -> str:
    return hmac.new(token, f"emotion-edge session until {end}".encode(), hashlib.sha256).hexdigest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
