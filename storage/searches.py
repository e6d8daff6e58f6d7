"""Remembers the saved searches: questions about postings, as they were typed. Outlets hear what they find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, func, insert, select, update
from sqlalchemy.engine import Engine, Row

from postings.errors import UsageError
from storage import outlets, tables
from storage.engine import reading, writing
from storage.outlet_locks import lock_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A question that is kept."""

    id: int
    name: str
    #: as it was typed
    query: str
    #: version of the query language that it was typed in
    grammar: int
    created_at: datetime


def add(engine: Engine, *, name: str, query: str, grammar: int, now: datetime) -> Search:
    """A new saved search. Raises UsageError if the name is taken."""
    table = tables.searches
    with writing(engine) as connection:
        if connection.execute(select(table.c.id).where(table.c.name == name)).first() is not None:
            raise UsageError(
                "is the name of another saved search",
                subject=name,
                remedy=f"choose another name, or first run `hirewatch searches remove {name}`",
            )
        row = connection.execute(
            insert(table).values(name=name, query=query, grammar=grammar, created_at=now).returning(*table.c)
        ).one()
        return _from_row(row)


def find(engine: Engine, name: str) -> Search:
    """The saved search of that name. Raises NotFoundError, which names the nearest one."""
    with reading(engine) as connection:
        found = outlets.search_id(connection, name)
        return _from_row(connection.execute(select(tables.searches).where(tables.searches.c.id == found)).one())


def all(engine: Engine) -> list[Search]:  # noqa: A001  # read as `searches.all(engine)`
    """Every saved search, by name."""
    with reading(engine) as connection:
        rows = connection.execute(select(tables.searches).order_by(tables.searches.c.name))
        return [_from_row(row) for row in rows]


def outlets_of(engine: Engine, search_id: int) -> list[outlets.Outlet]:
    """The outlets that hear what a search finds, by name."""
    query = outlets.listed().where(tables.outlets.c.search_id == search_id).order_by(tables.outlets.c.name)
    with reading(engine) as connection:
        return [outlets.from_row(row) for row in connection.execute(query)]


def opened_since(engine: Engine, condition: ColumnElement[bool], since: datetime) -> tuple[int, datetime | None]:
    """How many postings that meet a condition now opened after `since`, baselines apart; and the beginning of the log
    or `since`, whatever is later (None if the log is empty).

    `condition` is what a query asks (`storage.searching.condition`).
    """
    events, postings = tables.events, tables.postings
    opened = (
        select(func.count())
        .select_from(events.join(postings, postings.c.id == events.c.posting_id))
        .where(events.c.type == "opened", ~events.c.baseline, events.c.at >= since, condition)
    )
    first = select(events.c.at).order_by(events.c.number).limit(1)
    with reading(engine) as connection:
        began = connection.execute(first).scalar()
        return int(connection.execute(opened).scalar_one()), max(began, since) if began else None


def opened_in(engine: Engine, condition: ColumnElement[bool], moments: Sequence[datetime]) -> tuple[int, ...]:
    """How many postings that meet a condition now opened between each two neighbours of `moments`, which rise; baselines
    apart.
    """
    events, postings = tables.events, tables.postings
    spans = [
        func.coalesce(func.sum(case((and_(events.c.at >= first, events.c.at < end), 1), else_=0)), 0)
        for first, end in pairwise(moments)
    ]
    opened = (
        select(*spans)
        .select_from(events.join(postings, postings.c.id == events.c.posting_id))
        .where(events.c.type == "opened", ~events.c.baseline, events.c.at >= moments[0], condition)
    )
    with reading(engine) as connection:
        return tuple(int(count) for count in connection.execute(opened).one())


def openings(engine: Engine, condition: ColumnElement[bool], count: int) -> list[int]:
    """Numbers of the events by which the `count` newest open postings that meet a condition opened, newest first."""
    events, postings = tables.events, tables.postings
    query = (
        select(func.max(events.c.number))
        .select_from(events.join(postings, postings.c.id == events.c.posting_id))
        .where(events.c.type.in_(("opened", "reopened")), postings.c.state == "open", condition)
        .group_by(postings.c.id)
        .order_by(func.max(events.c.number).desc())
        .limit(count)
    )
    with reading(engine) as connection:
        return [int(number) for number in connection.execute(query).scalars()]


def change(engine: Engine, search_id: int, *, query: str, grammar: int) -> None:
    """Asks something else under the same name; who hears of it hears of that from now on."""
    table = tables.searches
    with writing(engine) as connection:
        connection.execute(update(table).where(table.c.id == search_id).values(query=query, grammar=grammar))


def listed(engine: Engine, after: str, limit: int) -> list[Search]:
    """The `limit` searches whose names follow `after`, by name."""
    table = tables.searches
    with reading(engine) as connection:
        rows = connection.execute(select(table).where(table.c.name > after).order_by(table.c.name).limit(limit))
        return [_from_row(row) for row in rows]


def heard_by(engine: Engine, search_ids: Sequence[int]) -> dict[int, list[outlets.Outlet]]:
    """The outlets that hear what these searches find, by name, by search."""
    found: dict[int, list[outlets.Outlet]] = {}
    query = outlets.listed().where(tables.outlets.c.search_id.in_(search_ids)).order_by(tables.outlets.c.name)
    with reading(engine) as connection:
        for row in connection.execute(query):
            found.setdefault(row.search_id, []).append(outlets.from_row(row))
    return found


def remove(engine: Engine, search_id: int) -> None:
    """Forgets a search and the outlets that hear of it; nothing happens if it is gone already."""
    heard_by = tables.outlets.c.search_id == search_id
    with writing(engine) as connection:
        ids = list(connection.execute(select(tables.outlets.c.id).where(heard_by)).scalars())
        connection.execute(delete(tables.deliveries).where(tables.deliveries.c.outlet_id.in_(ids)))
        connection.execute(delete(tables.outlets).where(heard_by))
        connection.execute(delete(tables.searches).where(tables.searches.c.id == search_id))
    if engine.dialect.name == "sqlite":
        for outlet_id in ids:
            lock_file(engine, outlet_id).unlink(missing_ok=True)


def _from_row(row: Row[Any]) -> Search:
    return Search(id=row.id, name=row.name, query=row.query, grammar=row.grammar, created_at=row.created_at)
