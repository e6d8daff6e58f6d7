"""`/sites/NAME`: how a site stands, what is believed of it and why, and its visits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Query as Parameter
from fastapi import Request, Response

from dashboard import charts, site_views
from dashboard.context import Context, Given
from dashboard.pages.site_forms import Belief, Schedule, belief_of, schedule_of
from dashboard.site_views import State
from dashboard.templating import show
from postings import site_words, wording
from postings.causes import Cause, causes
from postings.site_words import Fact
from postings.sites import Site
from postings.visits import VisitSummary
from storage import acceptance, budget, hosts, postings, site_pages, sites, visits
from storage.acceptance import HeldBack
from storage.freshness import Freshness
from storage.site_pages import Line

#: visits of a table, and those that causes and the curve of what was listed are taken from
_VISITS: Final = 20
_LOOKED_AT: Final = 60
#: open postings up to which the figures behind trust are worked out unasked: they are read from each of them
_FEW: Final = 100
#: postings, the last found, that they are worked out from where they are asked for
MEASURED: Final = 100
#: postings that are named of those that were held back
_EXAMPLES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A visit that runs."""

    visit: str
    started_at: datetime
    #: open postings that it has seen, and those that were open before
    seen: int
    open: int
    opened: int
    changed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """What moves while a site is visited."""

    #: of the site's page
    path: str
    state: State
    #: "idle", "due" or "running"
    phase: str
    paused: bool
    #: why a visit that is due has not begun; None if nothing is known to hold it up
    waits: str | None
    progress: Progress | None
    open: int
    opened: int
    closed: int
    last_visit_at: datetime | None
    next_visit_at: datetime | None
    visits: tuple[VisitSummary, ...]
    #: of the older visits, and of the newest ones if these are not
    following: str | None
    first: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What was held back, because it is not believable."""

    suspicion: str
    since: datetime
    visit: str
    accepted_at: datetime | None
    whole_site: bool
    #: open postings that were not found, and some of them as (id, title)
    count: int
    examples: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteView:
    """A site."""

    name: str
    url: str
    path: str
    added_at: datetime
    #: why a person has to look
    needs: str | None
    live: Live
    closed_ever: int
    #: open postings that are missing: they close if another look confirms it
    missing: int
    cadence: str
    fresh: Freshness | None
    days: tuple[charts.Day, ...]
    #: what each of the last visits listed, the newest last
    listed: tuple[int, ...]
    facts: tuple[Fact, ...]
    #: the figures behind trust are among them
    figures: bool
    #: how many postings they are worked out from, where those are not all; None where they are
    measured: int | None
    held: Held | None
    #: a person's word that counts while visits agree with it
    accepted_at: datetime | None
    causes: tuple[Cause, ...]
    schedule: Schedule
    belief: Belief
    #: what was asked for and cannot be done
    refused: str | None = None

    @property
    def strip(self) -> charts.Strip:
        """Its days as they are drawn."""
        return charts.strip(self.days)

    @property
    def spark(self) -> charts.Spark | None:
        """What was listed, as it is drawn."""
        return charts.spark(self.listed) if len(self.listed) > 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _LiveOnly:
    """What is asked for each second while a visit runs."""

    live: Live


#: of the site, as it stands in the address
Name = str


def show_site(
    context: Given,
    request: Request,
    name: Name,
    before: Annotated[str, Parameter(max_length=100)] = "",
    figures: bool = False,
) -> Response:
    """The site; only what moves, where htmx asks for the part of that name. `before`: visits older than that one."""
    site = sites.find(context.engine, name)
    if request.headers.get("hx-request") == "true" and request.headers.get("hx-target", "").endswith("#live"):
        now = context.clock()
        live = _live(context, site, _line(context, site, now), now, before)
        # once it has ended, everything else on the page has changed too
        ended = {"HX-Refresh": "true"} if live.phase == "idle" else {}
        return show(request, "site.html", _LiveOnly(live=live), headers=ended)
    return show(request, "site.html", view_of(context, site, before=before, figures=figures))


def view_of(
    context: Context,
    site: Site,
    *,
    before: str = "",
    figures: bool = False,
    schedule: Schedule | None = None,
    belief: Belief | None = None,
) -> SiteView:
    """The page of a site, with a form as it was typed where that cannot be. `figures`: with those behind trust.

    Raises NotFoundError where `before` is no visit.
    """
    engine, now = context.engine, context.clock()
    line = _line(context, site, now)
    figures = figures or line.open <= _FEW
    measured = postings.measured(engine, site.id, newest=MEASURED) if figures else None
    recent = visits.recent(engine, site.id, _LOOKED_AT)
    return SiteView(
        name=site.name,
        url=site.start_url,
        path=site_views.path(site.name),
        added_at=site.added_at,
        needs=wording.attention(site, line.visit),
        live=_live(context, site, line, now, before),
        closed_ever=postings.count(engine, state="closed", site_id=site.id),
        missing=postings.missing(engine, site.id),
        cadence=context.steering.in_words(site, house=budget.current(engine), now=now),
        fresh=line.fresh,
        days=site_views.days(line.days, now),
        listed=tuple(one.listed for one in reversed(recent) if one.outcome is not None),
        facts=site_words.facts(site, measured),
        figures=figures,
        measured=MEASURED if figures and line.open > MEASURED else None,
        held=_held(acceptance.held_back(engine, site.id, most=_EXAMPLES)),
        accepted_at=site.health.accepted.at if site.health.accepted else None,
        causes=causes(recent[:_VISITS]),
        schedule=schedule or schedule_of(context, site),
        belief=belief or belief_of(site),
    )


def _line(context: Context, site: Site, now: datetime) -> Line:
    return site_pages.line(
        context.engine, site.id, now=now, since=now - site_views.RECENT, days_since=site_views.since_days(now)
    )


def _live(context: Context, site: Site, line: Line, now: datetime, before: str) -> Live:
    path, visit = site_views.path(site.name), line.visit
    shown = visits.recent(context.engine, site.id, _VISITS + 1, before=_place(context, before))
    due = site.paused_at is None and site.next_visit_at is not None and site.next_visit_at <= now
    phase = "running" if line.running else "due" if due else "idle"
    progress = None
    if line.running and visit is not None and visit.ended_at is None:
        running = site_pages.running(context.engine, visit, site.id)
        progress = Progress(
            visit=visit.id,
            started_at=visit.started_at,
            seen=running.seen,
            open=line.open,
            opened=running.events.get("opened", 0) + running.events.get("reopened", 0),
            changed=running.events.get("changed", 0),
        )
    more = len(shown) > _VISITS
    return Live(
        path=path,
        state=site_views.state(line, now),
        phase=phase,
        paused=site.paused_at is not None,
        waits=_waits(context, site, now) if phase == "due" else None,
        progress=progress,
        open=line.open,
        opened=line.opened,
        closed=line.closed,
        last_visit_at=visit.started_at if visit else None,
        next_visit_at=site.next_visit_at,
        visits=tuple(shown[:_VISITS]),
        following=f"{path}?{urlencode({'before': shown[_VISITS - 1].id})}#visits" if more else None,
        first=f"{path}#visits" if before else None,
    )


def _place(context: Context, before: str) -> tuple[datetime, str] | None:
    """When the visit of that id began, and its id. Raises NotFoundError."""
    return (visits.find(context.engine, before).started_at, before) if before else None


def _waits(context: Context, site: Site, now: datetime) -> str | None:
    other = site_pages.host_is_visited(context.engine, site, now)
    if other is not None:
        return f"{other} is being visited, which is on the same host"
    rests = hosts.resting(context.engine, now).get(site.host_key)
    if rests is not None and rests.rests_until is not None:
        return (
            f"its host is left alone for another {wording.span(rests.rests_until - now)}: {rests.reason or 'it failed'}"
        )
    return None


def _held(held: HeldBack | None) -> Held | None:
    if held is None:
        return None
    return Held(
        suspicion=held.suspicion,
        since=held.since,
        visit=held.visit.id,
        accepted_at=held.accepted_at,
        whole_site=held.whole_site,
        count=held.count,
        examples=tuple((one.id, wording.title(one.record)) for one in held.postings),
    )
