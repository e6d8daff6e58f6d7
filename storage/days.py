"""What happened day by day: of each site, and of all. Asked by the pages; the ledger adds what it records.

Days are those of UTC. A day on which nothing happened has no row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Integer, Row, bindparam, func, select, update
from sqlalchemy.engine import Engine

from postings.visits import Outcome
from storage.engine import reading
from storage.tables import site_days, sites
from storage.upserts import insert_or_add

_EVENTS = ("opened", "changed", "closed", "reopened", "growth")
_VISITS = tuple(str(outcome) for outcome in Outcome)
_COUNTED = (*_EVENTS, *_VISITS)
_GROW = (
    update(sites).where(sites.c.id == bindparam("site")).values(open=sites.c.open + bindparam("growth", type_=Integer))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What happened on one day."""

    on: date
    #: postings that appeared, changed, closed, and came back, without those that were there before anybody watched
    opened: int = 0
    changed: int = 0
    closed: int = 0
    reopened: int = 0
    #: how many more postings are open at its end than at its beginning
    growth: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteDay(Day):
    """What happened on one day on one site."""

    #: visits that ended, by outcome
    complete: int = 0
    partial: int = 0
    suspect: int = 0
    failed: int = 0

    @property
    def visits(self) -> dict[str, int]:
        """How many visits ended in each way; without those in which none did."""
        return {name: count for name in _VISITS if (count := getattr(self, name))}


def add(connection: Connection, site_id: int, at: datetime, counts: Mapping[str, int]) -> None:
    """Adds to the day of `at`, by the names of columns, and what it grew by to the site's open postings: within the
    transaction that records what is counted, and holds the site's row."""
    insert_or_add(connection, site_days, {"day": at.date(), "site_id": site_id, **counts})
    if growth := counts.get("growth"):
        connection.execute(_GROW, {"site": site_id, "growth": growth})


def of_sites(connection: Connection, site_ids: Collection[int], since: date) -> dict[int, list[SiteDay]]:
    """The days of these sites from `since` on, in their order; a site on which nothing happened is not among them."""
    query = (
        select(site_days.c.site_id, site_days.c.day, *(site_days.c[name] for name in _COUNTED))
        .where(site_days.c.site_id.in_(site_ids), site_days.c.day >= since)
        .order_by(site_days.c.site_id, site_days.c.day)
    )
    found: dict[int, list[SiteDay]] = {}
    for site_id, day, *counts in connection.execute(query):
        found.setdefault(site_id, []).append(SiteDay(on=day, **dict(zip(_COUNTED, counts, strict=True))))
    return found


def of_all(engine: Engine, since: date, before: date | None = None) -> list[Day]:
    """The days of all sites together from `since` on and before `before`, in their order."""
    sums = [func.sum(site_days.c[name]).label(name) for name in _EVENTS]
    query = (
        select(site_days.c.day, *sums)
        .where(site_days.c.day >= since)
        .group_by(site_days.c.day)
        .order_by(site_days.c.day)
    )
    if before is not None:
        query = query.where(site_days.c.day < before)
    with reading(engine) as connection:
        return [Day(on=row.day, **_counts(row)) for row in connection.execute(query)]


def _counts(row: Row[Any]) -> dict[str, int]:
    return {name: int(getattr(row, name)) for name in _EVENTS}
