"""Remembers what became of every send, and moves the outlets on.

The dispatcher reads what stands after an outlet's cursor, sends, and settles: delivery rows and cursor in one
transaction, which counts only if nobody else has settled in between. The outlets themselves are in `storage.outlets`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update
from sqlalchemy.engine import Engine, Row

from postings.events import EventType, Significance
from storage import tables
from storage.engine import reading, writing
from storage.outlets import Outlet, about_to_be_sent, from_row, listed, newest_event

#: as many values as go into one statement (SQLite's oldest limit is 999)
_CHUNK = 500


class DeliveryStatus(StrEnum):
    """What became of a send."""

    #: waits for its next attempt
    RETRY = "retry"
    #: the receiver accepted it
    SENT = "sent"
    #: given up after the last attempt, or refused for good: shown, and sent again when a person asks for it
    PARKED = "parked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event on its way to one outlet; outlet and event number are the idempotency key."""

    outlet_id: int
    event: int
    status: DeliveryStatus
    #: how often it was tried; 0 = about to be tried for the first time
    attempts: int
    first_attempt_at: datetime
    last_attempt_at: datetime
    #: None unless the status is `retry`
    next_attempt_at: datetime | None = None
    #: what the receiver or the network said, without secrets
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the dispatcher must know of an event to choose it, and of its delivery if there is one."""

    number: int
    type: EventType
    posting_id: str
    site: str
    visit: str | None
    #: the visit has not ended (or died): it may add events
    running: bool
    at: datetime
    baseline: bool
    significance: Significance
    delivery: Delivery | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletStatus:
    """How an outlet stands."""

    outlet: Outlet
    #: events in the log after its cursor, wanted or not
    lag: int
    sent: int
    parked: int
    #: what it waits for, if its last attempt failed
    pending: Delivery | None


def pending(engine: Engine, outlet_id: int) -> Delivery | None:
    """The first event that waits for another attempt."""
    with reading(engine) as connection:
        return _pending(connection, outlet_id)


def parked(engine: Engine, outlet_id: int, limit: int = 100) -> list[Delivery]:
    """What was given up, newest first."""
    deliveries = tables.deliveries
    query = (
        select(deliveries)
        .where(deliveries.c.outlet_id == outlet_id, deliveries.c.status == "parked")
        .order_by(deliveries.c.event.desc())
        .limit(limit)
    )
    with reading(engine) as connection:
        return [delivery_of(row) for row in connection.execute(query)]


def of_posting(engine: Engine, posting_id: str, *, since: int = 0) -> list[tuple[str, Delivery]]:
    """What became of the events of a posting: the name of each outlet that was to hear, and the delivery; in order.

    Without those of events before number `since`.
    """
    deliveries, outlets, events = tables.deliveries, tables.outlets, tables.events
    # by outlet and event, as the key has them: there are few outlets, and deliveries without number
    numbers = select(events.c.number).where(events.c.posting_id == posting_id, events.c.number >= since)
    query = (
        select(outlets.c.name, *deliveries.c)
        .join(outlets, outlets.c.id == deliveries.c.outlet_id)
        .where(deliveries.c.outlet_id.in_(select(outlets.c.id)), deliveries.c.event.in_(numbers))
        .order_by(deliveries.c.event, outlets.c.name)
    )
    with reading(engine) as connection:
        return [(row.name, delivery_of(row)) for row in connection.execute(query)]


def status(engine: Engine) -> list[OutletStatus]:
    """How every outlet stands, by name."""
    deliveries = tables.deliveries
    with reading(engine) as connection:
        newest = newest_event(connection)
        groups = select(deliveries.c.outlet_id, deliveries.c.status, func.count()).group_by(
            deliveries.c.outlet_id, deliveries.c.status
        )
        counts = {(outlet, state): int(count) for outlet, state, count in connection.execute(groups)}
        return [
            OutletStatus(
                outlet=outlet,
                lag=newest - outlet.cursor,
                sent=counts.get((outlet.id, "sent"), 0),
                parked=counts.get((outlet.id, "parked"), 0),
                pending=_pending(connection, outlet.id) if counts.get((outlet.id, "retry")) else None,
            )
            for outlet in map(from_row, connection.execute(listed().order_by(tables.outlets.c.name)))
        ]


def heads(engine: Engine, after: int, limit: int) -> tuple[list[Head], int]:
    """The next events in their order, without their records and deliveries, and the number of the newest event."""
    events, visits = tables.events, tables.visits
    query = (
        select(
            events.c.number,
            events.c.type,
            events.c.posting_id,
            tables.sites.c.name.label("site"),
            events.c.visit_id,
            events.c.at,
            events.c.baseline,
            events.c.significance,
            visits.c.ended_at,
        )
        .join(tables.sites, tables.sites.c.id == events.c.site_id)
        .outerjoin(visits, visits.c.id == events.c.visit_id)
        .where(events.c.number > after)
        .order_by(events.c.number)
        .limit(limit)
    )
    with reading(engine) as connection:
        newest = newest_event(connection)
        found = [
            Head(
                number=row.number,
                type=EventType(row.type),
                posting_id=row.posting_id,
                site=row.site,
                visit=row.visit_id,
                running=row.visit_id is not None and row.ended_at is None,
                at=row.at,
                baseline=row.baseline,
                significance=Significance(row.significance),
            )
            for row in connection.execute(query)
        ]
    return found, newest


def between(engine: Engine, outlet_id: int, after: int, upto: int) -> dict[int, Delivery]:
    """What is known of an outlet's deliveries of the events after `after` and up to `upto`, by event."""
    deliveries = tables.deliveries
    query = select(deliveries).where(
        deliveries.c.outlet_id == outlet_id, deliveries.c.event > after, deliveries.c.event <= upto
    )
    with reading(engine) as connection:
        return {row.event: delivery_of(row) for row in connection.execute(query)}


