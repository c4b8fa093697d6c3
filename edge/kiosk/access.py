"""Who may view and who may steer: hosts, origins, proxies, tokens and sessions; the clock is passed in."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from edge.kiosk.host_names import known
from edge.kiosk.tokens import Attempts, Role, Tokens

__all__ = ["Access", "DeniedError", "Request"]

Network = IPv4Network | IPv6Network
_PATH: Final = re.compile(r"(/[\w.~-]+)+/?", re.ASCII)


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
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._tokens = Tokens(tokens)
        self._hosts = frozenset(hosts)
        self._proxies = tuple(proxies)
        self._clock, self._wall = clock, wall
        self._attempts = Attempts()

    @property
    def guarded(self) -> bool:
        """Whether tokens are asked for."""
        return bool(self._tokens)

    def role(self, request: Request) -> Role:
        """What the request may do; DeniedError (403, 421, 429) where nobody may ask like that."""
        proxied = self.proxied(request)
        if not proxied:
            self._check_host(request)
            if request.header("x-forwarded-for") or request.header("forwarded"):
                raise DeniedError(403, "this proxy is not declared; add its address to kiosk.trusted_proxies")
            if self._proxies and not self._tokens and not _loopback(request.peer):
                raise DeniedError(403, "only the proxies of kiosk.trusted_proxies may ask")
        _check_origin(request, proxied)
        if not self._tokens:
            return Role.STEER
        kind, _, token = request.header("authorization").partition(" ")
        if kind.lower() == "bearer":
            return self._judged(request, token.strip())
        return self._tokens.session_role(request.session or "", self._wall())

    def log_in(self, request: Request, token: str) -> tuple[str, Role]:
        """A session for a token: its cookie value and what it allows; DeniedError (401, 429) otherwise."""
        role = self._judged(request, token)
        if role is Role.NOBODY:
            raise DeniedError(401, "this token is not accepted")
        return self._tokens.session(token, self._wall()), role

    def proxied(self, request: Request) -> bool:
        """Whether it comes through a declared proxy, whose words about it may be believed."""
        return self._trusted(request.peer)

    def secure(self, request: Request) -> bool:
        """Whether the browser's end of the way is encrypted."""
        return request.secure or (self.proxied(request) and request.header("x-forwarded-proto") == "https")

    def path(self, request: Request) -> str:
        """The path that a proxy puts before the page's own, for the cookie."""
        told = request.header("x-ingress-path") if self.proxied(request) else ""
        return told if _PATH.fullmatch(told) else "/"

    def _judged(self, request: Request, token: str) -> Role:
        client, now = self._client(request), self._clock()
        if self._attempts.exhausted(client, now):
            raise DeniedError(429, "too many wrong tokens; wait a minute")
        role = self._tokens.role(token)
        if role is Role.NOBODY:
            self._attempts.note(client, token, now)
        return role

    def _client(self, request: Request) -> str:
        """Whose guesses are counted together; of IPv6 a whole subnet, of which one has more than enough."""
        told = request.header("x-forwarded-for").rpartition(",")[2].strip() if self.proxied(request) else ""
        address = _address(told) or _address(request.peer)
        if isinstance(address, IPv6Address):
            return str(ip_network((address, 64), strict=False))
        return str(address or request.peer)

    def _trusted(self, peer: str) -> bool:
        address = _address(peer)
        return address is not None and any(
            address in network for network in self._proxies if network.version == address.version
        )

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
    address = _address(peer)
    return address is not None and address.is_loopback


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """An address without its zone, the IPv4 one where it is only mapped into IPv6."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
