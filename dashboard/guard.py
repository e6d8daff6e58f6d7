"""Stands around the application: which names it answers to, what every answer carries, and what a fault looks like."""

from __future__ import annotations

import logging
from collections.abc import Collection
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.problems import answer_problem, problem

log = logging.getLogger(__name__)

#: nothing from another host, nothing inline, shown in no frame
_POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # with no referrer at all, browsers do not say either which page a form was sent from
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # an answer may say otherwise
    "Cache-Control": "no-store",
}


class Guard:
    """An ASGI application around another one."""

    def __init__(self, app: ASGIApp, *, names: Collection[str]) -> None:
        """`names` are host names under which it may be asked for, beside those that are always right."""
        self._app = app
        self._names = frozenset(name.lower().rstrip(".") for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request itself, or hands it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def send_guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        if not is_ours(Headers(scope=scope).getlist("host"), self._names):
            await problem(421, "this is not the host that was asked for")(scope, receive, send_guarded)
            return
        try:
            await self._app(scope, receive, send_guarded)
        except Exception:
            log.exception("request.crashed method=%s path=%s", scope["method"], scope["path"])
            if begun:
                raise
            await _broken(scope)(scope, receive, send_guarded)


def _broken(scope: Scope) -> Response:
    try:
        return answer_problem(Request(scope), 500)
    except Exception:
        # what makes pages may be what is broken
        log.exception("problem.unshown path=%s", scope["path"])
        return problem(500)


def is_ours(hosts: Collection[str], names: Collection[str]) -> bool:
    """Whether the Host fields of a request name this service.

    A page of a stranger can make a browser ask here under a name of its own that it points at our address (DNS
    rebinding), and read the answer. So a name has to be one of ours: `localhost`, one of `names`, or an address,
    which nobody can point elsewhere. Browsers always send the field; old health checks do not.
    """
    if not hosts:
        return True
    if len(hosts) > 1:
        return False
    try:
        parts = urlsplit(f"//{next(iter(hosts))}")
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.username is not None or parts.path or parts.query or parts.fragment:
        return False
    host = host.rstrip(".")
    if host == "localhost" or host.endswith(".localhost") or host in names:
        return True
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
