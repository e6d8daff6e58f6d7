"""`/api/v1/events/stream`: the event log as it grows, as server-sent events."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import Query as Parameter
from fastapi import Request, Response

from dashboard.context import Given
from dashboard.stream import Followed, stream
from postings.events import Event, cloudevent
from postings.query import Subject, parse
from storage import events


async def stream_events(
    context: Given,
    followed: Followed,
    request: Request,
    after: Annotated[
        int | None, Parameter(ge=0, le=events.HIGHEST, description="only events with a number above this")
    ] = None,
    q: Annotated[str, Parameter(description="only of postings that match: `title:engineer`")] = "",
) -> Response:
    """Each event as a CloudEvents 1.0 object, as it is recorded; its `id` is the event's number.

    Begins after number `after` (without it, with the next event that is recorded), or where a client that comes back
    stopped (`Last-Event-ID`). `q` leaves out events whose posting it does not match. Raises QueryError.
    """
    query = parse(q) if q else None

    def write(event: Event) -> str | None:
        if query is not None and not query.matches(Subject.of(event.record), context.clock()):
            return None
        return json.dumps(cloudevent(event, context.instance), ensure_ascii=False)

    return stream(request, followed, after, write)
