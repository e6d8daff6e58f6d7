"""`/login` and `/logout`: the one password, for browsers. Which of them are logged in is kept by `storage.access`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from dashboard.access import COOKIES, held_cookie, is_open_to_all, login, peer
from dashboard.context import Context, Given
from dashboard.entrance import within
from dashboard.templating import show
from storage import access


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginView:
    """The page that asks for the password."""

    #: where to go on to: a path of ours
    next: str
    #: there is a password to ask for
    ready: bool
    #: the one that was given is not it
    wrong: bool = False


def ask_to_log_in(context: Given, request: Request, next: str = "/") -> Response:  # noqa: A002  # as in the address
    """Shows the form, or leads on whoever is in already."""
    if is_open_to_all(request) or login(request) is not None:
        return RedirectResponse(within(next), status_code=303)
    return show(request, "login.html", LoginView(next=within(next), ready=access.has_password(context.engine)))


def log_in(
    context: Given,
    request: Request,
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002  # as in the address
) -> Response:
    """Lets a browser in that gives the password. Raises HTTPException if too many were tried."""
    now = context.clock()
    address = context.entrance.who_asks(peer(request), request.headers)
    wait = context.attempts.wait(address, now)
    if wait is not None:
        seconds = math.ceil(wait.total_seconds())
        raise HTTPException(429, f"too many tries; wait {seconds} seconds", headers={"Retry-After": str(seconds)})
    if not access.is_password(context.engine, password):
        ready = access.has_password(context.engine)
        return show(request, "login.html", LoginView(next=within(next), ready=ready, wrong=True), status=403)
    context.attempts.forgive(address)
    made = access.log_in(context.engine, request.headers.get("user-agent", ""), now, instead_of=held_cookie(request))
    answer = RedirectResponse(within(next), status_code=303)
    private = _is_private(context, request)
    answer.set_cookie(
        COOKIES[0] if private else COOKIES[1],
        made,
        max_age=int(access.IDLE.total_seconds()),
        path="/",
        secure=private,
        httponly=True,
        samesite="lax",
    )
    return answer


def log_out(context: Given, request: Request) -> Response:
    """Ends the login of this browser."""
    ended = login(request)
    if ended is not None:
        access.log_out(context.engine, ended.id)
    answer = RedirectResponse("/login", status_code=303)
    for name in COOKIES:
        answer.delete_cookie(name, path="/", secure=name == COOKIES[0], httponly=True, samesite="lax")
    return answer


def _is_private(context: Context, request: Request) -> bool:
    """Whether the browser came by https, whatever lies between: it says so in Origin."""
    origin = request.headers.get("origin") or context.entrance.public_origin or ""
    return request.url.scheme == "https" or origin.startswith("https://")
