"""What pages show of sites: a page of their list, and a visit while it runs. A few queries each, whatever the size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, case, func, literal, or_, select, tuple_
from sqlalchemy.engine import Engine

from postings.sites import RobotsAnswer, Site
from postings.verdicts import STOPPED_VISIT
from postings.visits import Outcome, VisitSummary
from storage import days, freshness
from storage.contents import TOLD
from storage.engine import reading
from storage.freshness import Freshness
from storage.site_rows import from_row
from storage.tables import events, postings, robots, sites, visits
from storage.visits import from_row as visit_from_row
from storage.visits import summaries

#: the ends of a visit that need a person to look (as `postings.wording.attention` says)
_IN_DOUBT: Final = tuple(str(one) for one in Outcome if one is not Outcome.COMPLETE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page of the list begins: after this site."""

    #: 0 = it needs a person, 1 = it does not
    rank: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A site as the list shows it."""

    site: Site
    #: its newest one, which may be running; None if it was never visited
    visit: VisitSummary | None
    #: it is being visited
    running: bool
    place: Place
    open: int
    #: since the time that was asked for; what was there before anyone watched does not count
    opened: int
    closed: int
    fresh: Freshness | None
    #: how many visits ended in each way, by day (UTC)
    days: Mapping[date, Mapping[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What a visit has recorded so far."""

    visit: VisitSummary
    #: open postings that it has seen
    seen: int
    #: events by type
    events: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An event as a visit's page shows it."""

    number: int
    type: str
    posting_id: str
    at: datetime
    title: str | None
    reason: str | None
    significance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The events of a visit, over its time."""

    counts: Mapping[str, int]
    #: when the first and the last of them were recorded; None if there is none
    first_at: datetime | None
    last_at: datetime | None


def lines(
    engine: Engine,
    limit: int,
    *,
    now: datetime,
    since: datetime,
    days_since: datetime,
    text: str = "",
    after: Place | None = None,
) -> list[Line]:
    """The next `limit` watched sites after a place, those that need a person first, then by name.

    `text` stands in the name or the address of each, whatever its case. `since`: what opened and closed is counted on
    the days (UTC) after the one of that time; `days_since`: visits are, with that day.
    """
    with reading(engine) as connection:
        rows = connection.execute(_page(text, after).limit(limit)).all()
        return _lines(connection, rows, now=now, since=since, days_since=days_since)


def line(engine: Engine, site_id: int, *, now: datetime, since: datetime, days_since: datetime) -> Line:
    """One site as the list shows it."""
    with reading(engine) as connection:
        row = connection.execute(_ranked().where(sites.c.id == site_id)).one()
        return _lines(connection, [row], now=now, since=since, days_since=days_since)[0]


def names(engine: Engine) -> frozenset[str]:
    """The names that watched sites have."""
    with reading(engine) as connection:
        return frozenset(connection.scalars(select(sites.c.name).where(sites.c.removed_at.is_(None))))


def total(engine: Engine, text: str = "") -> tuple[int, int]:
    """How many watched sites there are with `text` in name or address, and how many of them need a person."""
    ranked = _page(text, None).order_by(None).subquery()
    with reading(engine) as connection:
        count, needing = connection.execute(
            select(func.count(), func.count().filter(ranked.c.rank == 0)).select_from(ranked)
        ).one()
    return count, needing


def running(engine: Engine, visit: VisitSummary, site_id: int) -> Running:
    """What a visit has recorded so far: it hands over what it sees every two seconds."""
    seen = select(func.count()).where(
        postings.c.site_id == site_id, postings.c.state == "open", postings.c.last_visit == visit.id
    )
    told = select(events.c.type, func.count()).where(events.c.visit_id == visit.id).group_by(events.c.type)
    with reading(engine) as connection:
        return Running(
            visit=visit,
            seen=connection.execute(seen).scalar_one(),
            events={kind: int(count) for kind, count in connection.execute(told)},
        )


def told(engine: Engine, visit_id: str, after: int, limit: int) -> list[Told]:
    """The next `limit` events of a visit after a number, in order."""
    query = (
        select(
            events.c.number,
            events.c.type,
            events.c.posting_id,
            events.c.at,
            TOLD,
            events.c.reason,
            events.c.significance,
        )
        .where(events.c.visit_id == visit_id, events.c.number > after)
        .order_by(events.c.number)
        .limit(limit)
    )
    with reading(engine) as connection:
        return [_told(row) for row in connection.execute(query)]


def _told(row: Row[*tuple[Any, ...]]) -> Told:
    return Told(
        number=row.number,
        type=row.type,
        posting_id=row.posting_id,
        at=row.at,
        title=row.body["title"],
        reason=row.reason,
        significance=row.significance,
    )


def spread(engine: Engine, visit_id: str) -> Spread:
    """The events of a visit by type, and when they were recorded."""
    query = (
        select(events.c.type, func.count(), func.min(events.c.at), func.max(events.c.at))
        .where(events.c.visit_id == visit_id)
        .group_by(events.c.type)
    )
    with reading(engine) as connection:
        rows = connection.execute(query).all()
    return Spread(
        counts={row[0]: int(row[1]) for row in rows},
        first_at=min((row[2] for row in rows), default=None),
        last_at=max((row[3] for row in rows), default=None),
    )


def robots_answer(engine: Engine, origin: str) -> RobotsAnswer | None:
    """The robots.txt of an origin as it is kept; None if it is not."""
    with reading(engine) as connection:
        row = connection.execute(select(robots).where(robots.c.origin == origin)).one_or_none()
    return None if row is None else RobotsAnswer(status=row.status, body=row.body, fetched_at=row.fetched_at)


def host_is_visited(engine: Engine, site: Site, now: datetime) -> str | None:
    """The name of another site of the same host that is being visited; None if there is none."""
    query = (
        select(sites.c.name)
        .where(sites.c.host_key == site.host_key, sites.c.id != site.id, sites.c.lease_until > now)
        .limit(1)
    )
    with reading(engine) as connection:
        name: str | None = connection.execute(query).scalar()
    return name


def _lines(
    connection: Connection, rows: Sequence[Row[Any]], *, now: datetime, since: datetime, days_since: datetime
) -> list[Line]:
    ids = [row.id for row in rows]
    newest = newest_visits(connection, ids)
    fresh = freshness.of_sites(connection, ids, now - freshness.LOOKED_BACK)
    happened = days.of_sites(connection, ids, min(since, days_since).date())
    news = {id_: [day for day in happened.get(id_, ()) if day.on > since.date()] for id_ in ids}
    return [
        Line(
            site=from_row(row),
            visit=newest.get(row.id),
            running=row.lease_until is not None and row.lease_until > now,
            place=Place(rank=row.rank, name=row.name),
            open=row.open,
            opened=sum(day.opened + day.reopened for day in news[row.id]),
            closed=sum(day.closed for day in news[row.id]),
            fresh=fresh.get(row.id),
            days={day.on: day.visits for day in happened.get(row.id, ()) if day.visits},
        )
        for row in rows
    ]


def _page(text: str, after: Place | None) -> Select[Any]:
    query = _ranked()
    if text:
        like = f"%{_escaped(text.lower())}%"
        query = query.where(
            or_(func.lower(sites.c.name).like(like, escape="\\"), func.lower(sites.c.start_url).like(like, escape="\\"))
        )
    if after is not None:
        query = query.where(tuple_(_rank(), sites.c.name) > tuple_(literal(after.rank), literal(after.name)))
    return query.order_by(_rank(), sites.c.name)


def _ranked() -> Select[Any]:
    return select(sites, _rank().label("rank")).where(sites.c.removed_at.is_(None))


def needs_a_person() -> ColumnElement[bool]:
    """Whether a person has to look at a site, in a query on `sites` (as `postings.wording.attention` says)."""
    outcome = (
        select(case((visits.c.reason == STOPPED_VISIT, None), else_=visits.c.outcome))
        .where(visits.c.site_id == sites.c.id)
        .order_by(visits.c.started_at.desc(), visits.c.id.desc())
        .limit(1)
        .correlate(sites)
        .scalar_subquery()
    )
    return or_(func.coalesce(sites.c.health["attention"].as_string(), "") != "", outcome.in_(_IN_DOUBT))


def _rank() -> ColumnElement[int]:
    """0 for a site that needs a person."""
    return case((needs_a_person(), 0), else_=1)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def newest_visits(connection: Connection, ids: Sequence[int]) -> dict[int, VisitSummary]:
    """The newest visit of each of these sites that has had one."""
    newest = (
        select(visits.c.id)
        .where(visits.c.site_id == sites.c.id)
        .order_by(visits.c.started_at.desc(), visits.c.id.desc())
        .limit(1)
        .correlate(sites)
        .scalar_subquery()
    )
    query = summaries().where(sites.c.id.in_(ids), visits.c.id == newest)
    return {row.site_id: visit_from_row(row) for row in connection.execute(query)}