def last_before(engine: Engine, at: datetime) -> int:
    """The number of the newest event that was recorded before `at`; 0 if there is none."""
    events = tables.events
    query = select(events.c.number).where(events.c.at < at).order_by(events.c.number.desc()).limit(1)
    with reading(engine) as connection:
        return int(connection.execute(query).scalar() or 0)


def baseline_size(engine: Engine, visit: str) -> int:
    """How many postings a first visit found, wanted or not."""
    events = tables.events
    query = select(func.count()).where(events.c.visit_id == visit, events.c.baseline, events.c.type == "opened")
    with reading(engine) as connection:
        return int(connection.execute(query).scalar_one())


def settle(
    engine: Engine,
    outlet_id: int,
    *,
    seen: int,
    cursor: int,
    rows: Sequence[Delivery] = (),
    gone: str | None = None,
    released: tuple[datetime, int] | None = None,
    held_until: datetime | None = None,
    trouble: str | None = None,
    now: datetime,
) -> bool:
    """Records attempts and moves the cursor from `seen` to `cursor`, whole or not at all.

    Each row's `attempts` is the number of the attempt that it reports; the stored one must be the attempt before.
    False, and nothing is written, if that or the cursor no longer holds: somebody else has settled, replayed or
    removed the outlet. `gone` disables the outlet with that reason. `released` notes the last moment at which held
    events may leave and the number of the last of them; nothing is looked at before `held_until`. `trouble` is what a
    person has to see to from now on.
    """
    values: dict[str, Any] = {"cursor": cursor, "held_until": held_until, "trouble": trouble}
    if released is not None:
        values |= {"released_at": released[0], "released": released[1]}
    if gone is not None:
        values |= {"disabled_at": now, "disabled_reason": gone}
    try:
        with writing(engine) as connection:
            # first of all, and even when the cursor stays: the row is locked until the commit
            moved = connection.execute(
                update(tables.outlets)
                .where(tables.outlets.c.id == outlet_id, tables.outlets.c.cursor == seen)
                .values(**values)
            )
            if moved.rowcount != 1:
                raise _Overtaken
            _record(connection, outlet_id, rows)
    except _Overtaken:
        return False
    return True


class _Overtaken(Exception):
    """Somebody else has settled in between: the transaction must not count."""


def _record(connection: Connection, outlet_id: int, rows: Sequence[Delivery]) -> None:
    table = tables.deliveries
    stored: dict[int, tuple[str, int]] = {}
    for chunk in _chunks([row.event for row in rows]):
        query = select(table.c.event, table.c.status, table.c.attempts).where(
            table.c.outlet_id == outlet_id, table.c.event.in_(chunk)
        )
        stored |= {row.event: (row.status, row.attempts) for row in connection.execute(query)}
    for row in rows:
        before = stored.get(row.event)
        follows = row.attempts <= 1 if before is None else before == ("retry", row.attempts - 1)
        if not follows:
            raise _Overtaken
    new = [_values(row) for row in rows if row.event not in stored]
    known = [_values(row) | {"known_event": row.event} for row in rows if row.event in stored]
    if new:
        connection.execute(insert(table), new)
    if known:
        changed = ("status", "attempts", "last_attempt_at", "next_attempt_at", "error")
        connection.execute(
            update(table)
            .where(table.c.outlet_id == outlet_id, table.c.event == bindparam("known_event"))
            .values({name: bindparam(name) for name in changed}),
            [{name: row[name] for name in (*changed, "known_event")} for row in known],
        )


def _pending(connection: Connection, outlet_id: int) -> Delivery | None:
    deliveries = tables.deliveries
    row = connection.execute(
        select(deliveries)
        .where(deliveries.c.outlet_id == outlet_id, about_to_be_sent())
        .order_by(deliveries.c.event)
        .limit(1)
    ).first()
    return delivery_of(row) if row is not None else None


def delivery_of(row: Row[Any]) -> Delivery:
    """The delivery that a row of `deliveries` describes."""
    return Delivery(
        outlet_id=row.outlet_id,
        event=row.event,
        status=DeliveryStatus(row.status),
        attempts=row.attempts,
        first_attempt_at=row.first_attempt_at,
        last_attempt_at=row.last_attempt_at,
        next_attempt_at=row.next_attempt_at,
        error=row.error,
    )


def _values(row: Delivery) -> dict[str, Any]:
    return {
        "outlet_id": row.outlet_id,
        "event": row.event,
        "status": str(row.status),
        "attempts": row.attempts,
        "first_attempt_at": row.first_attempt_at,
        "last_attempt_at": row.last_attempt_at,
        "next_attempt_at": row.next_attempt_at,
        "error": row.error,
    }


def _chunks(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), _CHUNK):
        yield numbers[start : start + _CHUNK]
