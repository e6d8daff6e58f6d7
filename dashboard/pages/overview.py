"""`/`: how everything stands, first of all what needs a person; a site a row below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query as Parameter
from fastapi import Request, Response
from sqlalchemy.engine import Engine

from dashboard import charts, site_views
from dashboard.charts import Area
from dashboard.context import Given
from dashboard.pages import first_run
from dashboard.site_views import SiteRow
from dashboard.templating import show
from dashboard.words import plural, sentence
from postings import wording
from storage import days, overview, site_pages
from storage.days import Day
from storage.overview import Standing, Troubled
from storage.site_pages import Place

#: days that the curve of open postings reaches back: at most, and where nothing was watched before
_CURVE, _SHORT_CURVE = 90, 14
#: sites of one page, and sites that need a person and are told of in words
_ROWS, _TROUBLES = 25, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class DayView:
    """A day of the curve."""

    on: date
    #: postings that were open at its end
    open: int
    opened: int
    closed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A site that needs a person."""

    site: str
    #: what happened, what was not closed for that, and what to do
    happened: str
    kept: str
    advice: str
    #: the address of the page to look at, and of the form that accepts what was seen; None where nothing can be
    look: str
    accept: str | None
    #: the word on the button that does
    accepting: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewView:
    """How everything stands."""

    standing: Standing
    opened_today: int
    closed_today: int
    days: tuple[DayView, ...]
    area: Area
    troubles: tuple[Trouble, ...]
    #: how many there are, told of or not
    troubled: int
    rows: tuple[SiteRow, ...]
    #: addresses of the following rows and of the first ones; None where there are no others
    following: str | None
    first: str | None
    #: what is left to do after the first start; None once nothing is
    steps: first_run.Steps | None


def show_overview(
    context: Given,
    request: Request,
    after: Annotated[str, Parameter(max_length=500)] = "",
    rank: Annotated[int, Parameter(ge=0, le=1)] = 0,
) -> Response:
    """The first page; without any site, the way to the first alert. `rank` and `after` name the row before the
    first."""
    now = context.clock()
    standing = overview.standing(context.engine, now, now + timedelta(days=7))
    if not standing.sites:
        return first_run.show_first_run(context, request)
    troubled, count = overview.troubled(context.engine, _TROUBLES)
    lines = site_pages.lines(
        context.engine,
        _ROWS + 1,
        now=now,
        since=now - site_views.RECENT,
        days_since=site_views.since_days(now),
        after=Place(rank=rank, name=after) if after else None,
    )
    curve = curve_of(_recorded(context.engine, now.date()), standing.open, now.date())
    rows = tuple(site_views.row(line, now) for line in lines[:_ROWS])
    steps = first_run.Steps(
        sites=standing.sites, visited=standing.visited, open=standing.open, outlets=standing.outlets
    )
    view = OverviewView(
        standing=standing,
        opened_today=curve[-1].opened,
        closed_today=curve[-1].closed,
        days=curve,
        area=charts.area([(day.on, day.open) for day in curve]),
        troubles=tuple(trouble_of(one) for one in troubled),
        troubled=count,
        rows=rows,
        following=_address(lines[_ROWS - 1].place) if len(lines) > _ROWS else None,
        first="/" if after else None,
        steps=None if steps.done else steps,
    )
    return show(request, "overview.html", view)


def _recorded(engine: Engine, today: date) -> list[Day]:
    # what is over does not change any more; a machine whose clock is behind may still be at yesterday
    over = today - timedelta(days=1)
    return [*_past(engine, today - timedelta(days=_CURVE - 1), over), *days.of_all(engine, over)]


@lru_cache(maxsize=2)
def _past(engine: Engine, since: date, before: date) -> tuple[Day, ...]:
    return tuple(days.of_all(engine, since, before))


def curve_of(recorded: Sequence[Day], open_now: int, today: date) -> tuple[DayView, ...]:
    """The last days, the oldest first, from what is open now and what happened on each of them: back to the first of
    these on which anything did, but at least two weeks and at most 90 days."""
    known = {day.on: day for day in recorded}
    long = max(min((today - min(known, default=today)).days + 2, _CURVE), _SHORT_CURVE)
    found = []
    # what was recorded after midnight, while this was asked, counts as of today
    opened = open_now
    for back in range(long):
        on = today - timedelta(days=back)
        day = known.get(on, Day(on=on))
        found.append(DayView(on=on, open=max(opened, 0), opened=day.opened + day.reopened, closed=day.closed))
        opened -= day.growth
    return tuple(reversed(found))


def trouble_of(one: Troubled) -> Trouble:
    """What is told of a site that needs a person."""
    site, visit, health = one.site, one.visit, one.site.health
    page = site_views.path(site.name)
    happened = wording.attention(site, visit) or "its visits are in doubt"
    accepted = health.accepted is not None
    if accepted:
        advice = "You accepted it. The next visit that agrees is believed."
    elif health.gone_visits:
        advice = "If the site is gone, accept that: its postings close. If it has moved, add its new address."
    elif health.suspects:
        advice = "Look at what is there. If the site is right, accept it: the next visit that agrees is believed."
    else:
        advice = "Look at what its visits say; it is visited again by itself."
    acceptable = bool(health.suspects or health.gone_visits) and not accepted
    return Trouble(
        site=site.name,
        happened=sentence(happened),
        kept=_kept(one, accepted=accepted),
        advice=advice,
        look=f"/visits/{visit.id}" if visit else page,
        accept=f"{page}/accept" if acceptable else None,
        accepting="It is gone" if health.gone_visits else "Accept",
    )


def _kept(one: Troubled, *, accepted: bool) -> str:
    if not one.open:
        return "None of its postings is open."
    if accepted or not one.unseen:
        return f"Nothing was closed: {plural(one.open, 'posting is', 'postings are')} open."
    return (
        f"Nothing was closed: {one.unseen:,} of {plural(one.open, 'open posting was', 'open postings were')} not seen."
    )


def _address(place: Place) -> str:
    return f"/?{urlencode({'after': place.name, 'rank': place.rank})}#sites"
