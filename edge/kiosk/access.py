"""Who may view and who may steer: hosts, origins, proxies, tokens and sessions; the clock is passed in."""

from __future__ import annotations

import hmac
import secrets
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

from edge.kiosk.host_names import known

__all__ = ["Access", "DeniedError", "Request", "Role"]

Network = IPv4Network | IPv6Network
_SESSIONS: Final = 1000
_SESSION_LIFE: Final = 30 * 86_400.0
_ATTEMPTS: Final = 10
_ATTEMPTS_WITHIN: Final = 60.0


class Role(IntEnum):
    """What a viewer may do; each includes those before it."""

    NOBODY = 0
    VIEW = 1
    STEER = 2


class DeniedError(Exception):
    """A request that is refused, with its HTTP status."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class Request:
    """What access is decided on. `headers` have lower-case names."""

    method: str
    peer: str
    headers: Mapping[str, str]
    secure: bool = False
    session: str | None = None

    def header(self, name: str) -> str:
        """A header's text, empty without it."""
        return self.headers.get(name, "")


class Access:
    """Decides on every request before anything else looks at it. Used by the server's thread alone.

    `tokens` maps a token to what it allows; without any, whoever reaches the socket may steer, which is
    why the configuration allows that on loopback or behind a trusted proxy only.
    """

    def __init__(
        self,
        *,
        tokens: Mapping[str, Role],
        hosts: Iterable[str],
        proxies: Iterable[Network] = (),
        clock: Callable[[], float],
    ) -> None:
        self._tokens = {token.encode(): role for token, role in tokens.items()}
        self._hosts = frozenset(hosts)
        self._proxies = tuple(proxies)
        self._clock = clock
        self._sessions: OrderedDict[str, tuple[Role, float]] = OrderedDict()
        self._wrong: deque[float] = deque(maxlen=_ATTEMPTS)

    @property
    def guarded(self) -> bool:
        """Whether tokens are asked for."""
        return bool(self._tokens)

    def role(self, request: Request) -> Role:
        """What the request may do; DeniedError (403, 421) if it comes by a way that nobody should come."""
        proxied = self._trusted(request.peer)
        if not proxied:
            self._check_host(request)
            if request.header("x-forwarded-for") or request.header("forwarded"):
                raise DeniedError(403, "this proxy is not declared; add its address to kiosk.trusted_proxies")
            if self._proxies and not self._tokens and not _loopback(request.peer):
                raise DeniedError(403, "only the proxies of kiosk.trusted_proxies may ask")
        _check_origin(request, proxied)
        if not self._tokens:
            return Role.STEER
        return max(self._bearer(request), self._session(request.session))

    def log_in(self, token: str) -> tuple[str, Role]:
        """A session for a token: its cookie value and what it allows; DeniedError (401, 429) otherwise."""
        now = self._clock()
        while self._wrong and now - self._wrong[0] > _ATTEMPTS_WITHIN:
            self._wrong.popleft()
        if len(self._wrong) == _ATTEMPTS:
            raise DeniedError(429, "too many wrong tokens; wait a minute")
        role = self._of(token)
        if role is Role.NOBODY:
            self._wrong.append(now)
            raise DeniedError(401, "this token is not accepted")
        session = secrets.token_urlsafe(32)
        self._sessions[session] = role, now + _SESSION_LIFE
        while len(self._sessions) > _SESSIONS:
            self._sessions.popitem(last=False)
        return session, role

    def _of(self, token: str) -> Role:
        given, found = token.encode(), Role.NOBODY
        for token_here, role in self._tokens.items():
            if hmac.compare_digest(token_here, given):
                found = role
        return found

    def _bearer(self, request: Request) -> Role:
        kind, _, token = request.header("authorization").partition(" ")
        return self._of(token.strip()) if kind.lower() == "bearer" else Role.NOBODY

    def _session(self, session: str | None) -> Role:
        role, until = self._sessions.get(session or "", (Role.NOBODY, 0.0))
        return role if self._clock() < until else Role.NOBODY

    def _trusted(self, peer: str) -> bool:
        try:
            address = ip_address(peer.partition("%")[0])
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None) or address
        return any(mapped in network for network in self._proxies if network.version == mapped.version)

    def _check_host(self, request: Request) -> None:
        """A name that is not ours is a sign of DNS rebinding; an address cannot be rebound."""
        host = request.header("host")
        if not known(host, self._hosts):
            raise DeniedError(421, f"{host!r} is not a name of this page; add it to kiosk.allowed_hosts")


def _check_origin(request: Request, proxied: bool) -> None:
    """What changes something comes from this page itself, or from no page at all."""
    if request.method in ("GET", "HEAD"):
        return
    site = request.header("sec-fetch-site")
    if site and site not in ("same-origin", "none"):
        raise DeniedError(403, "the request comes from another site")
    origin = request.header("origin")
    if not origin:
        return
    host = (request.header("x-forwarded-host") if proxied else "") or request.header("host")
    if site != "same-origin" and urlsplit(origin).netloc.lower() != host.lower():
        raise DeniedError(403, "the request comes from another site")


def _loopback(peer: str) -> bool:
    try:
        return ip_address(peer.partition("%")[0]).is_loopback
    except ValueError:
        return False
