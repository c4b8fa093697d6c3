"""Decides on every request before anything else does, and words every refusal."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from aiohttp.web_protocol import RequestPayloadError

from edge.errors import EdgeError
from edge.kiosk.access import Access, DeniedError, Request
from edge.kiosk.responses import failure
from edge.kiosk.tokens import Role

__all__ = ["COOKIE", "HEADERS", "ROLE", "facts", "guard"]

_log = logging.getLogger(__name__)

COOKIE: Final = "emotion-edge-session"
ROLE: Final = web.RequestKey("role", Role)
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_OPEN: Final = frozenset({"page", "manifest", "asset", "session"})
"""Routes without anything to see: the shell of the page, and the way in."""


def guard(access: Access) -> Middleware:
    """The middleware that `access` decides for; it notes the `ROLE` of each request that it lets in."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = await _admitted(access, request, handler)
        except DeniedError as denied:
            response = failure(denied.status, str(denied))
        except web.HTTPException as error:
            response = failure(error.status, error.reason, error.headers)
        except EdgeError as error:
            response = failure(409, str(error))
        except RequestPayloadError:
            response = failure(400, "the body cannot be read")
        except (ConnectionError, asyncio.CancelledError):
            raise
        except Exception:  # whatever it was, the answer carries the page's own headers and tells no secrets
            _log.exception("a request of the page failed")
            response = failure(500, "internal error, see the log")
        if not response.prepared:
            response.headers.update(HEADERS)
        return response

    return check


async def _admitted(access: Access, request: web.Request, handler: Handler) -> web.StreamResponse:
    request[ROLE] = access.role(facts(request))
    if request[ROLE] is Role.NOBODY and request.match_info.route.name not in _OPEN:
        raise DeniedError(401, "a token is needed")
    return await handler(request)


def facts(request: web.Request) -> Request:
    """What access is decided on."""
    names = {name.lower(): value for name, value in request.headers.items()}
    return Request(request.method, request.remote or "", names, request.secure, request.cookies.get(COOKIE))
