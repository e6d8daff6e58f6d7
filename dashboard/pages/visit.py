"""`/sites/NAME/visits/ID`: one visit, from its beginning to its end, with what it met and what it recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from fastapi import Query as Parameter
from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from dashboard import site_views
from dashboard.context import Context, Given
from dashboard.templating import show
from postings import urls, wording
from postings.causes import Cause, causes
from postings.cleaning import clean
from postings.errors import NotFoundError
from postings.visits import VisitSummary
from storage import events as log
from storage import site_pages, sites, visits
from storage.site_pages import Spread, Told

_EVENTS: Final = 50
#: characters of a robots.txt that are shown
_ROBOTS: Final = 4000

#: what came of requests, in words
_ANSWERS: Final = {
    "2xx": "answered", "3xx": "led elsewhere", "4xx": "refused, or nothing there", "5xx": "failed on the site's side",
    "none": "not answered at all", "script": "asked by the scripts of pages",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that happened in a visit, in its order."""

    at: datetime
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots:
    """The robots.txt that visits to a site go by, as it is kept now."""

    address: str
    status: int | None
    fetched_at: datetime
    #: its beginning
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitView:
    """A visit."""

    site: str
    site_path: str
    path: str
    visit: VisitSummary
    #: it has no end yet: it runs, or its process died in it
    outcome: str
    #: from its beginning to its end
    steps: tuple[Step, ...]
    #: requests by what came of them: how many, and the words for it
    answers: tuple[tuple[str, int, str], ...]
    causes: tuple[Cause, ...]
    #: events by type
    counts: Mapping[str, int]
    events: tuple[Told, ...]
    following: str | None
    first: str | None
    robots: Robots | None


def show_visit(
    context: Given,
    request: Request,
    name: str,
    visit_id: str,
    after: Annotated[int, Parameter(ge=0, le=log.HIGHEST)] = 0,
) -> Response:
    """The visit, with its events after number `after`. Raises NotFoundError."""
    visit = visits.find(context.engine, visit_id)
    if visit.site != name:
        raise NotFoundError("there is no visit of this id on this site", subject=visit_id)
    path = f"{site_views.path(visit.site)}/visits/{visit.id}"
    spread = site_pages.spread(context.engine, visit.id)
    told = site_pages.told(context.engine, visit.id, after, _EVENTS + 1)
    more = len(told) > _EVENTS
    view = VisitView(
        site=visit.site,
        site_path=site_views.path(visit.site),
        path=path,
        visit=visit,
        outcome=wording.outcome(visit, context.clock()),
        steps=tuple(_steps(visit, spread)),
        answers=tuple((kind, count, _ANSWERS.get(kind, "")) for kind, count in sorted(visit.answers.items()) if count),
        causes=causes([visit]),
        counts=spread.counts,
        events=tuple(told[:_EVENTS]),
        following=f"{path}?after={told[_EVENTS - 1].number}#events" if more else None,
        first=f"{path}#events" if after else None,
        robots=_robots(context, visit),
    )
    return show(request, "visit.html", view)


def find_visit(context: Given, visit_id: str) -> Response:
    """`/visits/ID`: leads to the page of that visit. Raises NotFoundError."""
    visit = visits.find(context.engine, visit_id)
    return RedirectResponse(f"{site_views.path(visit.site)}/visits/{visit.id}", status_code=307)


def _steps(visit: VisitSummary, spread: Spread) -> Iterator[Step]:
    first = ": what it finds was there before anyone watched" if visit.baseline else ""
    yield Step(at=visit.started_at, words=f"began{first}")
    if spread.first_at is not None and spread.last_at is not None:
        counted = ", ".join(f"{count:,} {kind}" for kind, count in sorted(spread.counts.items()))
        if spread.first_at == spread.last_at:
            yield Step(at=spread.first_at, words=f"recorded {counted}")
        else:
            yield Step(at=spread.first_at, words="recorded its first event")
            yield Step(at=spread.last_at, words=f"recorded its last event: {counted} in all")
    if visit.ended_at is not None:
        why = f": {visit.reason}" if visit.reason else ""
        yield Step(at=visit.ended_at, words=f"ended {visit.outcome}{why}")


def _robots(context: Context, visit: VisitSummary) -> Robots | None:
    try:
        site = sites.find(context.engine, visit.site)
    except NotFoundError:
        # it is watched no longer
        return None
    origin = urls.origin(site.start_url)
    kept = site_pages.robots_answer(context.engine, origin)
    if kept is None:
        return None
    text = clean(kept.body[: _ROBOTS * 4].decode("utf-8", "replace"), keep_lines=True)
    return Robots(
        address=f"{origin}/robots.txt", status=kept.status, fetched_at=kept.fetched_at, text=text[:_ROBOTS].strip()
    )
