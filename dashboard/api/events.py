"""`/api/v1/events`: the event log, in order, for whoever keeps a copy of it."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import Query as Parameter
from fastapi import Request, Response

from dashboard.context import Given
from postings.events import Event, cloudevent
from postings.query import Query, Subject, parse
from storage import events

#: events of one answer
_MOST = 1000
#: events that one answer looks through for those that are asked for
_MOST_READ = 10_000


def list_events(
    context: Given,
    request: Request,
    after: Annotated[int, Parameter(ge=0, le=events.HIGHEST)] = 0,
    limit: Annotated[int, Parameter(ge=1, le=_MOST)] = 100,
    q: str = "",
) -> Response:
    """The events after number `after`, as CloudEvents 1.0.

    `{"items": […], "next": N, "last": M}`: `next` is what to ask after for the following ones, null at the end of the
    log, and also stands in the field Link; `last` is the number of the newest event. `q` leaves out events whose
    posting it does not match: an answer may then hold fewer than `limit`, or none, and still have a `next`.
    """
    newest = events.last(context.engine)
    found, reached = _read(context, after, limit, parse(q) if q else None)
    more = reached if reached < newest else None
    body = {"items": [cloudevent(event, context.instance) for event in found], "next": more, "last": newest}
    headers = {}
    if more is not None:
        headers["Link"] = f'<{request.url.include_query_params(after=more)}>; rel="next"'
    return Response(json.dumps(body, ensure_ascii=False), media_type="application/json", headers=headers)


def _read(context: Given, after: int, limit: int, query: Query | None) -> tuple[list[Event], int]:
    """The events to show, and the number up to which there are no others."""
    if query is None:
        found = events.after(context.engine, after, limit)
        return found, found[-1].number if found else after
    now, shown, reached = context.clock(), list[Event](), after
    while len(shown) < limit and reached - after < _MOST_READ:
        window = events.after(context.engine, reached, _MOST)
        if not window:
            break
        for event in window:
            if len(shown) == limit:
                break
            reached = event.number
            if query.matches(Subject.of(event.record), now):
                shown.append(event)
    return shown, reached
