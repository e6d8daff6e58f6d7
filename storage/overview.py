"""How everything stands, for the first page: a few numbers, and the sites that a person has to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, and_, func, or_, select
from sqlalchemy.engine import Engine

from postings.sites import Site
from postings.visits import VisitSummary
from storage.engine import reading
from storage.paging import COUNTED
from storage.site_pages import newest_visits
from storage.site_rows import from_row
from storage.tables import outlets, postings, sites

#: visits in a row to which a site said that it is gone, after which a person is asked
SAID_GONE: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How many there are."""

    #: sites that are watched; `paused` of them are paused, and `visited` have had a complete visit
    sites: int
    paused: int
    visited: int
    #: postings that are open, and those of them whose last day comes before the time that was asked for
    open: int
    closing: int
    outlets: int
    #: more than `COUNTED` of them end by then, and no more were counted
    closing_more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Troubled:
    """A site that a person has to look at."""

    site: Site
    #: its newest one; None if it was never visited
    visit: VisitSummary | None
    #: postings that are open there
    open: int
    #: those of them that its newest visit did not see
    unseen: int


def standing(engine: Engine, now: datetime, closing_before: datetime) -> Standing:
    """The numbers of this moment. Both times are aware."""
    watched = sites.c.removed_at.is_(None)
    with reading(engine) as connection:
        row = connection.execute(
            select(
                func.count().filter(watched).label("sites"),
                func.count().filter(watched, sites.c.paused_at.is_not(None)).label("paused"),
                func.count().filter(watched, sites.c.baseline_done).label("visited"),
                func.coalesce(func.sum(sites.c.open), 0).label("open"),
            )
        ).one()
        ends = and_(postings.c.state == "open", postings.c.valid_until > now, postings.c.valid_until <= closing_before)
        some = select(postings.c.state).where(ends).limit(COUNTED + 1)
        closing = _count(connection, select(func.count()).select_from(some.subquery()))
        return Standing(
            sites=row.sites,
            paused=row.paused,
            visited=row.visited,
            open=row.open,
            closing=min(closing, COUNTED),
            closing_more=closing > COUNTED,
            outlets=_count(connection, select(func.count()).select_from(outlets)),
        )


def troubled(engine: Engine, limit: int) -> tuple[list[Troubled], int]:
    """The first `limit` sites that a person has to look at, by name, and how many there are.

    These are the ones that said so themselves: a visit that ended badly is repeated without anybody.
    """
    health = sites.c.health
    needs = and_(
        sites.c.removed_at.is_(None),
        or_(
            func.coalesce(health["attention"].as_string(), "") != "",
            health["gone_visits"].as_integer() >= SAID_GONE,
            func.coalesce(health["suspects"].as_string(), "[]") != "[]",
        ),
    )
    with reading(engine) as connection:
        count = _count(connection, select(func.count()).where(needs))
        rows = connection.execute(select(sites).where(needs).order_by(sites.c.name).limit(limit)).all()
        newest = newest_visits(connection, [row.id for row in rows])
        seen = _seen(connection, newest)
    return [
        Troubled(
            site=from_row(row),
            visit=newest.get(row.id),
            open=row.open,
            unseen=row.open - seen.get(row.id, 0) if row.id in newest else 0,
        )
        for row in rows
    ], count


def _seen(connection: Connection, newest: Mapping[int, VisitSummary]) -> dict[int, int]:
    """How many open postings of each site its newest visit has seen."""
    by_it = [
        and_(postings.c.site_id == site_id, postings.c.last_visit == visit.id) for site_id, visit in newest.items()
    ]
    if not by_it:
        return {}
    query = (
        select(postings.c.site_id, func.count())
        .where(postings.c.state == "open", or_(*by_it))
        .group_by(postings.c.site_id)
    )
    return {site_id: int(count) for site_id, count in connection.execute(query)}


def _count(connection: Connection, query: Select[Any]) -> int:
    return int(connection.execute(query).scalar_one())
