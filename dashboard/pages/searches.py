"""`/searches`: questions that are kept, what they find, and the editor that shows it while somebody types."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode

from fastapi import Request, Response

from dashboard.charts import Bars, bars
from dashboard.context import Context, Given
from dashboard.pages.hearing import Heard, Text, heard
from dashboard.templating import go_to, show, wanted
from delivery import posting_words
from delivery.naming import require_name
from delivery.preview import near_misses
from delivery.safe_text import one_line
from postings.errors import UsageError
from postings.query import GRAMMAR, Query, parse
from postings.query.narrowing import terms
from storage import paging, searches
from storage.searches import Search

#: searches of one page, and examples of a preview
_SHOWN: Final = 10
_EXAMPLES: Final = 20
#: postings among which a preview looks for near misses while somebody types
_LOOKED_AT: Final = 300
#: postings that a preview looks at
_TRIED: Final = 1_000
#: postings, and openings, that are looked at for the figures of one search
_COUNTED: Final = 600
#: weeks of the bars
_WEEKS: Final = 8
#: seconds that a page spends on figures; what is left is asked for row by row
_BUDGET: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A posting in a line; every text is clean."""

    id: str
    title: str
    facts: tuple[str, ...]
    first_seen: datetime
    #: the term that keeps it out, as it was typed; None if it matches
    term: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A query, and what it would find."""

    query: str
    in_words: str
    #: why it cannot be read
    problem: str | None
    #: postings that match now, as far as they were counted, and whether there may be more
    matches: int = 0
    more: bool = False
    newest: tuple[Example, ...] = ()
    misses: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a search finds, in numbers."""

    #: postings that match now, as far as they were counted, and whether there may be more
    matches: int
    more: bool
    #: openings a week, the oldest first
    weeks: tuple[tuple[str, int], ...]
    #: one of so many openings was looked at, and stands for the others; 1 = all were
    one_of: int
    chart: Bars


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A saved search."""

    name: str
    address: str
    query: str
    in_words: str
    problem: str | None
    #: None if it is still to be asked for, or the query cannot be read
    figures: Figures | None
    outlets: tuple[Heard, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchesView:
    """The saved searches, and a new one."""

    searches: tuple[Kept, ...]
    #: where the list goes on, and where it begins; None if there is nothing, or it begins here
    following: str | None
    start: str | None
    #: what was typed of a new one
    name: str
    trial: Trial
    #: why it could not be kept
    problem: str | None = None


def show_searches(context: Given, request: Request, after: str = "", q: str = "", name: str = "") -> Response:
    """The list after the search named `after`; `q` and `name` are what was typed of a new one."""
    view = _view(context, after=after, name=name, trial=try_out(context, q))
    return show(request, "searches.html", view, status=400 if view.trial.problem and wanted(request) == "json" else 200)


def add_search(context: Given, request: Request, name: Text = "", q: Text = "") -> Response:
    """Keeps a question, and leads to its page."""
    try:
        query = parse(q)
        kept = searches.add(
            context.engine, name=require_name(name, "a search"), query=query.text, grammar=GRAMMAR, now=context.clock()
        )
    except UsageError as error:
        view = _view(context, after="", name=name, trial=try_out(context, q), problem=one_line(error, 500))
        return show(request, "searches.html", view, status=400)
    return go_to(address_of(kept.name))


def address_of(name: str) -> str:
    """The page of a saved search."""
    return f"/searches/{quote(name, safe='')}"


def try_out(context: Context, text: str) -> Trial:
    """What a query would find; a blank one is not asked."""
    try:
        query = parse(text)
    except UsageError as error:
        return Trial(query=text, in_words="", problem=one_line(error, 500))
    if query.tree is None:
        return Trial(query=text, in_words="", problem=None)
    now = context.clock()
    found = paging.first(context.engine, query, now, limit=_EXAMPLES, looked_at=_TRIED)
    # one term alone misses everything that it does not find
    several = len(terms(query)) > 1
    misses = near_misses(context.engine, query, now, shown=_EXAMPLES, looked_at=_LOOKED_AT) if several else ()
    return Trial(
        query=text,
        in_words=one_line(query.in_words(), 1000),
        problem=None,
        matches=found.count,
        more=found.more,
        newest=tuple(_example(posting.record) for posting in found.page.postings),
        misses=tuple(_example(miss.record, miss.term) for miss in misses),
    )


def kept_search(context: Context, search: Search, outlets: tuple[Heard, ...], *, figures: bool) -> Kept:
    """A saved search as pages show it; one that cannot be read any more hides no other."""
    query, problem = None, None
    try:
        query = parse(search.query)
    except UsageError as error:
        problem = one_line(error, 500)
    return Kept(
        name=search.name,
        address=address_of(search.name),
        query=search.query,
        in_words=one_line(query.in_words(), 1000) if query else "",
        problem=problem,
        figures=figures_of(context, query) if query and figures else None,
        outlets=outlets,
    )


def figures_of(context: Context, query: Query) -> Figures:
    """How many postings a query finds now, and how many of them opened in each of the last weeks."""
    now = context.clock()
    found = paging.first(context.engine, query, now, limit=1, looked_at=_COUNTED)
    moments = [now - timedelta(weeks=weeks) for weeks in range(_WEEKS, -1, -1)]
    opened = searches.opened_in(context.engine, query, moments, now, looked_at=_COUNTED)
    weeks = tuple(
        (f"{first:%d %b} to {end:%d %b}", count)
        for first, end, count in zip(moments, moments[1:], opened.counts, strict=False)
    )
    return Figures(
        matches=found.count,
        more=found.more,
        weeks=weeks,
        one_of=opened.one_of,
        chart=bars(weeks, height=40.0),
    )


def _view(context: Context, *, after: str, name: str, trial: Trial, problem: str | None = None) -> SearchesView:
    found = searches.listed(context.engine, after, _SHOWN + 1)
    shown = found[:_SHOWN]
    hearing = searches.heard_by(context.engine, [search.id for search in shown])
    now, until = context.clock(), time.monotonic() + _BUDGET
    return SearchesView(
        searches=tuple(
            kept_search(
                context,
                search,
                tuple(heard(outlet, now) for outlet in hearing.get(search.id, ())),
                figures=time.monotonic() < until,
            )
            for search in shown
        ),
        following=f"/searches?{urlencode({'after': shown[-1].name})}" if len(found) > _SHOWN else None,
        start="/searches" if after else None,
        name=name,
        trial=trial,
        problem=problem,
    )


def _example(record: Mapping[str, Any], term: str | None = None) -> Example:
    return Example(
        id=record["id"],
        title=one_line(record["title"] or "", 120) or "(no title)",
        facts=posting_words.facts(record),
        first_seen=datetime.fromisoformat(record["first_seen"]),
        term=None if term is None else one_line(term, 200),
    )
