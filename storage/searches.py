"""Remembers the saved searches: questions about postings, as they were typed. Outlets hear what they find."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select
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
