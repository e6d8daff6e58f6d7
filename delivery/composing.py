"""What an outlet is handed of the events that go out together: those it reads in full, and how many there are of
each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.engine import Engine

from delivery.outlets import Batch, Part
from postings.events import Event, EventType
from storage import deliveries, events, outlets, told
from storage.deliveries import Head

#: events that are read in full of what goes out by visit: news, and what stood on sites before anyone watched
_IN_FULL, _STOOD_IN_FULL = 50, 10


def compose(
    engine: Engine,
    row: outlets.Outlet,
    heads: Sequence[Head],
    *,
    by_visit: bool,
    arrived: frozenset[int],
    narrowed: bool,
) -> Batch:
    """The batch of these events. Raises DatabaseError.

    `by_visit` is how the outlet hears of them; `arrived` are changes by which a posting matches for the first time;
    `narrowed` says that a query decides, so that a first visit found more than is told.
    """
    if by_visit:
        heads = [replace(head, baseline=_stood_there(row, head)) for head in heads]
    read = events.of_numbers(engine, [head.number for head in (_shown(heads) if by_visit else heads)])
    return Batch(
        events=tuple(replace(event, baseline=_stood_there(row, event)) for event in read) if by_visit else tuple(read),
        numbers=tuple(head.number for head in heads),
        counts=Counter(head.type for head in heads),
        parts=_parts(engine, heads, arrived, narrowed) if by_visit else (),
        arrived=arrived.intersection(head.number for head in heads),
        search=row.search,
        follows=by_visit and len(heads) == 1 and _follows(engine, row, heads[0]),
    )


def _stood_there(row: outlets.Outlet, one: Head | Event) -> bool:
    """Whether it belongs to the summary of a first visit; what was asked for when the outlet was added is news to
    it."""
    return one.baseline and one.number > row.since


def _follows(engine: Engine, row: outlets.Outlet, head: Head) -> bool:
    if head.type is EventType.OPENED:
        return False
    return told.told_alone(engine, row.id, head.posting_id)


def _shown(heads: Sequence[Head]) -> Sequence[Head]:
    news = [head for head in heads if not head.baseline][:_IN_FULL]
    stood = [head for head in heads if head.baseline]
    return news + stood[: _IN_FULL - len(news) if not news else min(_STOOD_IN_FULL, _IN_FULL - len(news))]


def _parts(engine: Engine, heads: Sequence[Head], arrived: frozenset[int], narrowed: bool) -> tuple[Part, ...]:
    groups: dict[tuple[bool, str], list[Head]] = {}
    for head in heads:
        groups.setdefault((head.baseline, head.site), []).append(head)
    return tuple(
        Part(
            site=site,
            baseline=baseline,
            counts=Counter(head.type for head in group),
            arrived=sum(head.number in arrived for head in group),
            stood=_stood(engine, group) if baseline and narrowed else None,
        )
        for (baseline, site), group in sorted(groups.items(), key=lambda group: group[0][0])
    )


def _stood(engine: Engine, group: Sequence[Head]) -> int:
    visits = {head.visit for head in group if head.visit is not None}
    return sum(deliveries.baseline_size(engine, visit) for visit in visits)
