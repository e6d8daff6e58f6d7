"""Remembers the saved searches: questions about postings, as they were typed. Outlets hear what they find."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from shlex import quote
from typing import Any, Final

from sqlalchemy import Connection, and_, case, delete, func, insert, select, update
from sqlalchemy.engine import Engine, Row

from postings.errors import UsageError
from postings.query import Query
from storage import outlets, tables
from storage.engine import reading, writing
from storage.latest import APPEARED
from storage.outlet_locks import lock_file
from storage.searching import condition
from storage.word_index import Sample, few, only_of, sample

#: openings that are looked at to count those that a query matches; each costs about 10 µs
LOOKED_AT: Final = 2_000


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
                remedy=f"choose another name, or first run `hirewatch searches remove {quote(name)}`",
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Openings:
    """How many postings opened in each of some spans of time."""

    counts: tuple[int, ...]
    #: one of so many openings was looked at, and stands for the others; 1 = all were, and the counts are exact
    one_of: int
    #: when the first event of all was recorded; None if there is none
    log_begins: datetime | None


def opened_in(
    engine: Engine, query: Query, moments: Sequence[datetime], now: datetime, *, looked_at: int = LOOKED_AT
) -> Openings:
    """How many postings that `query` finds now, open or closed, opened between each two neighbours of `moments`, which
    rise; baselines apart. `now` is aware.

    Where the index of words knows few that may be meant, all of them are looked at; where it knows many, some of them.
    Elsewhere about `looked_at` of all that opened are. Which ones follows from their numbers, so it does not depend on
    what they are.
    """
    events, postings = tables.events, tables.postings
    opened = (APPEARED, events.c.at >= moments[0], events.c.at < moments[-1])
    with reading(engine) as connection:
        asked, named = condition(query, now), _named(connection, query, moments[0], looked_at)
        if named is not None:
            one_of = named.one_of
            of_them = select(postings.c.id).where(only_of(named.condition, asked))
            rows = select(events.c.posting_id, events.c.at).where(only_of(events.c.posting_id.in_(of_them), *opened))
        else:
            there = connection.execute(select(func.count()).select_from(events).where(*opened)).scalar_one()
            one_of = max(1, -(-there // looked_at))
            # which, an index tells alone; a limit keeps the databases from looking at postings first
            some = select(events.c.number).where(*opened, events.c.number % one_of == 0).limit(there).subquery()
            rows = select(events.c.posting_id, events.c.at).join(some, some.c.number == events.c.number)
        found = rows.subquery()
        spans = [
            func.coalesce(func.sum(case((and_(found.c.at >= first, found.c.at < end), one_of), else_=0)), 0)
            for first, end in pairwise(moments)
        ]
        counted = select(*spans)
        if named is None:
            counted = counted.join_from(found, postings, postings.c.id == found.c.posting_id).where(asked)
        counts = tuple(int(count) for count in connection.execute(counted).one())
        began = connection.execute(select(events.c.at).order_by(events.c.number).limit(1)).scalar()
    return Openings(counts=counts, one_of=one_of, log_begins=began)


def _named(connection: Connection, query: Query, since: datetime, looked_at: int) -> Sample | None:
    """The postings that the words of a query name: most of them are meant, where of all that opened few are."""
    found = sample(connection, query, since, looked_at)
    if found is not None:
        return found
    some = few(connection, query, looked_at)
    return None if some is None else Sample(condition=some, one_of=1)


def openings(engine: Engine, posting_ids: Collection[str]) -> list[int]:
    """Numbers of the events by which these postings opened, last, the newest first."""
    events = tables.events
    newest = func.max(events.c.number)
    query = (
        select(newest)
        .where(events.c.posting_id.in_(posting_ids), events.c.type.in_(("opened", "reopened")))
        .group_by(events.c.posting_id)
        .order_by(newest.desc())
    )
    with reading(engine) as connection:
        return [int(number) for number in connection.scalars(query)]


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
