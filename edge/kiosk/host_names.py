"""Refuses requests under a foreign name.

A page that a browser has loaded from elsewhere can point its own name at this machine (DNS rebinding) and
read every answer as if it came from itself; the name in the request gives it away.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable
from typing import Final, Protocol

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from yarl import URL

__all__ = ["known", "own_names", "refuse_unknown_names"]


_NO_HOST: Final = re.compile(r"[^\w.:\[\]%~-]")
"""What no name or address with a port contains."""


class _Named(Protocol):
    @property
    def section(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def allowed_hosts(self) -> tuple[str, ...]: ...


def known(host_header: str, names: Iterable[str]) -> bool:
    """Whether a `Host` header is an address, `localhost`, or one of the names; the port does not matter."""
    if _NO_HOST.search(host_header):
        return False
    try:
        host = (URL(f"http://{host_header}").host or "").lower().rstrip(".")
    except ValueError:
        return False
    return host == "localhost" or host in names or _is_address(host)


def own_names(listening: _Named) -> frozenset[str]:
    """The names under which a server may be asked: the machine's, its address, and those allowed."""
    machine = socket.gethostname().lower()
    short = machine.partition(".")[0]
    allowed = (name.lower() for name in listening.allowed_hosts)
    return frozenset({machine, short, f"{short}.local", listening.host.lower(), *allowed})


def refuse_unknown_names(listening: _Named) -> Middleware:
    """Answers 421 to a request for a name that is not this machine's, and says how to allow it."""
    names = own_names(listening)

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not known(request.headers.get("Host", ""), names):
            remedy = f"to reach it under another name, add that to {listening.section}.allowed_hosts"
            return web.Response(status=421, text=f"this is not the name of this device; {remedy}\n")
        return await handler(request)

    return check


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
