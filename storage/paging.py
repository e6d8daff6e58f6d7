"""Postings page by page, the last found first: what a query finds, without looking at all there is.

Each answer looks at a bounded number of rows, however many there are. Where few postings have the words that are asked
for, the index of words names them, and these are looked at; where many have them, those of them that were found last.
Elsewhere a page is found by following an index from where the last one ended. It may then end before it is full, and
say how far back it has looked: the next one goes on there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, union_all
from sqlalchemy.engine import Engine

from postings.query import Query
from storage.contents import BODY
from storage.engine import reading
from storage.postings import StoredPosting, from_row
from storage.searching import condition, reach
from storage.tables import postings, sites
from storage.word_index import few, newest, only_of

#: rows that one answer looks at; each costs about 10 µs (SQLite, a million postings of 5 KB)
LOOKED_AT: Final = 2_000

#: of postings that have the words which are asked for, so many that were found last are looked at to count those that
#: match. Each costs about 20 µs: they lie apart
_NEWEST: Final = 600
#: and so many for each posting of a page, the second where the first do not fill it
_SOME: Final = (3, 12)

#: a number of postings up to which it is told exactly, where an index alone can count them
COUNTED: Final = 10_000

#: the newest matches that facets are made of
SAMPLE: Final = 200

#: no two times are nearer to each other
_A_MOMENT: Final = timedelta(microseconds=1)

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
        asked = _Asked.of(connection, query, now)
        shown = _Shown(limit=limit, sample=SAMPLE, newest=(_NEWEST,))
        if asked.condition is None:
            places = _along(connection, asked, asked.since, shown.most)
            looked = _Looked(places=places, count=_count_some(connection, asked), bound=None)
        else:
            looked = _look(connection, asked, shown, None, looked_at)
        page = _page(connection, looked, limit)
    return Found(
        page=page,
        count=min(looked.count, COUNTED),
        more=looked.count > COUNTED or looked.bound is not None,
        sample=tuple(one.id or "" for one in looked.places[:SAMPLE]),
    )


def page(
    engine: Engine, query: Query, now: datetime, *, limit: int, after: Place | None = None, looked_at: int = LOOKED_AT
) -> Page:
    """The next `limit` postings that `query` finds after a place, fewer where it looked at `looked_at` rows for
    them."""
    with reading(engine) as connection:
        asked = _Asked.of(connection, query, now)
        shown = _Shown(limit=limit, sample=0, newest=tuple(some * limit for some in _SOME))
        if asked.condition is None:
            places = _along(connection, asked, [*_behind(after), *asked.since], shown.most)
            looked = _Looked(places=places, count=len(places), bound=None)
        else:
            looked = _look(connection, asked, shown, after, looked_at)
        return _page(connection, looked, limit)


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
        asked = _Asked.of(connection, query, now)
        some = None if asked.condition is None else few(connection, query, LOOKED_AT)
        if some is not None and asked.runs:
            return _among(connection, asked, some, asked.since, 0, None).count
        rest = [*asked.since] if asked.condition is None else [*asked.since, condition(query, now, of_all=True)]
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
    query: Query

    @classmethod
    def of(cls, connection: Connection, query: Query, now: datetime) -> _Asked:
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
            query=query,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """How much is to be found."""

    #: of the page, and of the sample
    limit: int
    sample: int
    #: of postings that have the words, so many that were found last are looked at first, and so many then
    newest: tuple[int, ...]

    @property
    def enough(self) -> int:
        """So many fill the page, and tell whether there is another one."""
        return self.limit + 1

    @property
    def most(self) -> int:
        """No more are wanted."""
        return max(self.enough, self.sample)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """What matched of the rows that were looked at."""

    #: the first of them, in their order
    places: Sequence[Place]
    #: of all of them
    count: int
    #: all that were first seen then or later were looked at; None = all there are
    bound: datetime | None


def _site_ids(connection: Connection, names: Sequence[str]) -> Sequence[int]:
    """The sites of those names, removed ones as well, the last of them."""
    query = select(sites.c.id).where(sites.c.name.in_(names)).order_by(sites.c.id.desc()).limit(_MOST_SITES)
    return connection.scalars(query).all()


def _look(connection: Connection, asked: _Asked, shown: _Shown, after: Place | None, looked_at: int) -> _Looked:
    """Looks at as few rows as fill the page, and at `looked_at` or few more where that does not."""
    if not asked.runs:
        return _Looked(places=(), count=0, bound=None)
    where = [*_behind(after), *asked.since]
    if after is None:
        # the index of words can only begin with the last of all
        for size in shown.newest:
            words = newest(connection, asked.query, min(size, looked_at))
            if words is None:
                break
            found = _among(connection, asked, words.condition, where, shown.most, words.since)
            if found.bound is None or len(found.places) >= shown.enough:
                return found
    some = few(connection, asked.query, looked_at)
    if some is not None:
        return _among(connection, asked, some, where, shown.most, None)
    bound = _bound(connection, asked, after, looked_at)
    if after is None and bound is not None:
        words = newest(connection, asked.query, looked_at // 2)
        if words is not None and (words.since is None or words.since < bound):
            return _among(connection, asked, words.condition, where, shown.most, words.since)
    # one end only: SQLite would look for the first of two, which may lie far behind
    since = asked.since if bound is None else [postings.c.first_seen >= bound]
    return _within(connection, asked, [*_behind(after), *since], shown, bound)


def _bound(connection: Connection, asked: _Asked, after: Place | None, looked_at: int) -> datetime | None:
    """What was first seen since then, and stands behind `after`, are about `looked_at` rows; None if there are no more
    to look at.

    An index passes over them without their rows.
    """
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


def _among(
    connection: Connection,
    asked: _Asked,
    some: ColumnElement[bool],
    where: Sequence[ColumnElement[bool]],
    most: int,
    since: datetime | None,
) -> _Looked:
    """What matches of `some`, which are all, or all that were first seen after `since`."""
    bound = None if since is None else since + _A_MOMENT
    behind = [] if bound is None else [postings.c.first_seen >= bound]
    asks = [] if asked.condition is None else [asked.condition]
    rows = connection.execute(
        select(postings.c.first_seen, postings.c.id).where(only_of(some, or_(*asked.runs), *where, *behind, *asks))
    ).all()
    return _Looked(places=_in_order(rows)[:most], count=len(rows), bound=bound)


def _within(
    connection: Connection, asked: _Asked, where: Sequence[ColumnElement[bool]], shown: _Shown, bound: datetime | None
) -> _Looked:
    """What matches of the rows between two places."""
    if not shown.sample:
        # nobody asks for more than the page
        places = _along(connection, asked, where, shown.most)
        return _Looked(places=places, count=len(places), bound=bound)
    found = union_all(*(_run(run, asked, where, None) for run in asked.runs)).subquery()
    rows = connection.execute(
        select(found.c.first_seen, found.c.id, func.count().over().label("of"))
        .order_by(found.c.first_seen.desc(), found.c.id)
        .limit(shown.most)
    ).all()
    return _Looked(places=_in_order(rows), count=rows[0].of if rows else 0, bound=bound)


def _along(connection: Connection, asked: _Asked, where: Sequence[ColumnElement[bool]], limit: int) -> Sequence[Place]:
    """The first postings of all runs, in their order."""
    if not asked.runs:
        return []
    return _in_order(connection.execute(union_all(*(_run(run, asked, where, limit) for run in asked.runs))))[:limit]


def _run(
    run: ColumnElement[bool], asked: _Asked, where: Sequence[ColumnElement[bool]], limit: int | None
) -> Select[tuple[datetime, str]]:
    asks = [] if asked.condition is None else [asked.condition]
    found = (
        select(postings.c.first_seen, postings.c.id)
        .where(run, *where, *asks)
        .order_by(postings.c.first_seen.desc(), postings.c.id)
        .limit(limit)
        .subquery()
    )
    return select(found.c.first_seen, found.c.id)


def _in_order(rows: Iterable[Any]) -> list[Place]:
    places = [Place(first_seen=row.first_seen, id=row.id) for row in rows]
    places.sort(key=lambda place: place.id or "")
    places.sort(key=lambda place: place.first_seen, reverse=True)
    return places


def _count_some(connection: Connection, asked: _Asked) -> int:
    """How many there are in all runs, more than `COUNTED` as one more than that."""
    runs = [select(postings.c.state).where(run, *asked.since).limit(COUNTED + 1).subquery() for run in asked.runs]
    if not runs:
        return 0
    counts = union_all(*(select(func.count()).select_from(run) for run in runs))
    return min(sum(connection.scalars(counts)), COUNTED + 1)


def _page(connection: Connection, looked: _Looked, limit: int) -> Page:
    shown, full = looked.places[:limit], len(looked.places) > limit
    query = (
        select(postings, BODY, sites.c.name.label("site"))
        .join(sites, sites.c.id == postings.c.site_id)
        .where(postings.c.id.in_([one.id for one in shown]))
    )
    rows = {row.id: row for row in connection.execute(query)} if shown else {}
    further = None if looked.bound is None else Place(first_seen=looked.bound, id=None)
    return Page(
        postings=tuple(from_row(rows[one.id]) for one in shown),
        next=shown[-1] if full else further,
        looked_back_to=None if full else looked.bound,
    )
