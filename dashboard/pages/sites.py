"""`/sites`: the sites that are watched, those that need a person first, and a form to add one."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import Form, Request, Response
from fastapi import Query as Parameter
from fastapi.responses import StreamingResponse

from dashboard import site_views
from dashboard.context import Context, Given
from dashboard.site_views import SiteRow
from dashboard.templating import go_to, show, wanted
from dashboard.words import sentence
from delivery.formats import cell
from postings.errors import NotFoundError, UsageError
from postings.record import instant
from postings.site_names import free_name, require_name, start_url
from storage import site_pages, sites
from storage.site_pages import Place

#: sites of one page, and of one piece of a CSV file
_SHOWN: Final = 25
_PIECE: Final = 200

_COLUMNS: Final = (
    "name", "url", "state", "needs", "open", "opened_7_days", "closed_7_days", "last_visit_at", "last_visit", "every",
    "next_visit_at", "fresh_p50_seconds", "fresh_p95_seconds",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSite:
    """The form that adds a site: what was typed, and what is wrong with it, by field."""

    url: str = ""
    name: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    #: the page of the site that has this address already
    known: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SitesView:
    """A page of the list."""

    q: str
    sites: tuple[SiteRow, ...]
    #: sites that fit, and how many of them need a person
    total: int
    needing: int
    #: of the next page, and of the first one if this is another
    following: str | None
    first: str | None
    new: NewSite


def list_sites(
    context: Given,
    request: Request,
    q: Annotated[str, Parameter(max_length=200)] = "",
    after: Annotated[str, Parameter(max_length=200)] = "",
) -> Response:
    """The watched sites with `q` in name or address; also as JSON and CSV."""
    if wanted(request) == "csv":
        return _csv(context, q)
    return show(request, "sites.html", _view(context, q, after, NewSite()))


def add_site(
    context: Given,
    request: Request,
    url: Annotated[str, Form(max_length=4000)] = "",
    name: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Watches a site from now on and leads to it; its first visit is due at once."""
    typed = NewSite(url=url, name=name.strip())
    errors, known = dict[str, str](), None
    address = ""
    try:
        address = start_url(url)
    except UsageError as error:
        errors["url"] = f"This {error.problem}: {error.remedy}."
    if typed.name:
        try:
            require_name(typed.name)
        except UsageError as error:
            errors["name"] = sentence(error.problem)
    if not errors:
        try:
            chosen = typed.name or free_name(address, site_pages.names(context.engine))
            site = sites.add(context.engine, name=chosen, start_url=address, every=None, now=context.clock())
            return go_to(site_views.path(site.name))
        except UsageError as error:
            known = _path_of(context, address)
            if known is None:
                errors["name"] = "Another site has this name."
            else:
                errors["url"] = f"This address {error.problem.replace('`', '')}."
    new = NewSite(url=url, name=typed.name, errors=errors, known=known)
    return show(request, "sites.html", _view(context, "", "", new), status=422)


def _path_of(context: Context, address: str) -> str | None:
    try:
        return site_views.path(sites.find(context.engine, address).name)
    except NotFoundError:
        return None


def _view(context: Context, q: str, after: str, new: NewSite) -> SitesView:
    now, text = context.clock(), q.strip()
    found = _lines(context, now, text, _place(after), _SHOWN + 1)
    total, needing = site_pages.total(context.engine, text)
    more = len(found) > _SHOWN
    shown = found[:_SHOWN]
    asked = {"q": text} if text else {}
    following = f"/sites?{urlencode(asked | {'after': _written(shown[-1].place)})}" if more else None
    return SitesView(
        q=text,
        sites=tuple(site_views.row(line, now) for line in shown),
        total=total,
        needing=needing,
        following=following,
        first=f"/sites{'?' + urlencode(asked) if asked else ''}" if after else None,
        new=new,
    )


def _lines(context: Context, now: datetime, text: str, after: Place | None, limit: int) -> list[site_pages.Line]:
    return site_pages.lines(
        context.engine,
        limit,
        now=now,
        since=now - site_views.RECENT,
        days_since=site_views.since_days(now),
        text=text,
        after=after,
    )


def _written(place: Place) -> str:
    return f"{place.rank}{place.name}"


def _place(written: str) -> Place | None:
    """The way back; what was not written by us begins at the start."""
    if written[:1] not in {"0", "1"}:
        return None
    return Place(rank=int(written[0]), name=written[1:])


def _csv(context: Context, q: str) -> Response:
    """The whole list, however long, as it is read."""
    now = context.clock()

    def pieces() -> Iterator[str]:
        yield _csv_lines([_COLUMNS])
        after: Place | None = None
        while found := _lines(context, now, q.strip(), after, _PIECE):
            yield _csv_lines(map(cell, _values(site_views.row(line, now))) for line in found)
            after = found[-1].place

    headers = {"Content-Disposition": 'attachment; filename="sites.csv"'}
    return StreamingResponse(pieces(), media_type="text/csv; charset=utf-8", headers=headers)


def _csv_lines(rows: Iterable[Iterable[Any]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(map(list, rows))
    return out.getvalue()


def _values(row: SiteRow) -> Iterator[Any]:
    fresh = row.fresh
    yield from (row.name, row.url, row.state.words, row.needs, row.open, row.opened, row.closed)
    yield row.last_visit_at and instant(row.last_visit_at)
    yield row.outcome and str(row.outcome)
    yield row.every
    yield row.next_visit_at and instant(row.next_visit_at)
    yield from (fresh.p50.total_seconds(), fresh.p95.total_seconds()) if fresh else (None, None)
