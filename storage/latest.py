"""The postings that appeared last and are still open, and those that closed last: what feeds show. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, func, literal, or_, select, text
from sqlalchemy.engine import Engine

from postings.query import Query
from storage.contents import BODY
from storage.engine import reading
from storage.postings import StoredPosting, from_row
from storage.searching import condition
from storage.tables import events, postings, sites
from storage.word_index import few, newest, only_of

#: openings that are looked at: where something is asked for that the index of words does not know, what is older is
#: not found
LOOKED_AT: Final = 1_500
#: closings that are: whoever reads a feed now and then hears of each
_GONE_LOOKED_AT: Final = 500
#: where the index of words names no more than so many times that, these are looked at instead
_NAMED: Final = 3
#: of postings that have the words which are asked for, so many that were found last are looked at first
_NEWEST: Final = 300
#: how many of these are looked at first for each posting that is shown
_SOME: Final = 3

#: posting_id, at, number of the event, 0 where none is asked for
_Opening = Row[str, datetime, int]

#: as SQLite needs it said to use the index on news: without parameters
APPEARED: Final = text("events.type = 'opened' AND events.baseline IS FALSE")
#: the same, said so that no index answers it: among the events of a site or of a posting, PostgreSQL would look for
#: those that are in the index on all news
_APPEARED: Final = text("(events.type = 'opened' AND events.baseline IS FALSE) IS TRUE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """An open posting, and when what a person sees of it changed last."""

    posting: StoredPosting
    updated: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A posting that is closed."""

    posting_id: str
    at: datetime


def newest_event(engine: Engine, site_id: int | None = None) -> tuple[int, datetime] | None:
    """The number and the time of the newest event, of one site if `site_id` is given; None if there is none."""
    query = select(events.c.number, events.c.at).order_by(events.c.number.desc()).limit(1)
    if site_id is not None:
        query = query.where(events.c.site_id == site_id)
    with reading(engine) as connection:
        row = connection.execute(query).one_or_none()
    return (row.number, row.at) if row else None


def appeared(
    engine: Engine,
    limit: int,
    *,
    now: datetime,
    site_id: int | None = None,
    query: Query | None = None,
    baseline: bool = False,
    looked_at: int = LOOKED_AT,
) -> list[Latest]:
    """The open postings that appeared last, newest first, at most `limit`; where `query` asks for some that
    the index of words does not name, those among the `looked_at` that appeared last.

    What was there before anyone watched did not appear: it is left out unless `baseline`. `now` is aware.
    """
    with reading(engine) as connection:
        if query is None:
            ids = _ids(_open_among_newest(connection, limit, site_id, baseline, [], looked_at))
        else:
            ids = _ids(_open_asked_for(connection, query, now, limit, site_id, baseline, looked_at))
        if not ids:
            return []
        shown = (
            select(postings, BODY, sites.c.name.label("site"))
            .join(sites, sites.c.id == postings.c.site_id)
            .where(postings.c.id.in_(ids))
        )
        rows = {row.id: row for row in connection.execute(shown)}
        touched = _touched(connection, ids)
    return [Latest(posting=from_row(rows[one]), updated=touched.get(one, rows[one].first_seen)) for one in ids]


def _open_asked_for(
    connection: Connection,
    query: Query,
    now: datetime,
    limit: int,
    site_id: int | None,
    baseline: bool,
    looked_at: int,
) -> Sequence[_Opening]:
    """The open postings that `query` asks for, by the index of words where it names them."""
    asked = [*_of_site(site_id), condition(query, now)]
    by_words: Sequence[_Opening] = ()
    words = newest(connection, query, min(_NEWEST, looked_at))
    if words is not None:
        since = [] if words.since is None else [postings.c.first_seen > words.since]
        by_words = _open_of_few(connection, words.condition, [*since, *asked], limit, baseline=baseline)
        if words.since is None or len(by_words) == limit:
            return by_words
    some = few(connection, query, looked_at)
    if some is not None:
        return _open_of_few(connection, some, asked, limit, baseline=baseline)
    # what was there before anyone watched may be all that was found last: then the openings reach further back
    among = _open_among_newest(connection, limit, site_id, baseline, asked, looked_at)
    both = {row.posting_id: row for row in (*by_words, *among)}
    by_id = (row for _, row in sorted(both.items()))
    return sorted(by_id, key=lambda row: (row.at, row.number), reverse=True)[:limit]


def _open_among_newest(
    connection: Connection,
    limit: int,
    site_id: int | None,
    baseline: bool,
    asked: Sequence[ColumnElement[bool]],
    looked_at: int,
) -> Sequence[_Opening]:
    """The open postings that appeared last, as far as they are looked at."""
    last = _newest_open(site_id) if baseline else _newest_openings(site_id)
    found = _open_among(connection, last.limit(min(_SOME * limit, looked_at)), limit, asked)
    return found if len(found) >= limit else _open_among(connection, last.limit(looked_at), limit, asked)


