"""`/api/v1/postings`: the postings as they stand, and the life of each."""

from __future__ import annotations

import json
from typing import Annotated, Literal

from fastapi import Path, Query, Request, Response
from pydantic import Field, RootModel

from dashboard.api import cursors
from dashboard.api.bodies import Asked, EventRecord, Page, Paging, PostingRecord, Said, Words, answer, page_answer
from dashboard.context import Context, Given
from postings.errors import NotFoundError
from postings.events import cloudevent
from postings.query import Query as Question
from postings.query import parse
from storage import evidence, paging, postings, sites
from storage.events import HIGHEST, count_of_posting, of_posting

Id = Annotated[str, Path(description="`p_…`", max_length=100)]


class PostingsAsked(Paging):
    """Which postings are asked for."""

    q: Words = Field(default="", description="what they are: `title:engineer remote:yes -senior`")
    state: Literal["open", "closed", "all"] | None = Field(
        default=None, description="`open`, unless `q` itself asks with `is:open` or `is:closed`"
    )
    site: Words | None = Field(default=None, description="only of the site of this name or address")
    count: Literal["yes", "no"] = Field(default="no", description="whether to count them too")


class PostingsPage(Page):
    """Postings, the last found first. Where something rare is asked for there may be fewer than `limit`, or none, and
    still a `next`: each answer looks at so many postings only."""

    items: list[PostingRecord]
    count: int | None = Field(
        description="how many there are on all pages, as far as they were counted; null unless asked"
    )
    more: bool | None = Field(
        description="there may be more than `count`: only so many were looked at; null unless asked"
    )


class PostingSaid(RootModel[PostingRecord]):
    """A posting as it stands."""


class HistoryAsked(Asked):
    """How much of a life is asked for."""

    before: int | None = Field(default=None, ge=1, le=HIGHEST, description="only events with a number below this")
    limit: int = Field(default=100, ge=1, le=1000, description="at most so many events, the newest")


class History(Said):
    """The life of a posting."""

    posting: PostingRecord
    events: list[EventRecord] = Field(description="what happened to it, with what proved it, in order")
    earlier: int = Field(description="how many events there are before the first of these: ask for `before` its number")
    markup: str | None = Field(
        description="the JobPosting as it stood in the page, as JSON text; null if it is no longer kept"
    )


def list_postings(context: Given, request: Request, asked: Annotated[PostingsAsked, Query()]) -> Response:
    """The postings that match, the last found first."""
    now, query = context.clock(), _query(context, asked)
    after = cursors.time_after(asked.after)
    place = None if after is None else paging.Place(first_seen=after[0], id=after[1] or None)
    counted = paging.first(context.engine, query, now, limit=asked.limit) if asked.count == "yes" else None
    found = (
        counted.page
        if counted is not None and place is None
        else paging.page(context.engine, query, now, limit=asked.limit, after=place)
    )
    return page_answer(
        request,
        PostingsPage(
            items=[one.record for one in found.postings],
            next=None if found.next is None else cursors.at_time(found.next.first_seen, found.next.id or ""),
            count=counted.count if counted else None,
            more=counted.more if counted else None,
        ),
    )


def _query(context: Context, asked: PostingsAsked) -> Question:
    """All that is asked, as one query. Raises QueryError, or NotFoundError if there is no such site."""
    # by itself first: nothing of it reaches beyond its brackets
    parse(asked.q)
    terms = [f"({asked.q})"] if asked.q.strip() else []
    if asked.state is not None:
        terms.append("(is:open OR is:closed)" if asked.state == "all" else f"is:{asked.state}")
    if asked.site is not None:
        terms.append(f'site:"{sites.find(context.engine, asked.site).name}"')
    return parse(" ".join(terms))


def one_posting(context: Given, id: Id) -> Response:  # noqa: A002  # as in the address
    """The posting of that id."""
    return Response(json.dumps(_find(context, id).record, ensure_ascii=False), media_type="application/json")


def history(context: Given, id: Id, asked: Annotated[HistoryAsked, Query()]) -> Response:  # noqa: A002  # as in the address
    """What happened to a posting: each event with the fields that changed, the rule, and the page that proved it."""
    found = _find(context, id)
    events = of_posting(context.engine, found.id, newest=asked.limit, before=asked.before)
    full = len(events) == asked.limit
    return answer(
        History(
            posting=found.record,
            events=[cloudevent(one, context.instance) for one in events],
            earlier=count_of_posting(context.engine, found.id, events[0].number) if full else 0,
            markup=evidence.of_posting(context.engine, found.id),
        )
    )


def _find(context: Context, posting_id: str) -> postings.StoredPosting:
    found = postings.get(context.engine, posting_id)
    if found is None:
        raise NotFoundError("there is no posting of this id", subject=posting_id, remedy="the list has their ids")
    return found
