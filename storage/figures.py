"""How the installation stands, in figures: what a monitoring system watches. Read by the dashboard's metrics.

A few queries whatever the size; each is answered from an index, or passes over the sites or the outlets once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, and_, func, or_, select
from sqlalchemy.engine import Engine

from storage.engine import reading
from storage.outlets import newest_event
from storage.tables import events, outlets, sites, visits

#: the end of a visit is seen by all at most so long after the time that stands in it: its transaction takes a while,
#: and the clocks of machines differ
SETTLED: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """How far an outlet is behind the event log."""

    outlet: str
    #: events after its cursor, wanted or not
    events: int
    #: since the first of them was recorded; zero if there is none
    age: timedelta
    #: it is told nothing until a person enables it
    disabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFigures:
    """How a watched site stands."""

    id: int
    name: str
    #: its postings that are open
    open: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How the installation stands at one moment."""

    #: sites that are watched; `paused` and `visited` of them are paused, or being visited
    sites: int
    paused: int
    visited: int
    #: sites whose visit is due and has not begun, and for how long the first of them has been
    due: int
    overdue: timedelta
    #: postings that are open
    open: int
    #: every watched site, by name; None where there are too many to name them
    named: tuple[SiteFigures, ...] | None
    #: number of the newest event
    newest_event: int
    #: every outlet, by name
    lags: tuple[Lag, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What visits that ended have done, whoever made them."""

    #: the visits by outcome
    visits: Mapping[str, int] = field(default_factory=dict)
    #: pages that showed a posting, and pages and postings that could not be read
    read: int = 0
    unreadable: int = 0
    #: requests by what came of them, as `VisitSummary.answers` has them
    answers: Mapping[str, int] = field(default_factory=dict)
    bytes: int = 0

    def __add__(self, other: Made) -> Made:
        return Made(
            visits=Counter(self.visits) + Counter(other.visits),
            read=self.read + other.read,
            unreadable=self.unreadable + other.unreadable,
            answers=Counter(self.answers) + Counter(other.answers),
            bytes=self.bytes + other.bytes,
        )


def read(engine: Engine, now: datetime, *, name_sites_below: int) -> Figures:
    """The figures of this moment. Sites are named only if fewer than `name_sites_below` are watched.

    Raises DatabaseError.
    """
    with reading(engine) as connection:
        watched, paused, visited, due, first_due = _sites(connection, now)
        return Figures(
            sites=watched,
            paused=paused,
            visited=visited,
            due=due,
            overdue=max(now - first_due, timedelta(0)) if first_due else timedelta(0),
            open=_open(connection),
            named=_named(connection) if watched < name_sites_below else None,
            newest_event=newest_event(connection),
            lags=_lags(connection, now),
        )


def count_events(engine: Engine, after: int, limit: int) -> tuple[int, dict[str, int]]:
    """How many events of each type follow number `after`, and the number up to which they were counted.

    At most `limit` events are looked at; numbers have no gaps, so the next call can begin where this one ended.
    """
    with reading(engine) as connection:
        newest = min(newest_event(connection), after + limit)
        query = (
            select(events.c.type, func.count())
            .where(events.c.number > after, events.c.number <= newest)
            .group_by(events.c.type)
        )
        return newest, {kind: int(count) for kind, count in connection.execute(query)}


def count_visits(engine: Engine, after: datetime, until: datetime) -> Made:
    """What the visits did that ended after one time and not after another; the later one lies `SETTLED` back."""
    query = select(visits.c.outcome, visits.c.read, visits.c.unreadable, visits.c.answers, visits.c.bytes).where(
        visits.c.ended_at > after, visits.c.ended_at <= until
    )
    outcomes, answers = Counter[str](), Counter[str]()
    read = unreadable = received = 0
    with reading(engine) as connection:
        for row in connection.execute(query):
            outcomes[row.outcome] += 1
            answers.update(row.answers)
            read += row.read
            unreadable += row.unreadable
            received += row.bytes
    return Made(visits=outcomes, read=read, unreadable=unreadable, answers=answers, bytes=received)


def _sites(connection: Connection, now: datetime) -> tuple[int, int, int, int, datetime | None]:
    leased = sites.c.lease_until > now
    due = and_(
        sites.c.next_visit_at <= now,
        sites.c.paused_at.is_(None),
        or_(sites.c.lease_until.is_(None), sites.c.lease_until <= now),
    )
    row = connection.execute(
        select(
            func.count().label("watched"),
            func.count().filter(sites.c.paused_at.is_not(None)).label("paused"),
            func.count().filter(leased).label("visited"),
            func.count().filter(due).label("due"),
            func.min(sites.c.next_visit_at).filter(due).label("first_due"),
        ).where(sites.c.removed_at.is_(None))
    ).one()
    return row.watched, row.paused, row.visited, row.due, row.first_due


def _open(connection: Connection) -> int:
    return int(connection.execute(select(func.coalesce(func.sum(sites.c.open), 0))).scalar_one())


def _named(connection: Connection) -> tuple[SiteFigures, ...]:
    query = select(sites.c.id, sites.c.name, sites.c.open).where(sites.c.removed_at.is_(None)).order_by(sites.c.name)
    return tuple(SiteFigures(id=id_, name=name, open=opened) for id_, name, opened in connection.execute(query))


def _lags(connection: Connection, now: datetime) -> tuple[Lag, ...]:
    first = (
        select(events.c.at)
        .where(events.c.number > outlets.c.cursor)
        .order_by(events.c.number)
        .limit(1)
        .correlate(outlets)
        .scalar_subquery()
    )
    newest = newest_event(connection)
    query = select(outlets.c.name, outlets.c.cursor, outlets.c.disabled_at, first.label("first")).order_by(
        outlets.c.name
    )
    return tuple(
        Lag(
            outlet=row.name,
            events=newest - row.cursor,
            age=max(now - row.first, timedelta(0)) if row.first else timedelta(0),
            disabled=row.disabled_at is not None,
        )
        for row in connection.execute(query)
    )
