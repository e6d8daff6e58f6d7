"""`/events`: the log, the newest first, and what is added to it while somebody looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Query as Parameter
from fastapi import Request, Response

from dashboard.context import Context, Given
from dashboard.stream import Followed, stream
from dashboard.templating import piece, show, wanted
from delivery import posting_words
from delivery.safe_text import one_line
from postings.errors import NotFoundError, UsageError
from postings.events import Event, EventType, Significance
from postings.query import Query, Subject, parse
from storage import events, sites

#: events of one page
_SHOWN: Final = 50
#: events that one page looks through: with a query each is read whole
_MOST_READ: Final = 200
#: events that one page passes over for those of a kind: each takes a page of the database
_MOST_SKIPPED: Final = 3_000

_Number = Annotated[int | None, Parameter(ge=0, le=events.HIGHEST)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One event as the page shows it: every text is clean."""

    number: int
    at: datetime
    type: EventType
    site: str
    posting: str
    title: str
    facts: tuple[str, ...]
    #: (field, before, after)
    changes: tuple[tuple[str, str, str], ...]
    reason: str | None
    baseline: bool
    significance: Significance


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the page was asked for, as it was typed."""

    kind: str
    site: str
    q: str

    def address(self, path: str, **more: int) -> str:
        """`path` with the same question."""
        said = {"kind": self.kind, "site": self.site, "q": self.q, **more}
        parameters = urlencode({name: value for name, value in said.items() if value != ""})
        return f"{path}?{parameters}" if parameters else path


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsView:
    """A page of the log."""

    asked: Asked
    #: the query in words; empty if none was asked
    in_words: str
    #: what cannot be asked so
    problem: str | None
    lines: tuple[Line, ...]
    #: number of the newest event of all
    newest: int
    #: numbers that were looked through, from and to
    looked: tuple[int, int]
    #: where the page goes on, and where it begins; None if there is nothing, or it begins here
    older: str | None
    start: str | None
    #: where what is added comes from; None where older ones are shown
    live: str | None


def show_events(
    context: Given, request: Request, kind: str = "", site: str = "", q: str = "", before: _Number = None
) -> Response:
    """The events before number `before` (without it, the newest), of one kind, of one site, and that `q` matches."""
    view = _view(context, Asked(kind=kind, site=site.strip(), q=q.strip()), before)
    # a person who is typing has done nothing wrong
    return show(request, "events.html", view, status=400 if view.problem and wanted(request) == "json" else 200)


async def stream_lines(
    context: Given,
    followed: Followed,
    request: Request,
    kind: str = "",
    site: str = "",
    q: str = "",
    after: _Number = None,
) -> Response:
    """`/events/stream`: rows of the page, as they are recorded. Raises UsageError."""
    asked = Asked(kind=kind, site=site, q=q)
    types, query = _types(kind), parse(q)

    def write(event: Event) -> str | None:
        if (types and event.type not in types) or (site and event.site != site):
            return None
        now = context.clock()
        if not query.matches(Subject.of(event.record), now):
            return None
        return piece("parts/event.html", "row", _line(event), asked, now)

    return stream(request, followed, after, write)


def _view(context: Context, asked: Asked, before: int | None) -> EventsView:
    newest = events.last(context.engine)
    top = newest if before is None else min(max(before - 1, 0), newest)
    problem, query, found, reached = None, parse(""), list[Event](), 0
    try:
        types, query = _types(asked.kind), parse(asked.q)
        site_id = sites.find(context.engine, asked.site).id if asked.site else None
        found, reached = _read(context, top, types, site_id, query)
    except (UsageError, NotFoundError) as error:
        problem = one_line(error, 500)
    return EventsView(
        asked=asked,
        in_words=query.in_words() if asked.q else "",
        problem=problem,
        lines=tuple(_line(event) for event in found),
        newest=newest,
        looked=(top, reached + 1),
        older=asked.address("/events", before=reached + 1) if reached else None,
        start=asked.address("/events") if before is not None else None,
        live=asked.address("/events/stream", after=newest) if before is None and problem is None else None,
    )


def _read(
    context: Context, top: int, types: Sequence[EventType], site_id: int | None, query: Query
) -> tuple[list[Event], int]:
    """The events to show, newest first, and the number down to which there are no others; 0 at the end of the log."""
    plain = query.tree is None
    # the log is not searched to its end for what is rare: the page goes on where this one stopped
    down_to = max(0, top - _MOST_SKIPPED) if types else 0
    window = events.before(
        context.engine,
        top + 1,
        _SHOWN + 1 if plain else _MOST_READ,
        down_to=down_to,
        types=types,
        site_id=site_id,
    )
    whole = len(window) < (_SHOWN + 1 if plain else _MOST_READ)
    now, shown = context.clock(), list[Event]()
    for event in window:
        if len(shown) == _SHOWN:
            return shown, event.number
        if plain or query.matches(Subject.of(event.record), now):
            shown.append(event)
    return shown, down_to if whole else window[-1].number - 1


def _types(kind: str) -> tuple[EventType, ...]:
    try:
        return (EventType(kind),) if kind else ()
    except ValueError:
        raise UsageError("is no kind of event", subject=kind[:20], remedy=f"there are {', '.join(EventType)}") from None


def _line(event: Event) -> Line:
    item = posting_words.item(event)
    return Line(
        number=event.number,
        at=event.at,
        type=event.type,
        site=event.site,
        posting=event.posting_id,
        title=item.title,
        facts=item.facts,
        changes=item.changes,
        reason=item.reason,
        baseline=event.baseline,
        significance=event.significance,
    )
