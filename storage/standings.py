"""How outlets stand, for pages: some outlets at a time, and no count of everything that was ever sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, literal_column, select
from sqlalchemy.engine import Engine

from storage import deliveries as stored
from storage import outlets as rows
from storage.deliveries import Delivery
from storage.engine import reading
from storage.outlets import Outlet, about_to_be_sent, from_row, listed, newest_event
from storage.tables import deliveries, events, outlets


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an outlet stands."""

    outlet: Outlet
    #: events in the log after its cursor, wanted or not
    behind: int
    #: when the first of them was recorded
    behind_since: datetime | None
    #: events that were given up
    parked: int
    #: what it waits for, if something is about to be sent (again)
    pending: Delivery | None


def standings(engine: Engine, after: str, limit: int) -> list[Standing]:
    """How the `limit` outlets stand whose names follow `after`, by name."""
    query = listed().where(outlets.c.name > after).order_by(outlets.c.name).limit(limit)
    with reading(engine) as connection:
        return _standings(connection, [from_row(row) for row in connection.execute(query)])


def standing(engine: Engine, name: str) -> Standing:
    """How one outlet stands. Raises NotFoundError, which names the nearest one."""
    outlet = rows.find(engine, name)
    with reading(engine) as connection:
        return _standings(connection, [outlet])[0]


def recent(engine: Engine, outlet_id: int, limit: int) -> list[Delivery]:
    """What became of the newest events that were sent to an outlet, or tried to; newest first."""
    query = (
        select(deliveries).where(deliveries.c.outlet_id == outlet_id).order_by(deliveries.c.event.desc()).limit(limit)
    )
    with reading(engine) as connection:
        return [stored.delivery_of(row) for row in connection.execute(query)]


def _standings(connection: Connection, found: Sequence[Outlet]) -> list[Standing]:
    newest = newest_event(connection)
    ids = [outlet.id for outlet in found]
    since = _recorded(connection, {outlet.cursor + 1 for outlet in found})
    pending = _pending(connection, ids)
    parked = _parked(connection, ids)
    return [
        Standing(
            outlet=outlet,
            behind=max(0, newest - outlet.cursor),
            behind_since=since.get(outlet.cursor + 1),
            parked=parked.get(outlet.id, 0),
            pending=pending.get(outlet.id),
        )
        for outlet in found
    ]


def _recorded(connection: Connection, numbers: set[int]) -> dict[int, datetime]:
    query = select(events.c.number, events.c.at).where(events.c.number.in_(sorted(numbers)))
    return {row.number: row.at for row in connection.execute(query)}


def _pending(connection: Connection, ids: Sequence[int]) -> dict[int, Delivery]:
    """The first event of each outlet that is about to be sent."""
    first = (
        select(deliveries.c.outlet_id, func.min(deliveries.c.event).label("event"))
        .where(deliveries.c.outlet_id.in_(ids), about_to_be_sent())
        .group_by(deliveries.c.outlet_id)
        .subquery()
    )
    query = select(deliveries).join(
        first, (first.c.outlet_id == deliveries.c.outlet_id) & (first.c.event == deliveries.c.event)
    )
    return {row.outlet_id: stored.delivery_of(row) for row in connection.execute(query)}


def _parked(connection: Connection, ids: Sequence[int]) -> dict[int, int]:
    """How many events were given up, by outlet."""
    query = (
        select(deliveries.c.outlet_id, func.count())
        .where(deliveries.c.outlet_id.in_(ids), deliveries.c.status == literal_column("'parked'"))
        .group_by(deliveries.c.outlet_id)
    )
    return {outlet: int(count) for outlet, count in connection.execute(query)}
