"""`/settings`: what is set and from where, the tokens of programs, and the browsers that are logged in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Annotated

from fastapi import Form, HTTPException, Request, Response

from dashboard.access import login
from dashboard.context import Context, Given, Setting
from dashboard.templating import go_to, show
from postings.errors import UsageError
from storage import access
from storage.access import Login, Scope, Token

_DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingView:
    """A setting."""

    name: str
    value: str
    origin: str
    #: somebody has set it
    is_set: bool
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The settings that begin with the same word."""

    name: str
    settings: tuple[SettingView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """A browser that is logged in."""

    login: Login
    #: it is the one that asks
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsView:
    """What is set, and who may come in."""

    sections: tuple[Section, ...]
    #: since when a password is asked for; None if none is
    password_set_at: datetime | None
    browsers: tuple[Browser, ...]
    tokens: tuple[Token, ...]
    scopes: tuple[Scope, ...]
    #: what was just made: it is shown once, and kept nowhere
    made: str | None = None
    problem: str | None = None


def show_settings(context: Given, request: Request) -> Response:
    """What is set. Nothing can be changed here but who may come in: settings are read when the service starts."""
    return show(request, "settings.html", _view(context, request))


def add_token(
    context: Given,
    request: Request,
    name: Annotated[str, Form(max_length=200)] = "",
    scope: Annotated[Scope, Form()] = Scope.READ,
) -> Response:
    """Makes a token and shows it. Raises HTTPException if a program asks: only people let others in."""
    _require_person(request)
    try:
        made = access.create_token(context.engine, name.strip(), scope, context.clock())
    except UsageError as error:
        return show(request, "settings.html", _view(context, request, problem=str(error)), status=400)
    # not after a redirect: it could not be shown there without being kept
    return show(request, "settings.html", _view(context, request, made=made))


def revoke_token(context: Given, request: Request, name: Annotated[str, Form(max_length=200)] = "") -> Response:
    """Ends a token. Raises NotFoundError."""
    _require_person(request)
    access.revoke_token(context.engine, name)
    return go_to("/settings#access")


def end_login(context: Given, request: Request, id: Annotated[int, Form()]) -> Response:  # noqa: A002  # as in the form
    """Has a browser log in again."""
    _require_person(request)
    access.log_out(context.engine, id)
    return go_to("/settings#access")


def sections_of(settings: Sequence[Setting]) -> Iterator[Section]:
    """The settings by the word before their dot, in their order."""
    for name, ones in groupby(settings, key=lambda one: one.name.partition(".")[0]):
        yield Section(name=name, settings=tuple(_setting(one) for one in ones))


def _setting(one: Setting) -> SettingView:
    value = ", ".join(str(part) for part in one.value) if isinstance(one.value, list) else one.value
    return SettingView(
        name=one.name,
        value="–" if value in (None, "") else str(value),
        origin=one.origin,
        is_set=one.origin != _DEFAULT,
        meaning=one.meaning,
    )


def _view(context: Context, request: Request, *, made: str | None = None, problem: str | None = None) -> SettingsView:
    own = login(request)
    return SettingsView(
        sections=tuple(sections_of(context.settings)),
        password_set_at=access.password_set_at(context.engine),
        browsers=tuple(
            Browser(login=one, own=own is not None and one.id == own.id)
            for one in access.logins(context.engine, context.clock())
        ),
        tokens=tuple(access.tokens(context.engine)),
        scopes=tuple(Scope),
        made=made,
        problem=problem,
    )


def _require_person(request: Request) -> None:
    if "authorization" in request.headers:
        raise HTTPException(403, "a token lets nobody in; log in, or use `hirewatch tokens`")
