"""`/postings`: what a query finds, while somebody types it; with facets that make it narrower. As CSV and JSON too."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final
from urllib.parse import quote, urlencode

from fastapi import Query as Parameter
from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from dashboard.api import cursors
from dashboard.context import Context, Given
from dashboard.templating import show, wanted
from delivery import formats
from delivery.safe_text import one_line
from postings import cleaning, wording
from postings.query import Query, QueryError, parse
from postings.query.narrowing import narrowed, term, terms, without
from postings.record import instant
from storage import facets as stored_facets
from storage import paging
from storage.facets import Facets
from storage.paging import LOOKED_AT, Place
from storage.postings import StoredPosting

#: postings of one page
SHOWN: Final = 50

#: characters of a cell
_LONGEST: Final = 160

_OPEN, _CLOSED, _ALL = "is:open", "is:closed", "(is:open OR is:closed)"
#: links of each facet
_MOST_OPTIONS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A posting in a line; every text is clean."""

    id: str
    address: str
    title: str
    employer: str
    places: str
    pay: str
    site: str
    state: str
    first_seen: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One value of a facet: a link that asks for it too, or no longer."""

    label: str
    #: how many of the sample have it; None where that is not counted
    count: int | None
    address: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """What a query can be narrowed by."""

    name: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a query cannot be read, and where: the text before the fault, at it and behind it."""

    words: str
    before: str
    at: str
    behind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A part of the list."""

    rows: tuple[Row, ...]
    #: where the list goes on; None at its end
    following: str | None
    #: how far back has been looked, where the part ends before it is full
    looked_back_to: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingsView:
    """What a query finds."""

    query: str
    in_words: str
    problem: Problem | None
    #: how many there are: "1 posting", "10,000+ postings"; empty where that was not asked
    count: str
    list: Rows
    #: the beginning of the list; None where it begins here
    start: str | None
    facets: tuple[Facet, ...]
    #: how many of the newest matches the facets count
    sample: int
    #: the terms of the query, each with the address without it
    terms: tuple[tuple[str, str], ...]
    csv: str
    json: str
    feed: str


def show_postings(
    context: Given,
    request: Request,
    q: str = "",
    after: str | None = None,
    shown: Annotated[int, Parameter(ge=0, lt=SHOWN)] = 0,
) -> Response:
    """The postings that `q` finds after the place `after`, less those that are `shown` already on the same page."""
    form = wanted(request)
    try:
        query = parse(q)
    except QueryError as error:
        if form != "html":
            raise
        return show(request, "postings.html", _unread(q, error))
    if form == "csv":
        return _as_csv(context, query)
    place = _place(after)
    now = context.clock()
    if place is not None:
        page = paging.page(context.engine, query, now, limit=SHOWN - shown, after=place, looked_at=LOOKED_AT)
        if form == "json":
            return _as_json(query, page, None)
        return show(request, "postings.html", _view(query, _rows(query, page, shown), start=_address(q)))
    found = paging.first(context.engine, query, now, limit=SHOWN, looked_at=LOOKED_AT)
    if form == "json":
        return _as_json(query, found.page, found)
    facets = stored_facets.facets(context.engine, found.sample, most=_MOST_OPTIONS)
    return show(
        request,
        "postings.html",
        _view(query, _rows(query, found.page, 0), count=_counted(found), facets=facets, start=None),
    )


# -- the list


def row(stored: StoredPosting) -> Row:
    """A posting as a line shows it."""
    record = stored.record
    closed_at = record["closed_at"]
    return Row(
        id=stored.id,
        address=f"/postings/{quote(stored.id, safe='')}",
        title=one_line(record["title"] or "", _LONGEST) or "(no title)",
        employer=one_line(wording.employer(record), _LONGEST),
        places=one_line(wording.places(record), _LONGEST),
        pay=one_line(wording.pay(record), _LONGEST),
        site=one_line(stored.site, _LONGEST),
        state=record["state"],
        first_seen=datetime.fromisoformat(record["first_seen"]),
        closed_at=datetime.fromisoformat(closed_at) if closed_at else None,
    )


def _rows(query: Query, page: paging.Page, shown: int) -> Rows:
    rows = tuple(row(stored) for stored in page.postings)
    following = None
    if page.next is not None:
        # the page goes on filling where looking for its rows took too long
        part = {"shown": shown + len(rows)} if page.looked_back_to is not None else {}
        following = _address(query.text, after=_cursor(page.next), **part)
    return Rows(rows=rows, following=following, looked_back_to=page.looked_back_to)


def _counted(found: paging.Found) -> str:
    if found.more:
        return f"{found.count:,}+ postings" if found.count else "nothing so far"
    return "1 posting" if found.count == 1 else f"{found.count:,} postings"


def _cursor(place: Place) -> str:
    return cursors.at_time(place.first_seen, place.id or "")


def _place(cursor: str | None) -> Place | None:
    found = cursors.time_after(cursor)
    return None if found is None else Place(first_seen=found[0], id=found[1] or None)


def _address(q: str, **more: Any) -> str:
    asked = ({"q": q} if q else {}) | more
    return f"/postings?{urlencode(asked)}" if asked else "/postings"


# -- the view


def _view(
    query: Query, rows: Rows, *, start: str | None, count: str = "", facets: Facets | None = None
) -> PostingsView:
    asked = f"?{urlencode({'q': query.text})}" if query.text else ""
    return PostingsView(
        query=query.text,
        in_words=one_line(query.in_words(), 1000) + ("" if query.asks_state else ", open"),
        problem=None,
        count=count,
        list=rows,
        start=start,
        facets=tuple(_facets(query, facets)) if facets is not None else (),
        sample=facets.of if facets is not None else 0,
        terms=tuple((one_line(text, 100), _address(without(query, text))) for text in terms(query)),
        csv=f"/postings.csv{asked}",
        json=f"/postings.json{asked}",
        feed=f"/feeds/all.atom{asked}",
    )


def _unread(q: str, error: QueryError) -> PostingsView:
    at = error.column - 1
    start = max(at - 60, 0)
    return PostingsView(
        query=q,
        in_words="",
        problem=Problem(
            words=one_line(error, 500),
            before=cleaning.clean(q[start:at], keep_lines=True),
            at=cleaning.clean(q[at : at + 1], keep_lines=True) or " ",
            behind=cleaning.clean(q[at + 1 : at + 61], keep_lines=True),
        ),
        count="",
        list=Rows(rows=(), following=None, looked_back_to=None),
        start=None,
        facets=(),
        sample=0,
        terms=(),
        csv="",
        json="",
        feed="",
    )


def _facets(query: Query, found: Facets) -> Iterator[Facet]:
    asked = {text.casefold() for text in terms(query)}

    def options(field: str, values: Mapping[str, tuple[str, int]]) -> tuple[Option, ...]:
        """`values`: what is typed, what is read and how many there are."""
        made = []
        for value, (label, count) in values.items():
            wanted_term = term(field, value)
            if wanted_term is not None:
                chosen = wanted_term.casefold() in asked
                address = _address(without(query, wanted_term) if chosen else narrowed(query, wanted_term))
                made.append(Option(label=one_line(label, 60), count=count, address=address, chosen=chosen))
        return tuple(made)

    yield Facet(name="State", options=tuple(_states(query)))
    for name, field, values in (
        ("Site", "site", {value: (value, count) for value, count in found.site}),
        ("Location", "location", {value: (value, count) for value, count in found.location}),
        ("Employment", "type", {_typed(value): (_said(value), count) for value, count in found.type}),
        ("Remote", "remote", {_yes(value): (_yes(value), count) for value, count in found.remote}),
    ):
        made = options(field, values)
        if made:
            yield Facet(name=name, options=made)


def _states(query: Query) -> Iterator[Option]:
    """Open, closed or both: each takes the place of the others."""
    asked = {text.casefold() for text in terms(query)}
    free = query
    for one in (_OPEN, _CLOSED, _ALL):
        free = parse(without(free, one))
    for label, text in (("open", _OPEN), ("closed", _CLOSED), ("both", _ALL)):
        chosen = text.casefold() in asked or (text == _OPEN and not query.asks_state)
        address = _address(free.text if text == _OPEN else narrowed(free, text))
        yield Option(label=label, count=None, address=address, chosen=chosen)


def _typed(name: str) -> str:
    return name.replace("_", "").lower()


def _said(name: str) -> str:
    return name.replace("_", " ").lower()


def _yes(value: bool) -> str:
    return "yes" if value else "no"


# -- other forms


def _as_json(query: Query, page: paging.Page, found: paging.Found | None) -> Response:
    """`count` stands on the first page only; `counted` says whether it is all of them."""
    following = page.next
    body = {
        "query": query.text,
        "in_words": query.in_words(),
        **({"count": found.count, "counted": not found.more} if found is not None else {}),
        "items": [stored.record for stored in page.postings],
        "looked_back_to": instant(page.looked_back_to) if page.looked_back_to else None,
        "next": None if following is None else _cursor(following),
    }
    return Response(json.dumps(body, ensure_ascii=False), media_type="application/json")


def _as_csv(context: Context, query: Query) -> Response:
    """Everything that the query finds, as it is read."""

    def pieces() -> Iterator[bytes]:
        encoder = formats.encoder("csv", formats.POSTINGS)
        for stored in paging.walk(context.engine, query, context.clock()):
            yield encoder.add([stored.record])
        yield encoder.finish()

    headers = {"Content-Disposition": 'attachment; filename="postings.csv"'}
    return StreamingResponse(pieces(), media_type="text/csv; charset=utf-8", headers=headers)
