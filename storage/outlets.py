"""Remembers the outlets, and how far into the event log each of them is.

What became of each send, and how far a send moves an outlet, is kept by `storage.deliveries`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from shlex import quote
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Engine, Row

from postings.errors import NotFoundError, UsageError
from storage import tables
from storage.engine import reading, writing
from storage.outlet_locks import lock_file

#: why an outlet is told no more, where that is as it should be
BY_A_PERSON, BY_ITS_READER = "by a person", "its reader unsubscribed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """A place that is told about events. Its address and options may hold secrets and are not shown by `repr`."""

    id: int
    name: str
    #: webhook, email, …: a name of the registry in `delivery.outlets`
    kind: str
    address: str = field(repr=False)
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    #: name and query of the saved search that it hears of; None if of none
    search: str | None = None
    query: str | None = None
    #: number of the last event that is settled
    cursor: int
    created_at: datetime
    #: number of the newest event when it was added: earlier ones are told only where a delivery says so
    since: int = 0
    #: the last moment at which held events left together (None before the first), and the number of the last of them
    released_at: datetime | None = None
    released: int = 0
    #: nothing may leave before, whatever happens
    held_until: datetime | None = None
    #: what a link in a mail ends it with
    token: str = field(default="", repr=False)
    disabled_at: datetime | None = None
    disabled_reason: str | None = None
    #: what a person has to see to: why it cannot be told, or who of several behind it is not
    trouble: str | None = None


def add(
    engine: Engine,
    *,
    name: str,
    kind: str,
    address: str,
    options: Mapping[str, Any],
    now: datetime,
    search: str | None = None,
    backfill: Sequence[int] = (),
) -> Outlet:
    """A new outlet that will be told of everything after the newest event, and of the events in `backfill`.

    `search` is the name of a saved search. Raises UsageError if the name is taken, NotFoundError if there is no such
    search.
    """
    table = tables.outlets
    with writing(engine) as connection:
        if connection.execute(select(table.c.id).where(table.c.name == name)).first() is not None:
            raise UsageError(
                "is the name of another outlet",
                subject=name,
                remedy=f"choose another name, or first run `hirewatch outlets remove {quote(name)}`",
            )
        newest = newest_event(connection)
        added = connection.execute(
            insert(table)
            .values(
                name=name,
                kind=kind,
                address=address,
                options=dict(options),
                search_id=search_id(connection, search) if search is not None else None,
                cursor=min(backfill) - 1 if backfill else newest,
                since=newest,
                released=0,
                token=secrets.token_urlsafe(24),
                created_at=now,
            )
            .returning(table.c.id)
        ).scalar_one()
        if backfill:
            told = {"outlet_id": added, "status": "retry", "attempts": 0, "next_attempt_at": now}
            times = {"first_attempt_at": now, "last_attempt_at": now}
            connection.execute(insert(tables.deliveries), [{**told, **times, "event": number} for number in backfill])
        return from_row(connection.execute(listed().where(table.c.id == added)).one())


def search_id(connection: Connection, name: str) -> int:
    """The id of a saved search. Raises NotFoundError, which names the nearest one."""
    found = connection.execute(select(tables.searches.c.id).where(tables.searches.c.name == name)).scalar()
    if found is not None:
        return int(found)
    names = list(connection.execute(select(tables.searches.c.name)).scalars())
    near = get_close_matches(name, names, n=1)
    raise NotFoundError(
        "there is no saved search of that name",
        subject=name,
        remedy=f"did you mean {near[0]}?" if near else "`hirewatch searches list` shows them",
    )


def find(engine: Engine, name: str) -> Outlet:
    """The outlet of that name. Raises NotFoundError, which names the nearest one."""
    with reading(engine) as connection:
        row = connection.execute(listed().where(tables.outlets.c.name == name)).first()
        if row is not None:
            return from_row(row)
        names = list(connection.execute(select(tables.outlets.c.name)).scalars())
    near = get_close_matches(name, names, n=1)
    raise NotFoundError(
        "there is no outlet of that name",
        subject=name,
        remedy=f"did you mean {near[0]}?" if near else "`hirewatch outlets list` shows them",
    )


def get(engine: Engine, outlet_id: int) -> Outlet | None:
    """The outlet as it stands now; None if it was removed."""
    with reading(engine) as connection:
        row = connection.execute(listed().where(tables.outlets.c.id == outlet_id)).first()
    return from_row(row) if row is not None else None


def all(engine: Engine) -> list[Outlet]:  # noqa: A001  # read as `deliveries.all(engine)`
    """Every outlet, by name."""
    with reading(engine) as connection:
        return [from_row(row) for row in connection.execute(listed().order_by(tables.outlets.c.name))]


def due(engine: Engine, now: datetime) -> list[Outlet]:
    """Outlets with something to look at: events after the cursor, and nothing that holds them to a later time."""
    outlets, deliveries = tables.outlets, tables.deliveries
    waits = exists().where(
        deliveries.c.outlet_id == outlets.c.id, about_to_be_sent(), deliveries.c.next_attempt_at > now
    )
    newest = select(tables.installation.c.last_event).scalar_subquery()
    query = listed().where(
        outlets.c.disabled_at.is_(None),
        outlets.c.cursor < newest,
        or_(outlets.c.held_until.is_(None), outlets.c.held_until <= now),
        ~waits,
    )
    with reading(engine) as connection:
        return [from_row(row) for row in connection.execute(query.order_by(outlets.c.id))]


def remove(engine: Engine, outlet_id: int) -> None:
    """Forgets an outlet and what was sent to it; nothing happens if it is gone already."""
    with writing(engine) as connection:
        connection.execute(delete(tables.deliveries).where(tables.deliveries.c.outlet_id == outlet_id))
        connection.execute(delete(tables.outlets).where(tables.outlets.c.id == outlet_id))
    if engine.dialect.name == "sqlite":
        lock_file(engine, outlet_id).unlink(missing_ok=True)


def change(engine: Engine, outlet_id: int, options: Mapping[str, Any], *, address: str | None = None) -> None:
    """Replaces an outlet's options, and its address if one is given; its cursor stays where it is, and it is looked at
    anew.
    """
    moved = {} if address is None else {"address": address}
    with writing(engine) as connection:
        connection.execute(
            update(tables.outlets)
            .where(tables.outlets.c.id == outlet_id)
            .values(options=dict(options), held_until=None, trouble=None, **moved)
        )


def advance(engine: Engine, moves: Sequence[tuple[int, int]], to: int) -> None:
    """Moves outlets of which nothing is pending past events that they do not want: (id, cursor that was seen).

    One that has been moved by somebody else stays where it is.
    """
    table = tables.outlets
    statement = (
        update(table)
        .where(table.c.id == bindparam("outlet"), table.c.cursor == bindparam("seen"))
        .values(cursor=to, held_until=None)
    )
    with writing(engine) as connection:
        connection.execute(statement, [{"outlet": outlet, "seen": seen} for outlet, seen in moves])


def with_retries(engine: Engine) -> frozenset[int]:
    """Ids of outlets with events that are about to be sent, or sent again."""
    deliveries = tables.deliveries
    query = select(deliveries.c.outlet_id).where(about_to_be_sent()).distinct()
    with reading(engine) as connection:
        return frozenset(connection.execute(query).scalars())


def note_trouble(engine: Engine, outlet_id: int, trouble: str) -> None:
    """Notes what a person has to change before the outlet can be told; what it is told next takes the note away."""
    with writing(engine) as connection:
        connection.execute(update(tables.outlets).where(tables.outlets.c.id == outlet_id).values(trouble=trouble))


def disable(engine: Engine, outlet_id: int, reason: str, now: datetime) -> None:
    """Tells the outlet no more until it is enabled; its cursor stays where it is."""
    with writing(engine) as connection:
        connection.execute(
            update(tables.outlets)
            .where(tables.outlets.c.id == outlet_id)
            .values(disabled_at=now, disabled_reason=reason)
        )


def disable_by_token(engine: Engine, token: str, now: datetime) -> Outlet | None:
    """Tells no more the outlet whose mails carry this token, because its reader asked so; None if there is none.

    Asking twice is no error. Only a POST may call this (RFC 8058 §3.1): programs follow links in mails.
    """
    with reading(engine) as connection:
        row = connection.execute(listed().where(tables.outlets.c.token == token)).first()
    if row is None:
        return None
    if row.disabled_at is None:
        disable(engine, row.id, BY_ITS_READER, now)
    return get(engine, row.id)


def enable(engine: Engine, outlet_id: int, now: datetime) -> None:
    """Tells the outlet again, from where it stopped, and at once."""
    with writing(engine) as connection:
        connection.execute(
            update(tables.outlets)
            .where(tables.outlets.c.id == outlet_id)
            .values(disabled_at=None, disabled_reason=None, held_until=None, trouble=None)
        )
        _hurry(connection, outlet_id, now)


def replay(engine: Engine, outlet_id: int, after: int) -> int:
    """Everything after event number `after` is sent again, under the same ids; returns the number that it is after:
    that of the newest event, if there is none so high."""
    with writing(engine) as connection:
        newest = newest_event(connection)
        start = max(0, min(after, newest))
        since = tables.outlets.c.since
        connection.execute(
            update(tables.outlets)
            .where(tables.outlets.c.id == outlet_id)
            .values(cursor=start, since=case((since > start, start), else_=since), held_until=None)
        )
        connection.execute(
            delete(tables.deliveries).where(
                tables.deliveries.c.outlet_id == outlet_id, tables.deliveries.c.event > after
            )
        )
    return start


def retry_parked(engine: Engine, outlet_id: int, now: datetime) -> int:
    """Sends again what was given up, and nothing else; returns how many events that are."""
    deliveries = tables.deliveries
    parked = and_(deliveries.c.outlet_id == outlet_id, deliveries.c.status == "parked")
    with writing(engine) as connection:
        cursor = connection.execute(
            select(tables.outlets.c.cursor).where(tables.outlets.c.id == outlet_id).with_for_update()
        ).scalar()
        first, count = connection.execute(select(func.min(deliveries.c.event), func.count()).where(parked)).one()
        if cursor is None or first is None:
            return 0
        # of what happened before its time, only a row says that it is to be told
        asked = (
            deliveries.c.event
            <= select(tables.outlets.c.since).where(tables.outlets.c.id == outlet_id).scalar_subquery()
        )
        connection.execute(
            update(deliveries).where(parked, asked).values(status="retry", attempts=0, next_attempt_at=now)
        )
        connection.execute(delete(deliveries).where(parked))
        # what was sent after it keeps its rows, and is not sent again
        connection.execute(
            update(tables.outlets)
            .where(tables.outlets.c.id == outlet_id)
            .values(cursor=min(cursor, first - 1), held_until=None)
        )
    return int(count)


def forget_parked(engine: Engine, outlet_id: int) -> int:
    """What was given up is gone for good, and no longer shown; returns how many events that were.

    Those that the cursor has not passed yet stay: without its row such an event would be sent.
    """
    deliveries = tables.deliveries
    with writing(engine) as connection:
        cursor = connection.execute(
            select(tables.outlets.c.cursor).where(tables.outlets.c.id == outlet_id).with_for_update()
        ).scalar()
        if cursor is None:
            return 0
        gone = connection.execute(
            delete(deliveries).where(
                deliveries.c.outlet_id == outlet_id,
                deliveries.c.status == literal_column("'parked'"),
                deliveries.c.event <= cursor,
            )
        )
        return int(gone.rowcount)


def about_to_be_sent() -> ColumnElement[bool]:
    """The condition that a delivery waits for an attempt, as its index has it: databases look for the very words."""
    return tables.deliveries.c.status == literal_column("'retry'")


def _hurry(connection: Connection, outlet_id: int, now: datetime) -> None:
    connection.execute(
        update(tables.deliveries)
        .where(tables.deliveries.c.outlet_id == outlet_id, tables.deliveries.c.status == "retry")
        .values(next_attempt_at=now)
    )


def newest_event(connection: Connection) -> int:
    """The number of the newest event."""
    return int(connection.execute(select(tables.installation.c.last_event)).scalar_one())


def listed() -> Select[Any]:
    """Rows that `from_row` reads."""
    outlets, searches = tables.outlets, tables.searches
    return select(outlets, searches.c.name.label("search"), searches.c.query).outerjoin(
        searches, searches.c.id == outlets.c.search_id
    )


def from_row(row: Row[Any]) -> Outlet:
    """The outlet that a row of `listed` describes."""
    return Outlet(
        id=row.id,
        name=row.name,
        kind=row.kind,
        address=row.address,
        options=row.options,
        search=row.search,
        query=row.query,
        cursor=row.cursor,
        since=row.since,
        released_at=row.released_at,
        released=row.released,
        held_until=row.held_until,
        token=row.token,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        disabled_reason=row.disabled_reason,
        trouble=row.trouble,
    )
