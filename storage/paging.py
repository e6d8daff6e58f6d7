"""Postings page by page, the last found first: what a query finds, without looking at all there is.

Each answer looks at a bounded number of rows, however many there are. Where few postings have a word that is asked for,
the index of words names them, and these are looked at. Elsewhere a page is found by following an index from where the
last one ended; it may then end before it is full, and say how far back it has looked: the next one goes on there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, union_all
from sqlalchemy.engine import Engine

from postings.query import Query
from storage.contents import BODY
from storage.engine import reading
from storage.postings import StoredPosting, from_row
from storage.searching import condition, reach
from storage.tables import postings, sites
from storage.word_index import few, only_of

#: rows that one answer looks at; each costs about 10 µs (SQLite, a million postings of 5 KB)
LOOKED_AT: Final = 3_000

#: a number of postings up to which it is told exactly, where an index alone can count them
COUNTED: Final = 10_000

#: the newest matches that facets are made of
SAMPLE: Final = 300

#: sites of one query, each of which is a run of its own in an index
_MOST_SITES: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page ends in the order of postings: the last found first, those found at once by their ids."""

    first_seen: datetime
    #: the posting itself; None = all that were first seen then are behind
    id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some of the postings that a query finds, in their order."""

    postings: tuple[StoredPosting, ...]
    #: what to go on after; None at the end
    next: Place | None
    #: how far back has been looked, where the page ends before it is full
    looked_back_to: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The beginning of what a query finds."""

    page: Page
    #: how many there are, as far as they were counted
    count: int
    #: there may be more than that
    more: bool
    #: ids of the newest of them, at most `SAMPLE`
    sample: tuple[str, ...]


def first(engine: Engine, query: Query, now: datetime, *, limit: int, looked_at: int = LOOKED_AT) -> Found:
    """What `query` finds: the newest `limit` postings, their number, and a sample of them. `now` is aware.

    Open postings, unless the query itself says open or closed. Looks at `looked_at` rows or few more.
    """
    with reading(engine) as connection:
        asked = _Asked.of(connection, query, now, looked_at)
        if asked.condition is None:
            bound, count = None, _count_some(connection, asked)
            ids = _ids(connection, asked, asked.since, max(SAMPLE, limit + 1))
            more = count > COUNTED
        else:
            bound = _bound(connection, asked, None, looked_at)
            ids = _ids(connection, asked, _since(asked, bound), None)
            count, more = len(ids), bound is not None
        page = _page(connection, ids, limit, bound)
    return Found(page=page, count=min(count, COUNTED), more=more, sample=tuple(one.id or "" for one in ids[:SAMPLE]))


def page(
    engine: Engine, query: Query, now: datetime, *, limit: int, after: Place | None = None, looked_at: int = LOOKED_AT
) -> Page:
    """The next `limit` postings that `query` finds after a place, fewer where it looked at `looked_at` rows for
    them."""
    with reading(engine) as connection:
        asked = _Asked.of(connection, query, now, looked_at)
        bound = _bound(connection, asked, after, looked_at)
        ids = _ids(connection, asked, [*_behind(after), *_since(asked, bound)], limit + 1)
        return _page(connection, ids, limit, bound)


def walk(engine: Engine, query: Query, now: datetime, *, batch: int = 200) -> Iterator[StoredPosting]:
    """Everything that `query` finds, a batch in memory; each posting as it stands when it is reached."""
    place = None
    while True:
        found = page(engine, query, now, limit=batch, after=place)
        yield from found.postings
        if found.next is None:
            return
        place = found.next


