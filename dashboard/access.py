"""Who gets in. Routes are closed; those that are open to everybody stand here by name.

Every route asks `admit`, before anything else of it runs.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from fastapi import HTTPException, Request
from starlette.concurrency import run_in_threadpool

from dashboard.context import Context
from dashboard.entrance import SAFE, is_foreign
from storage import access
from storage.access import Login, Scope

#: names of the routes that anybody may ask who can reach the service, whatever is set
_HEALTH: Final = frozenset({"live", "ready", "metrics", "ask_to_unsubscribe", "unsubscribe", "asset"})
#: and of those that lead to the others
_LOGIN: Final = frozenset({"ask_to_log_in", "log_in"})
OPEN: Final = _HEALTH | _LOGIN

#: names of the routes that a token in the address opens: feed readers send no fields
FEEDS: Final = frozenset({"feed_of_all", "feed_of_site", "feed_of_search", "job_xml", "list_of_feeds"})

#: the cookie that holds a login; the first name is one that browsers take over https only, from this host only
COOKIES: Final = ("__Host-hirewatch", "hirewatch")

_SCHEME: Final = "Bearer"


async def admit(request: Request) -> None:
    """Lets a request in, or raises HTTPException: 401 or a way to the login, 403 for what it may not."""
    name = request.scope["route"].name
    context: Context = request.app.state.context
    shown = _shown_token(request)
    # a page of somebody else cannot make a browser send a token
    by_program = shown is not None and request.method not in SAFE
    if request.method not in SAFE and not by_program and is_foreign(request.headers, context.entrance.public_origin):
        raise HTTPException(403, "this was sent by a page of another site")
    if name in _HEALTH:
        return
    if context.entrance.only_health:
        raise HTTPException(403, "only health is shown here (serve.only_health)")
    if name in _LOGIN:
        return
    await run_in_threadpool(_require, request, context, name, shown)


def _require(request: Request, context: Context, name: str, shown: str | None) -> None:
    if shown is not None:
        _require_token(request, context, name, shown)
    elif not (
        login(request) is not None
        or context.entrance.is_vouched_for(peer(request), request.headers)
        or is_open_to_all(request)
    ):
        raise _refused(request, name)


def is_open_to_all(request: Request) -> bool:
    """Whether nobody has to log in: only programs of this machine can ask, and nothing was set up to tell them
    apart."""
    context: Context = request.app.state.context
    return (
        request.app.state.on_loopback
        and context.entrance.user_header is None
        and not access.has_password(context.engine)
    )


def login(request: Request) -> Login | None:
    """The login that a request belongs to; None if to none."""
    context: Context = request.app.state.context
    held = held_cookie(request)
    return access.logged_in(context.engine, held, context.clock()) if held else None


def held_cookie(request: Request) -> str | None:
    """What the cookie of a login holds."""
    return next((held for name in COOKIES if (held := request.cookies.get(name))), None)


def peer(request: Request) -> str:
    """The address at the other end of the connection."""
    return request.client.host if request.client else ""


def _shown_token(request: Request) -> str | None:
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == _SCHEME.lower():
        return shown.strip()
    return request.query_params.get("token") if request.scope["route"].name in FEEDS else None


def _require_token(request: Request, context: Context, name: str, shown: str) -> None:
    token = access.token(context.engine, shown, context.clock())
    if token is None:
        raise HTTPException(
            401, "this token opens nothing", headers={"WWW-Authenticate": f'{_SCHEME} error="invalid_token"'}
        )
    in_address = "authorization" not in request.headers
    allowed = (
        name in FEEDS
        if token.scope is Scope.FEEDS
        else not in_address and (token.scope is Scope.WRITE or request.method in SAFE)
    )
    if not allowed:
        raise HTTPException(
            403,
            f"a token for {token.scope} does not open this",
            headers={"WWW-Authenticate": f'{_SCHEME} error="insufficient_scope"'},
        )


def _refused(request: Request, name: str) -> HTTPException:
    """401, or for a person the way to the login."""
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    to_login = f"/login?{urlencode({'next': asked})}"
    if request.headers.get("hx-request") == "true":
        return HTTPException(401, "log in first", headers={"HX-Redirect": "/login"})
    if request.method in SAFE and "text/html" in request.headers.get("accept", "") and name not in FEEDS:
        return HTTPException(303, "log in first", headers={"Location": to_login})
    return HTTPException(
        401,
        "log in first, or send a token that `hirewatch tokens create` made",
        headers={"WWW-Authenticate": _SCHEME},
    )
