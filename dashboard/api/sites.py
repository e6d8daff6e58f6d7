"""`/api/v1/sites`: the sites that are watched, and when they are visited."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import quote

from fastapi import Path, Request, Response
from pydantic import Field

from dashboard.api import cursors
from dashboard.api.bodies import Asked, Asking, Page, Said, Words, answer, page_answer
from dashboard.context import Context, Given
from postings import site_names
from postings.errors import UsageError
from postings.sites import MOST_REQUESTS_A_DAY, Site
from storage import site_pages, site_settings, sites

#: its name as it stands in an address
InPath = Annotated[str, Path(description="the site's name", max_length=200, examples=["acme"])]


_SCOPE = "the part of its host that the site is: a path, like `/acme/`, or `host` for all of it"


class Schedule(Asked):
    """When a site is visited: by an interval or by a cron line; hirewatch works it out if neither is given."""

    every: Words | None = Field(
        default=None, max_length=20, description="the time between two visits, like `6h`; `auto` has it worked out"
    )
    cron: Words | None = Field(default=None, max_length=200, description="a cron line instead, like `0 7 * * 1-5`")
    zone: Words | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="the line's time zone, like `Europe/Berlin`; the service's if none",
    )


class NewSite(Schedule):
    """A site to watch."""

    url: Words = Field(min_length=1, max_length=2000, description="where its postings begin: its career page")
    name: Words | None = Field(
        default=None, max_length=64, description="what to call it; made from the address if none is given"
    )
    render: bool = Field(default=False, description="run the scripts of its pages in a browser")
    scope: Words | None = Field(default=None, max_length=2000, description=f"{_SCOPE}; the visits find out otherwise")


class ChangedSite(Schedule):
    """What is to change; what is not named stays."""

    requests_a_day: int | None = Field(
        default=None,
        ge=0,
        le=MOST_REQUESTS_A_DAY,
        description="requests a day that its visits may make; 0 for no limit",
    )
    render: bool | None = None
    scope: Words | None = Field(
        default=None, max_length=2000, description=f"{_SCOPE}, `auto` to let the visits find out"
    )


class SiteScope(Said):
    """The part of its host that a site is."""

    set: str | None = Field(description="the path that a person chose; empty for all of the host, null if none did")
    path: str | None = Field(description="the path that the visits go by; empty for all of the host, null so far")
    led: bool = Field(description="what the list pages at the path name is the site's, wherever it lies")


class SiteSource(Said):
    """Where a site's postings are found."""

    kind: str = Field(description="board, sitemap, feed, list or page")
    urls: list[str]
    reason: str = Field(description="in words, why it was chosen")


class SiteSaid(Said):
    """A site that is watched."""

    site: str = Field(description="its name")
    url: str
    every: int | None = Field(description="seconds between two visits; null if by `cron`, or worked out")
    cron: str | None
    zone: str | None
    requests_a_day: int | None
    render: bool
    scope: SiteScope
    added_at: datetime
    paused_at: datetime | None
    next_visit_at: datetime | None
    baseline_done: bool = Field(description="a visit was complete: what appears from now on is news")
    source: SiteSource | None = Field(description="null before the first visit")
    attention: str | None = Field(description="what a person has to look at")


class SitesPage(Page):
    """Sites, by name."""

    items: list[SiteSaid]


def list_sites(context: Given, request: Request, asked: Asking) -> Response:
    """The sites that are watched, by name."""
    found = sites.listed(context.engine, cursors.name_after(asked.after), asked.limit + 1)
    shown = found[: asked.limit]
    more = cursors.at_name(shown[-1].name) if len(found) > asked.limit else None
    return page_answer(request, SitesPage(items=[_said(site) for site in shown], next=more))


def one_site(context: Given, name: InPath) -> Response:
    """The site of that name."""
    return answer(_said(sites.find(context.engine, name)))


