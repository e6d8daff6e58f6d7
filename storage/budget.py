"""What visits cost the house, and what a request is worth to it. Kept for `scheduler.budget`, told to each visit's end.

Each visit leaves in its site's row how many requests a day the site asks for, so that what all sites ask for at a price
is one sum, whatever their number.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, case, func, select, update
from sqlalchemy.engine import Engine

from postings.sites import Site
from storage.engine import reading, writing
from storage.site_rows import from_row
from storage.tables import installation, sites

#: hours that one posting waits, for which a request is worth making, where no budget says otherwise: two minutes. A
#: site that opens one posting a day and costs 25 requests is visited every six hours
PRICE: Final = 1 / 30


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What all sites share."""

    #: of a request, in hours that one posting waits
    price: float = PRICE
    #: the longest interval is this many times as long, because the budget does not suffice for it
    stretch: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """Requests a day that a site asks for."""

    #: at a price of 1; in proportion to 1 / sqrt(price)
    demand: float
    #: at its longest interval, and at its shortest; both the same where a person has set when it is visited
    least: float
    most: float

    def at(self, price: float) -> float:
        """Requests a day at this price."""
        return max(self.least, min(self.most, self.demand / math.sqrt(price)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Requests a day of all watched sites."""

    #: at a price
    all: float
    #: what sites take whose times a person has set
    fixed: float
    #: what the others take at their longest intervals
    least: float


#: columns that tell what a request is worth, for any query
HOUSE: Final = (
    select(installation.c.request_price).scalar_subquery().label("request_price"),
    select(installation.c.interval_stretch).scalar_subquery().label("interval_stretch"),
)


def house(row: Row[*tuple[Any, ...]]) -> House:
    """What the columns `HOUSE` say."""
    return House(price=row.request_price or PRICE, stretch=row.interval_stretch or 1.0)


def current(engine: Engine) -> House:
    """What a request is worth now."""
    with reading(engine) as connection:
        return house(connection.execute(select(*HOUSE)).one())


def settle(engine: Engine, found: House) -> None:
    """The price and the stretch from now on."""
    price = None if found.price == PRICE else found.price
    stretch = None if found.stretch == 1.0 else found.stretch
    with writing(engine) as connection:
        connection.execute(update(installation).values(request_price=price, interval_stretch=stretch))


def sums(engine: Engine, price: float) -> Sums:
    """What the watched sites take together; sites that were never visited are not counted."""
    asked = sites.c.demand / math.sqrt(price)
    spent = case(
        (asked < sites.c.least_requests, sites.c.least_requests),
        (asked > sites.c.most_requests, sites.c.most_requests),
        else_=asked,
    )
    auto = sites.c.every.is_(None) & sites.c.cron.is_(None)
    query = select(
        func.coalesce(func.sum(spent), 0.0),
        func.coalesce(func.sum(case((auto, 0.0), else_=sites.c.least_requests)), 0.0),
        func.coalesce(func.sum(case((auto, sites.c.least_requests), else_=0.0)), 0.0),
    ).where(sites.c.removed_at.is_(None), sites.c.paused_at.is_(None), sites.c.demand.is_not(None))
    with reading(engine) as connection:
        every, fixed, least = connection.execute(query).one()
    return Sums(all=every, fixed=fixed, least=least)


def intervals(engine: Engine) -> list[tuple[timedelta | None, str | None, str | None]]:
    """The ways in which sites are visited, each once: interval, cron line and its zone."""
    query = select(sites.c.every, sites.c.cron, sites.c.zone).where(sites.c.removed_at.is_(None)).distinct()
    with reading(engine) as connection:
        rows = connection.execute(query).all()
    return [(None if every is None else timedelta(seconds=every), cron, zone) for every, cron, zone in rows]


def astray(
    engine: Engine, way: tuple[timedelta | None, str | None, str | None], after: datetime, now: datetime, limit: int
) -> list[Site]:
    """At most `limit` sites visited in this way whose next visit lies after that time, though none asked for it."""
    every, cron, zone = way
    query = (
        select(sites)
        .where(
            sites.c.next_visit_at > after,
            *_visited(every, cron, zone),
            func.coalesce(sites.c.come_back_at, now) <= now,
            sites.c.paused_at.is_(None),
            sites.c.removed_at.is_(None),
        )
        .order_by(sites.c.next_visit_at.desc())
        .limit(limit)
    )
    with reading(engine) as connection:
        return [from_row(row) for row in connection.execute(query)]


def bring_forward(engine: Engine, times: dict[int, datetime]) -> None:
    """Sets when sites are visited next, by id, unless that is sooner already."""
    with writing(engine) as connection:
        for site_id, at in sorted(times.items()):
            connection.execute(
                update(sites).where(sites.c.id == site_id, sites.c.next_visit_at > at).values(next_visit_at=at)
            )


def _visited(every: timedelta | None, cron: str | None, zone: str | None) -> Iterator[Any]:
    seconds = None if every is None else round(every.total_seconds())
    for column, value in ((sites.c.every, seconds), (sites.c.cron, cron), (sites.c.zone, zone)):
        yield column.is_(None) if value is None else column == value
