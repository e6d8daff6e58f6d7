"""`/api/v1/searches`: questions that are kept, and what they find."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import quote

from fastapi import Path, Query, Request, Response
from pydantic import Field

from dashboard.api import cursors
from dashboard.api.bodies import Asked, Asking, Name, Page, PostingRecord, Said, Words, answer, page_answer
from dashboard.context import Context, Given
from delivery.naming import require_name
from delivery.preview import preview
from postings.errors import UsageError
from postings.query import GRAMMAR, parse
from storage import searches
from storage.searches import Search

InPath = Annotated[str, Path(description="the search's name", max_length=200, examples=["remote"])]


class NewSearch(Asked):
    """A question to keep."""

    name: Name
    query: Words = Field(
        min_length=1, max_length=10_000, description="what it asks: `title:engineer remote:yes -senior`"
    )


class ChangedSearch(Asked):
    """What is to be asked instead."""

    query: Words = Field(min_length=1, max_length=10_000, description="what it asks from now on")


class SearchSaid(Said):
    """A question that is kept."""

    search: str = Field(description="its name")
    query: str = Field(description="as it was typed")
    in_words: str | None = Field(description="null if this version cannot read it")
    created_at: datetime
    outlets: list[str] = Field(description="who hears what it finds")


class SearchesPage(Page):
    """Searches, by name."""

    items: list[SearchSaid]


class Miss(Said):
    """A posting that one term alone keeps out."""

    term: str
    posting: PostingRecord


class Preview(Said):
    """What a query finds, would have found, and just misses."""

    query: str
    in_words: str
    matches: int
    more: bool = Field(description="there may be more matches: only so many postings were looked at")
    newest: list[PostingRecord]
    opened: int = Field(description="postings that opened in the last `days` and match now")
    about: bool = Field(description="`opened` and `weekly` are worked out from some of very many openings")
    days: float
    weekly: float | None = Field(description="what it would have found in a week; null if the log is too young")
    misses: list[Miss]


class Examples(Asked):
    """How much is shown."""

    limit: int = Field(default=10, ge=1, le=100, description="examples of each")


class PreviewAsked(Examples):
    """What is tried."""

    q: Words = Field(max_length=10_000, description="a query")


def list_searches(context: Given, request: Request, asked: Asking) -> Response:
    """The saved searches, by name."""
    found = searches.listed(context.engine, cursors.name_after(asked.after), asked.limit + 1)
    shown = found[: asked.limit]
    more = cursors.at_name(shown[-1].name) if len(found) > asked.limit else None
    return page_answer(request, SearchesPage(items=_said(context, shown), next=more))


def one_search(context: Given, name: InPath) -> Response:
    """The saved search of that name."""
    return answer(_said(context, [searches.find(context.engine, name)])[0])


def add_search(context: Given, body: NewSearch) -> Response:
    """Keeps a question; an outlet that names it hears what it finds."""
    name = require_name(body.name, "a search")
    parse(body.query)
    made = searches.add(context.engine, name=name, query=body.query, grammar=GRAMMAR, now=context.clock())
    address = f"/api/v1/searches/{quote(made.name, safe='')}"
    return answer(_said(context, [made])[0], status=201, headers={"Location": address})


def change_search(context: Given, name: InPath, body: ChangedSearch) -> Response:
    """Asks something else under the same name; outlets that hear of it hear what it finds from now on."""
    search = searches.find(context.engine, name)
    query = parse(body.query)
    searches.change(context.engine, search.id, query=query.text, grammar=GRAMMAR)
    return answer(_said(context, [searches.find(context.engine, search.name)])[0])


def remove_search(context: Given, name: InPath) -> Response:
    """Forgets a search, and tells no more the outlets that hear of it."""
    searches.remove(context.engine, searches.find(context.engine, name).id)
    return Response(status_code=204)


def preview_search(context: Given, name: InPath, asked: Annotated[Examples, Query()]) -> Response:
    """What a saved search finds now, would have found, and just misses."""
    return _preview(context, searches.find(context.engine, name).query, asked.limit)


def preview_query(context: Given, asked: Annotated[PreviewAsked, Query()]) -> Response:
    """What a query finds now, would have found, and just misses."""
    return _preview(context, asked.q, asked.limit)


def _preview(context: Context, text: str, limit: int) -> Response:
    query = parse(text)
    found = preview(context.engine, query, context.clock(), shown=limit)
    return answer(
        Preview(
            query=query.text,
            in_words=query.in_words(),
            matches=found.matches,
            more=found.more,
            newest=[dict(record) for record in found.newest],
            opened=found.opened,
            about=found.about,
            days=round(found.span / timedelta(days=1), 1),
            weekly=None if found.weekly is None else round(found.weekly, 1),
            misses=[Miss(term=one.term, posting=dict(one.record)) for one in found.misses],
        )
    )


def _said(context: Context, shown: list[Search]) -> list[SearchSaid]:
    heard_by = searches.heard_by(context.engine, [one.id for one in shown])
    return [
        SearchSaid(
            search=one.name,
            query=one.query,
            in_words=_in_words(one.query),
            created_at=one.created_at,
            outlets=[outlet.name for outlet in heard_by.get(one.id, ())],
        )
        for one in shown
    ]


def _in_words(query: str) -> str | None:
    try:
        return parse(query).in_words()
    except UsageError:
        return None
