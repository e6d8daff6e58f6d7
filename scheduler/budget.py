"""Keeps the house within its budget of requests, and sites from going astray when a clock jumps. Synchronous.

The service calls `tick` once an hour. What it costs does not grow with the number of sites but for a sum over them.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final

from sqlalchemy.engine import Engine

from postings.errors import UsageError
from postings.sites import Site
from scheduler import cadence, cron
from scheduler.cadence import Bounds
from storage import budget
from storage.budget import PRICE, House, Sums

#: prices between which one is sought
_CHEAPEST: Final = 1e-8
_DEAREST: Final = 1e6
#: how closely the budget is met
_PRECISION: Final = 0.002
_MOST_STEPS: Final = 40
#: the longest interval is never stretched further
MOST_STRETCH: Final = 60.0
#: sites that are brought back at a time
_BATCH: Final = 1000


def tick(engine: Engine, *, requests_a_day: float | None, bounds: Bounds, now: datetime, rng: Random) -> list[str]:
    """Works out what a request is worth now, and brings back sites whose next visit is further off than any can be.

    `requests_a_day`: the budget of the whole house; None = there is none. Returns lines for whoever watches the
    service.
    """
    before = budget.current(engine)
    found = house(lambda price: budget.sums(engine, price), requests_a_day, near=before.price)
    if found != before:
        budget.settle(engine, found)
    lines = []
    if requests_a_day is not None and (found.stretch > 1) != (before.stretch > 1):
        lines.append(said(found, requests_a_day, bounds) or "the budget suffices again")
    back = bring_back(engine, bounds=bounds, house=found, now=now, rng=rng)
    if back:
        lines.append(
            f"{back} sites were to be visited too late, as after a clock that jumped; they are visited in time"
        )
    return lines


def house(sums: Callable[[float], Sums], requests_a_day: float | None, *, near: float = PRICE) -> House:
    """The price at which all sites take what the budget allows, sought from the price `near`.

    Where even the longest intervals take more, the stretch that makes up for it.
    """
    if requests_a_day is None:
        return House()
    taken = sums(_DEAREST)
    room = requests_a_day - taken.fixed
    if taken.least >= room:
        if taken.least == 0:
            return House(price=_DEAREST if taken.fixed else PRICE)
        stretch = min(taken.least / room, MOST_STRETCH) if room > 0 else MOST_STRETCH
        return House(price=_DEAREST, stretch=max(stretch, 1.0))
    low, high, price = _CHEAPEST, _DEAREST, min(max(near, _CHEAPEST), _DEAREST)
    for _ in range(_MOST_STEPS):
        over = sums(price).all / requests_a_day
        if abs(over - 1) < _PRECISION or high / low < 1 + _PRECISION:
            break
        low, high = (price, high) if over > 1 else (low, price)
        # what is asked for goes with 1 / sqrt(price), except for the sites at their bounds
        price = price * over * over
        if not low < price < high:
            price = math.sqrt(low * high)
    return House(price=price)


def said(house: House, requests_a_day: float, bounds: Bounds) -> str | None:
    """What a budget that is too small comes to, in words; None if it suffices."""
    if house.stretch <= 1:
        return None
    hours = bounds.longest * house.stretch / timedelta(hours=1)
    return (
        f"{requests_a_day:,.0f} requests a day are too few for a visit of each site every "
        f"{bounds.longest / timedelta(hours=1):.0f} h: it takes up to {hours:.0f} h"
    )


def bring_back(engine: Engine, *, bounds: Bounds, house: House, now: datetime, rng: Random) -> int:
    """Sets a time for sites whose next visit lies further off than a visit that ended now would put it.

    That happens where the clock was ahead for a while, or where the longest interval was made shorter. They are spread
    over the interval, so that no storm comes of it. Returns how many there were.
    """
    brought = 0
    for way in budget.intervals(engine):
        every, line, zone = way
        limit = _limit(every, line, zone, bounds=bounds, house=house, now=now)
        while True:
            strays = budget.astray(engine, way, limit, now, _BATCH)
            times = _times(strays, bounds=bounds, house=house, now=now, limit=limit, rng=rng)
            budget.bring_forward(engine, times)
            brought += len(times)
            if len(strays) < _BATCH or not times:
                break
    return brought


def _limit(
    every: timedelta | None, line: str | None, zone: str | None, *, bounds: Bounds, house: House, now: datetime
) -> datetime:
    """No site that is visited in this way is due later, unless its own budget keeps it away."""
    if line is not None:
        with contextlib.suppress(UsageError):
            return cron.after(line, zone or "UTC", now) + cadence.CRON_JITTER
    longest = max(bounds.longest, bounds.shortest) * house.stretch if every is None else every
    return now + longest * (1 + 2 * cadence.JITTER)


def _times(
    sites: Sequence[Site], *, bounds: Bounds, house: House, now: datetime, limit: datetime, rng: Random
) -> dict[int, datetime]:
    times = {}
    for site in sites:
        if site.cron is not None and site.requests_a_day is None:
            times[site.id] = limit - cadence.CRON_JITTER * rng.random()
            continue
        wait = cadence.longest_wait(site, bounds=bounds, house=house)
        if site.next_visit_at is not None and site.next_visit_at > now + wait + cadence.JITTER * wait:
            times[site.id] = now + wait * rng.random()
    return times