def count(engine: Engine, query: Query, now: datetime) -> int:
    """How many postings `walk` would give now. Looks at all of them, but where few have a word that is asked for."""
    with reading(engine) as connection:
        asked = _Asked.of(connection, query, now, LOOKED_AT)
        if asked.few is not None:
            return len(_ids(connection, asked, [], None))
        rest = [*asked.since] if asked.condition is None else [*asked.since, asked.condition]
        counts = [select(func.count()).select_from(postings).where(run, *rest) for run in asked.runs]
        return sum(connection.scalars(union_all(*counts))) if counts else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A query, taken apart into what the indexes answer and the rest."""

    #: runs of postings that follow each other in an index: what each has in common. None is in two of them
    runs: tuple[ColumnElement[bool], ...]
    #: since when they were first seen, where the query says so
    since: tuple[ColumnElement[bool], ...]
    #: the rest; None if the indexes answer it all
    condition: ColumnElement[bool] | None
    #: holds for all that is asked, and few more, as the index of words knows; None where they may be many
    few: ColumnElement[bool] | None

    @classmethod
    def of(cls, connection: Connection, query: Query, now: datetime, looked_at: int) -> _Asked:
        found = reach(query, now)
        states = [and_(postings.c.state == state, *found.before) for state in found.states]
        return cls(
            runs=tuple(states)
            if found.sites is None
            else tuple(
                and_(postings.c.site_id == site, state)
                for site in _site_ids(connection, found.sites)
                for state in states
            ),
            since=found.since,
            condition=None if found.whole else condition(query, now),
            few=None if found.whole else few(connection, query, looked_at),
        )


def _site_ids(connection: Connection, names: Sequence[str]) -> Sequence[int]:
    """The sites of those names, removed ones as well, the last of them."""
    query = select(sites.c.id).where(sites.c.name.in_(names)).order_by(sites.c.id.desc()).limit(_MOST_SITES)
    return connection.scalars(query).all()


def _bound(connection: Connection, asked: _Asked, after: Place | None, looked_at: int) -> datetime | None:
    """What was first seen since then, and stands behind `after`, are about `looked_at` rows; None if there are no more
    to look at.

    An index passes over them without their rows.
    """
    if asked.condition is None or asked.few is not None:
        return None
    seen = postings.c.first_seen
    behind = [] if after is None else [seen < after.first_seen if after.id is None else seen <= after.first_seen]
    ends = [
        select(seen)
        .where(run, *behind, *asked.since)
        .order_by(seen.desc())
        .limit(1)
        .offset(max(looked_at // len(asked.runs), 1))
        .subquery()
        for run in asked.runs
    ]
    if not ends:
        return None
    found = connection.scalars(union_all(*(select(end.c.first_seen) for end in ends))).all()
    return max(found, default=None)


def _since(asked: _Asked, bound: datetime | None) -> Sequence[ColumnElement[bool]]:
    # one end only: SQLite would look for the first of two, which may lie far behind
    return asked.since if bound is None else [postings.c.first_seen >= bound]


def _behind(after: Place | None) -> list[ColumnElement[bool]]:
    if after is None:
        return []
    if after.id is None:
        return [postings.c.first_seen < after.first_seen]
    # the first part is what the index answers
    return [
        postings.c.first_seen <= after.first_seen,
        or_(postings.c.first_seen < after.first_seen, postings.c.id > after.id),
    ]


def _ids(connection: Connection, asked: _Asked, where: Sequence[ColumnElement[bool]], limit: int | None) -> list[Place]:
    """The first postings of all runs, in their order."""
    more = [*where] if asked.condition is None else [*where, asked.condition]
    found = select(postings.c.first_seen, postings.c.id)
    if not asked.runs:
        return []
    if asked.few is not None:
        rows = connection.execute(found.where(only_of(asked.few, or_(*asked.runs), *asked.since, *more)))
    else:
        runs = [
            found.where(run, *more).order_by(postings.c.first_seen.desc(), postings.c.id).limit(limit).subquery()
            for run in asked.runs
        ]
        rows = connection.execute(union_all(*(select(run.c.first_seen, run.c.id) for run in runs)))
    places = [Place(first_seen=row.first_seen, id=row.id) for row in rows]
    places.sort(key=lambda place: place.id or "")
    places.sort(key=lambda place: place.first_seen, reverse=True)
    return places[:limit]


def _count_some(connection: Connection, asked: _Asked) -> int:
    """How many there are in all runs, more than `COUNTED` as one more than that."""
    runs = [select(postings.c.state).where(run, *asked.since).limit(COUNTED + 1).subquery() for run in asked.runs]
    if not runs:
        return 0
    counts = union_all(*(select(func.count()).select_from(run) for run in runs))
    return min(sum(connection.scalars(counts)), COUNTED + 1)


def _page(connection: Connection, ids: Sequence[Place], limit: int, bound: datetime | None) -> Page:
    shown = ids[:limit]
    query = (
        select(postings, BODY, sites.c.name.label("site"))
        .join(sites, sites.c.id == postings.c.site_id)
        .where(postings.c.id.in_([one.id for one in shown]))
    )
    rows = {row.id: row for row in connection.execute(query)}
    further = None if bound is None else Place(first_seen=bound, id=None)
    return Page(
        postings=tuple(from_row(rows[one.id]) for one in shown),
        next=shown[-1] if len(ids) > limit else further,
        looked_back_to=bound if len(ids) <= limit else None,
    )
