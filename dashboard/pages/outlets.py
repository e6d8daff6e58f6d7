"""`/outlets`: the places that are told, how far each is, and a new one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode

from fastapi import Request, Response

from dashboard.api.outlets import require_remote
from dashboard.context import Context, Given
from dashboard.pages.hearing import Added, Heard, Text, Wished, heard, just_added
from dashboard.templating import go_to, show
from delivery import outlets as kinds
from delivery.naming import free_name, require_name
from delivery.safe_text import one_line
from delivery.zones import local_zone
from postings.errors import NotFoundError, UsageError
from storage import outlets, standings
from storage.outlets import Outlet
from storage.standings import Standing

#: outlets of one page
_SHOWN: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """How an outlet stands; every text is clean, and no secret is in it."""

    outlet: Heard
    page: str
    #: the saved search that it hears of, and a query of its own; None if of none
    search: str | None
    only: str | None
    cursor: int
    #: events after its cursor, wanted or not, and since when there is one
    behind: int
    behind_since: datetime | None
    #: what waits until its rhythm lets it leave
    held_until: datetime | None
    #: what the receiver or the network said of the last attempt, how many there were, and when the next one is
    error: str | None
    attempts: int
    next_attempt_at: datetime | None
    #: events that were given up
    given_up: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletsView:
    """The outlets, and a new one."""

    outlets: tuple[Line, ...]
    #: where the list goes on, and where it begins; None if there is nothing, or it begins here
    following: str | None
    start: str | None
    #: the time zone that local times mean if none is named
    zone: str
    added: Added | None = None
    #: why it could not be added
    problem: str | None = None


def show_outlets(context: Given, request: Request, after: str = "") -> Response:
    """The outlets after the one named `after`."""
    return show(request, "outlets.html", _view(context, after))


def add_outlet(
    context: Given, request: Request, wished: Wished, address: Text = "", name: Text = "", search: Text = ""
) -> Response:
    """Tells a place from now on."""
    try:
        made = add(context, address=address, name=name, options=wished.options(), search=search.strip() or None)
    except (UsageError, NotFoundError) as error:
        # what is wrong with an address is said without the address: it may hold a secret
        return show(request, "outlets.html", _view(context, "", problem=one_line(error, 500)), status=400)
    if (added := just_added(made, context.clock())) is None:
        return go_to(address_of(made.name))
    return show(request, "outlets.html", _view(context, "", added=added))


def add(context: Context, *, address: str, name: str, options: dict[str, object], search: str | None = None) -> Outlet:
    """A new outlet; without a name it gets one. Raises UsageError, or NotFoundError if there is no such search."""
    require_remote(address)
    kind = kinds.kind_of(address.strip())
    if name.strip():
        called = require_name(name, "an outlet")
    else:
        called = free_name(f"{search}-{kind}" if search else kind, {one.name for one in outlets.all(context.engine)})
    return kinds.add(
        context.engine, name=called, address=address.strip(), options=options, now=context.clock(), search=search
    )


def address_of(name: str) -> str:
    """The page of an outlet."""
    return f"/outlets/{quote(name, safe='')}"


def line(standing: Standing, now: datetime) -> Line:
    """How an outlet stands, as pages show it."""
    outlet, pending = standing.outlet, standing.pending
    error = outlet.trouble or (pending.error if pending else None)
    only = outlet.options.get("only")
    return Line(
        outlet=heard(outlet, now),
        page=address_of(outlet.name),
        search=outlet.search,
        only=one_line(only, 500) if only else None,
        cursor=outlet.cursor,
        behind=standing.behind,
        behind_since=standing.behind_since,
        held_until=outlet.held_until if outlet.held_until and outlet.held_until > now else None,
        error=one_line(error, 500) if error else None,
        attempts=pending.attempts if pending else 0,
        next_attempt_at=pending.next_attempt_at if pending else None,
        given_up=standing.parked,
    )


def _view(context: Context, after: str, *, added: Added | None = None, problem: str | None = None) -> OutletsView:
    found = standings.standings(context.engine, after, _SHOWN + 1)
    now = context.clock()
    return OutletsView(
        outlets=tuple(line(one, now) for one in found[:_SHOWN]),
        following=f"/outlets?{urlencode({'after': found[_SHOWN - 1].outlet.name})}" if len(found) > _SHOWN else None,
        start="/outlets" if after else None,
        zone=local_zone(),
        added=added,
        problem=problem,
    )