def _open_among(
    connection: Connection, newest: Select[Any], limit: int, asked: Sequence[ColumnElement[bool]]
) -> Sequence[_Opening]:
    """Those that are open and as asked, in the order of `newest`."""
    found = newest.subquery()
    query = (
        select(found.c.posting_id, found.c.at, found.c.number)
        .join(postings, postings.c.id == found.c.posting_id)
        .where(postings.c.state == "open", *asked)
        .order_by(found.c.at.desc(), found.c.number.desc(), found.c.posting_id)
        .limit(limit)
    )
    return connection.execute(query).all()


def _open_of_few(
    connection: Connection,
    some: ColumnElement[bool],
    asked: Sequence[ColumnElement[bool]],
    limit: int,
    *,
    baseline: bool,
) -> Sequence[_Opening]:
    """The same of those few."""
    if baseline:
        query = select(postings.c.id.label("posting_id"), postings.c.first_seen.label("at"), literal(0).label("number"))
    else:
        query = (
            select(postings.c.id.label("posting_id"), events.c.at, events.c.number)
            .join(events, events.c.posting_id == postings.c.id)
            .where(_APPEARED)
        )
    found = query.where(only_of(some, postings.c.state == "open", *asked)).subquery()
    ordered = select(found.c.posting_id, found.c.at, found.c.number).order_by(
        found.c.at.desc(), found.c.number.desc(), found.c.posting_id
    )
    return connection.execute(ordered.limit(limit)).all()


def _ids(found: Iterable[_Opening]) -> list[str]:
    return [row.posting_id for row in found]


def _of_site(site_id: int | None) -> list[ColumnElement[bool]]:
    return [] if site_id is None else [postings.c.site_id == site_id]


def _newest_openings(site_id: int | None) -> Select[Any]:
    """What appeared while someone watched, the last first."""
    query = select(events.c.posting_id, events.c.at, events.c.number)
    if site_id is not None:
        return query.where(events.c.site_id == site_id, _APPEARED).order_by(events.c.number.desc())
    return query.where(APPEARED).order_by(events.c.at.desc(), events.c.number.desc())


def _newest_open(site_id: int | None) -> Select[Any]:
    """The open postings, the last found first."""
    query = select(
        postings.c.id.label("posting_id"), postings.c.first_seen.label("at"), literal(0).label("number")
    ).where(postings.c.state == "open")
    if site_id is not None:
        query = query.where(postings.c.site_id == site_id)
    return query.order_by(postings.c.first_seen.desc(), postings.c.id)


def closed(
    engine: Engine,
    limit: int,
    *,
    now: datetime,
    since: datetime,
    site_id: int | None = None,
    query: Query | None = None,
    looked_at: int = _GONE_LOOKED_AT,
) -> list[Closed]:
    """The postings that closed since then, the last first, at most `limit`; where a site or `query` asks for some that
    the index of words does not know to be few, those among the `looked_at` that closed last. `now` is aware.
    """
    gone = [postings.c.state == "closed", postings.c.closed_recorded_at >= since]
    asked = [] if query is None else [condition(query, now)]
    rows = select(postings.c.id, postings.c.site_id, postings.c.closed_recorded_at)
    with reading(engine) as connection:
        some = None if query is None else few(connection, query, _NAMED * looked_at)
        if some is not None:
            last = rows.where(only_of(some, *gone, *asked)).subquery()
        else:
            newest = rows.where(*gone).order_by(postings.c.closed_recorded_at.desc(), postings.c.id)
            last = newest.limit(looked_at if asked or site_id is not None else limit).subquery()
        found = select(last.c.id, last.c.closed_recorded_at)
        if site_id is not None:
            found = found.where(last.c.site_id == site_id)
        if some is None and asked:
            found = found.join(postings, postings.c.id == last.c.id).where(*asked)
        found = found.order_by(last.c.closed_recorded_at.desc(), last.c.id).limit(limit)
        return [Closed(posting_id=row.id, at=row.closed_recorded_at) for row in connection.execute(found)]


def _touched(connection: Connection, ids: Sequence[str]) -> dict[str, datetime]:
    """When each posting last had an event that people are told of."""
    query = (
        select(events.c.posting_id, func.max(events.c.at).label("at"))
        .where(events.c.posting_id.in_(ids), or_(events.c.significance == "material", events.c.type != "changed"))
        .group_by(events.c.posting_id)
    )
    return {row.posting_id: row.at for row in connection.execute(query)}
