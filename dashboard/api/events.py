"""`/api/v1/events`: the event log, in order, for whoever keeps a copy of it."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import Field

from dashboard.api.bodies import Asked, EventRecord, Said, Words
from dashboard.context import Given
from postings.events import Event, cloudevent
from postings.query import Query as Question
from postings.query import Subject, parse
from storage import events

#: events of one answer
_MOST = 1000
#: events that one answer looks through for those that are asked for, and those that are read at a time
_MOST_READ = 300
_BATCH = 100


class EventsAsked(Asked):
    """Which events are asked for."""

    after: int = Field(default=0, ge=0, le=events.HIGHEST, description="only events with a number above this")
    limit: int = Field(default=100, ge=1, le=_MOST, description="at most so many")
    q: Words = Field(default="", description="only of postings that match: `title:engineer`")


class EventsPage(Said):
    """Events in their order. With `q` there may be fewer than `limit`, or none, and still a `next`."""

    items: list[EventRecord]
    next: int | None = Field(description="what to ask `after` for the following ones; null at the end of the log")
    last: int = Field(description="number of the newest event")


def list_events(context: Given, request: Request, asked: Annotated[EventsAsked, Query()]) -> Response:
    """The events after a number, in order, as CloudEvents 1.0."""
    newest = events.last(context.engine)
    found, reached = _read(context, asked.after, asked.limit, parse(asked.q) if asked.q else None)
    more = reached if reached < newest else None
    body = {"items": [cloudevent(event, context.instance) for event in found], "next": more, "last": newest}
    headers = {}
    if more is not None:
        headers["Link"] = f'<{request.url.include_query_params(after=more)}>; rel="next"'
    return Response(json.dumps(body, ensure_ascii=False), media_type="application/json", headers=headers)


def _read(context: Given, after: int, limit: int, query: Question | None) -> tuple[list[Event], int]:
    """The events to show, and the number up to which there are no others."""
    if query is None:
        found = events.after(context.engine, after, limit)
        return found, found[-1].number if found else after
    now, shown, reached = context.clock(), list[Event](), after
    while len(shown) < limit and reached - after < _MOST_READ:
        window = events.after(context.engine, reached, _BATCH)
        if not window:
            break
        for event in window:
            if len(shown) == limit:
                break
            reached = event.number
            if query.matches(Subject.of(event.record), now):
                shown.append(event)
    return shown, reached
