"""Remembers the outlets, and how far into the event log each of them is.

What became of each send, and how far a send moves an outlet, is kept by `storage.deliveries`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, func, insert, select, update
from sqlalchemy.engine import Engine, Row

from postings.errors import NotFoundError, UsageError
from storage import tables
from storage.engine import reading, writing
from storage.outlet_locks import lock_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """A place that is told about events. Its address and options may hold secrets and are not shown by `repr`."""

    id: int
    name: str
    #: webhook or email: a name of the registry in `delivery.outlets`
    kind: str
    address: str = field(repr=False)
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    #: number of the last event that is settled
    cursor: int
    created_at: datetime
    disabled_at: datetime | None = None
    disabled_reason: str | None = None


def add(engine: Engine, *, name: str, kind: str, address: str, options: Mapping[str, Any], now: datetime) -> Outlet:
    """A new outlet that will be told of everything after the newest event. Raises UsageError if the name is taken."""
    table = tables.outlets
    with writing(engine) as connection:
        if connection.execute(select(table.c.id).where(table.c.name == name)).first() is not None:
            raise UsageError(
                "is the name of another outlet",
                subject=name,
                remedy=f"choose another name, or first run `hirewatch outlets remove {name}`",
            )
        row = connection.execute(
            insert(table)
            .values(
                name=name,
                kind=kind,
                address=address,
                options=dict(options),
                cursor=newest_event(connection),
                created_at=now,
            )
            .returning(*table.c)
        ).one()
        return from_row(row)


def find(engine: Engine, name: str) -> Outlet:
    """The outlet of that name. Raises NotFoundError, which names the nearest one."""
    with reading(engine) as connection:
        row = connection.execute(select(tables.outlets).where(tables.outlets.c.name == name)).first()
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
        row = connection.execute(select(tables.outlets).where(tables.outlets.c.id == outlet_id)).first()
    return from_row(row) if row is not None else None


def all(engine: Engine) -> list[Outlet]:  # noqa: A001  # read as `deliveries.all(engine)`
    """Every outlet, by name."""
    with reading(engine) as connection:
        return [from_row(row) for row in connection.execute(select(tables.outlets).order_by(tables.outlets.c.name))]


def due(engine: Engine, now: datetime) -> list[Outlet]:
    """Outlets with something to look at: events after the cursor, and no retry that waits for a later time."""
    outlets, deliveries = tables.outlets, tables.deliveries
    waits = exists().where(
        deliveries.c.outlet_id == outlets.c.id, deliveries.c.status == "retry", deliveries.c.next_attempt_at > now
    )
    newest = select(tables.installation.c.last_event).scalar_subquery()
    query = select(outlets).where(outlets.c.disabled_at.is_(None), outlets.c.cursor < newest, ~waits)
    with reading(engine) as connection:
        return [from_row(row) for row in connection.execute(query.order_by(outlets.c.id))]


def remove(engine: Engine, outlet_id: int) -> None:
    """Forgets an outlet and what was sent to it; nothing happens if it is gone already."""
    with writing(engine) as connection:
        connection.execute(delete(tables.deliveries).where(tables.deliveries.c.outlet_id == outlet_id))
        connection.execute(delete(tables.outlets).where(tables.outlets.c.id == outlet_id))
    if engine.dialect.name == "sqlite":
        lock_file(engine, outlet_id).unlink(missing_ok=True)


def change(engine: Engine, outlet_id: int, options: Mapping[str, Any]) -> None:
    """Replaces an outlet's options; its cursor stays where it is."""
    with writing(engine) as connection:
        connection.execute(update(tables.outlets).where(tables.outlets.c.id == outlet_id).values(options=dict(options)))


def disable(engine: Engine, outlet_id: int, reason: str, now: datetime) -> None:
    """Tells the outlet no more until it is enabled; its cursor stays where it is."""
    with writing(engine) as connection:
        connection.execute(
            update(tables.outlets)
            .where(tables.outlets.c.id == outlet_id)
            .values(disabled_at=now, disabled_reason=reason)
        )


def enable(engine: Engine, outlet_id: int, now: datetime) -> None:
    """Tells the outlet again, from where it stopped, and at once."""
    with writing(engine) as connection:
        connection.execute(
            update(tables.outlets)
            .where(tables.outlets.c.id == outlet_id)
            .values(disabled_at=None, disabled_reason=None)
        )
        _hurry(connection, outlet_id, now)


def replay(engine: Engine, outlet_id: int, after: int) -> None:
    """Everything after event number `after` is sent again, under the same ids."""
    with writing(engine) as connection:
        newest = newest_event(connection)
        connection.execute(
            update(tables.outlets).where(tables.outlets.c.id == outlet_id).values(cursor=max(0, min(after, newest)))
        )
        connection.execute(
            delete(tables.deliveries).where(
                tables.deliveries.c.outlet_id == outlet_id, tables.deliveries.c.event > after
            )
        )


def retry_parked(engine: Engine, outlet_id: int) -> int:
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
        connection.execute(delete(deliveries).where(parked))
        # what was sent after it keeps its rows, and is not sent again
        connection.execute(
            update(tables.outlets).where(tables.outlets.c.id == outlet_id).values(cursor=min(cursor, first - 1))
        )
    return int(count)


def _hurry(connection: Connection, outlet_id: int, now: datetime) -> None:
    connection.execute(
        update(tables.deliveries)
        .where(tables.deliveries.c.outlet_id == outlet_id, tables.deliveries.c.status == "retry")
        .values(next_attempt_at=now)
    )


def newest_event(connection: Connection) -> int:
    """The number of the newest event."""
    return int(connection.execute(select(tables.installation.c.last_event)).scalar_one())


def from_row(row: Row[Any]) -> Outlet:
    """The outlet that a row of `outlets` describes."""
    return Outlet(
        id=row.id,
        name=row.name,
        kind=row.kind,
        address=row.address,
        options=row.options,
        cursor=row.cursor,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        disabled_reason=row.disabled_reason,
    )