def add_site(context: Given, body: NewSite) -> Response:
    """Watches a site from now on; its first visit is due at once."""
    address = site_names.start_url(body.url)
    if body.name is not None:
        site_names.require_name(body.name)
    every, cron = _timing(context, body, None) or (None, None)
    scope = None if body.scope is None else site_names.scope_path(body.scope)
    if body.render:
        context.steering.require_browser()
    site = sites.add(
        context.engine,
        name=body.name or site_names.free_name(address, site_pages.names(context.engine)),
        start_url=address,
        every=every,
        cron=cron,
        render=body.render,
        scope=scope,
        now=context.clock(),
    )
    return answer(_said(site), status=201, headers={"Location": f"/api/v1/sites/{quote(site.name, safe='')}"})


def change_site(context: Given, name: InPath, body: ChangedSite) -> Response:
    """Changes when a site is visited, and how."""
    site, now = sites.find(context.engine, name), context.clock()
    timing = _timing(context, body, site)
    # everything that may be refused is refused before anything is changed
    first = context.steering.first(*timing[1], now) if timing and timing[1] else None
    scope = None if body.scope is None else site_names.scope_path(body.scope)
    if body.render:
        context.steering.require_browser()
    with site_settings.changing(context.engine, site.id) as change:
        if timing is not None:
            every, cron = timing
            if cron is not None and first is not None:
                change.set_cron(*cron, first=first)
            else:
                change.set_every(every, now=now)
        if body.requests_a_day is not None:
            change.set_requests_a_day(body.requests_a_day or None)
        if body.render is not None:
            change.set_render(body.render)
        if body.scope is not None:
            change.set_scope(scope)
    return answer(_said(sites.find(context.engine, site.name)))


def pause_site(context: Given, name: InPath) -> Response:
    """Stops visiting a site; what is known of it stays."""
    site = sites.find(context.engine, name)
    sites.pause(context.engine, site.id, context.clock())
    return answer(_said(sites.find(context.engine, site.name)))


def resume_site(context: Given, name: InPath) -> Response:
    """Visits a paused site again, soon."""
    site = sites.find(context.engine, name)
    sites.resume(context.engine, site.id, context.clock())
    return answer(_said(sites.find(context.engine, site.name)))


def visit_site(context: Given, name: InPath) -> Response:
    """Makes the next visit due at once; `visits` of the site shows it when it has begun."""
    site = sites.find(context.engine, name)
    if site.paused_at is not None:
        raise UsageError("is paused", subject=site.name, remedy="resume it first: that visits it too")
    sites.request_visit(context.engine, site.id, context.clock())
    return answer(_said(sites.find(context.engine, site.name)), status=202)


def remove_site(context: Given, name: InPath) -> Response:
    """Watches a site no more; its postings and events stay."""
    site = sites.find(context.engine, name)
    sites.remove(context.engine, site.id, context.clock())
    return Response(status_code=204)


def _timing(
    context: Context, asked: Schedule, known: Site | None
) -> tuple[timedelta | None, tuple[str, str] | None] | None:
    """Interval, or line and zone, as asked for; None if nothing is. A zone alone moves the line of the `known` site."""
    line = asked.cron
    if asked.every is not None and (line is not None or asked.zone is not None):
        raise UsageError("a site has one cadence: every and cron exclude each other", remedy="leave one of the two out")
    if asked.every is not None:
        return context.steering.interval(asked.every), None
    if line is None and asked.zone is not None:
        if known is None or known.cron is None:
            raise UsageError("is the zone of a cron line, and there is none", subject="zone", remedy="give cron too")
        line = known.cron
    if line is None:
        return None
    cron = " ".join(line.split()), asked.zone or (known.zone if known else None) or context.steering.local_zone()
    context.steering.first(*cron, context.clock())
    return None, cron


def _said(site: Site) -> SiteSaid:
    source = site.source
    return SiteSaid(
        site=site.name,
        url=site.start_url,
        every=round(site.every.total_seconds()) if site.every else None,
        cron=site.cron,
        zone=site.zone,
        requests_a_day=site.requests_a_day,
        render=site.render,
        scope=SiteScope(
            set=site.scope, path=source.scope if source else None, led=source.led if source is not None else False
        ),
        added_at=site.added_at,
        paused_at=site.paused_at,
        next_visit_at=site.next_visit_at,
        baseline_done=site.baseline_done,
        source=None if source is None else SiteSource(kind=source.kind, urls=list(source.urls), reason=source.reason),
        attention=site.health.attention,
    )
