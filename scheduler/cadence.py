"""Answers when a site is visited next. `scheduler.visits` asks at the end of each visit; nothing here knows a clock.

A site is visited when a person said (an interval, or a cron line), or when a visit is worth its requests
(`scheduler.revisiting`), a little early or late so that many sites never march in step. A visit that is not believed is
repeated soon, a site that does not answer is left alone for longer each time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Final

from postings.errors import UsageError
from postings.health import revisit_after
from postings.rhythm import WEEK, hour_of_week
from postings.sites import Health, Site
from postings.visits import Outcome, Verdict
from scheduler import cron, revisiting
from storage.budget import House, Spending

#: the interval is stretched or shortened by at most this share of itself
JITTER: Final = 0.05
#: a visit by a cron line begins at most so much later than it says
CRON_JITTER: Final = timedelta(minutes=1)
#: the wait after the first failed visit; doubled for each further one, up to the site's interval
FIRST_BACK_OFF: Final = timedelta(minutes=10)
#: a visit that was stopped on purpose has not done its work
AFTER_STOP: Final = timedelta(minutes=1)
#: requests that a visit takes, where none has shown it yet
USUAL_COST: Final = 20.0

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
#: how closely a budget of a site's own is met
_PRECISION: Final = 0.01
_MOST_STEPS: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Between which two times hirewatch chooses an interval, where it does."""

    shortest: timedelta = timedelta(minutes=15)
    longest: timedelta = timedelta(days=1)


BOUNDS: Final = Bounds()
HOUSE: Final = House()


def next_visit(
    site: Site,
    verdict: Verdict,
    health: Health,
    *,
    now: datetime,
    rng: Random,
    not_before: datetime | None = None,
    bounds: Bounds = BOUNDS,
    house: House = HOUSE,
) -> datetime:
    """When to visit `site` again after a visit that ended with `verdict`.

    `health` and the site's rhythm are those with this visit counted in; `now` is aware, and so is the answer, which
    always lies after `now`. A repetition after a visit in doubt never comes later than the next regular one.
    `not_before`: the site asked to be left alone until then (Retry-After). An interval that hirewatch chooses lies
    within `bounds`, unless the budget of the site or of the house forbids that.
    """
    if verdict.outcome is Outcome.SUSPECT:
        soon = revisit_after(health)
    elif verdict.outcome is Outcome.FAILED:
        soon = back_off(health.failures)
    else:
        soon = None
    at = latest(site, now, rng=rng, bounds=bounds, house=house)
    if soon is not None:
        at = min(at, now + soon * rng.uniform(1 - JITTER, 1 + JITTER))
    return at if not_before is None else max(at, not_before)


def latest(site: Site, now: datetime, *, rng: Random, bounds: Bounds = BOUNDS, house: House = HOUSE) -> datetime:
    """When the next regular visit of a site is due that was visited just now; later than `now`."""
    site = _readable(site)
    if site.cron is not None:
        least = _least_wait(site)
        return cron.after(site.cron, site.zone or "UTC", now + least) + rng.random() * CRON_JITTER
    if site.every is not None:
        return now + max(site.every, _least_wait(site)) * rng.uniform(1 - JITTER, 1 + JITTER)
    terms = _terms(site, bounds, house)
    hours = revisiting.wait(terms.rates, hour_of_week(now), terms.price, shortest=terms.shortest, longest=terms.longest)
    # the longest interval is a promise, the jitter is not
    return now + min(hours, terms.longest / (1 + JITTER)) * _HOUR * rng.uniform(1 - JITTER, 1 + JITTER)


def spending(site: Site, *, now: datetime, bounds: Bounds = BOUNDS, house: House = HOUSE) -> Spending:
    """How many requests a day the site asks for: what the house's budget is shared out by."""
    site, cost = _readable(site), _cost(site)
    if not site.auto:
        visits = _visits_a_day(site, now)
        return Spending(demand=cost * visits, least=cost * visits, most=cost * visits)
    terms = _terms(site, bounds, house)
    taken = cost * terms.visits_a_day()
    most = cost * 24 / terms.shortest
    if site.requests_a_day is not None:
        most = min(most, site.requests_a_day)
    least = min(cost * (_DAY / bounds.longest), most)
    return Spending(demand=taken * math.sqrt(terms.price / cost), least=least, most=most)


def visits_a_day(site: Site, *, now: datetime, bounds: Bounds = BOUNDS, house: House = HOUSE) -> float:
    """How often the site is visited, on average over a week."""
    site = _readable(site)
    if not site.auto:
        return _visits_a_day(site, now)
    return _terms(site, bounds, house).visits_a_day()


def week(site: Site, *, bounds: Bounds = BOUNDS, house: House = HOUSE) -> Iterator[tuple[float, float]]:
    """The visits of a week as hirewatch chooses them: the hour of the week (UTC) of each, and hours until the next."""
    terms = _terms(site, bounds, house)
    at = 0.0
    while at < WEEK:
        hours = revisiting.wait(terms.rates, at, terms.price, shortest=terms.shortest, longest=terms.longest)
        yield at, hours
        at += hours


def longest_wait(site: Site, *, bounds: Bounds = BOUNDS, house: House = HOUSE) -> timedelta:
    """How long after a visit the next regular one may be due, where no cron line says when."""
    every = max(bounds.longest, bounds.shortest) * house.stretch if site.every is None else site.every
    return max(every, _least_wait(site)) * (1 + JITTER)


def is_short(site: Site, bounds: Bounds = BOUNDS) -> bool:
    """Whether the site's own budget of requests does not suffice for its longest interval, or for the one it was
    given."""
    longest = bounds.longest if site.auto else site.every
    return longest is not None and _least_wait(site) > longest


def back_off(failures: int) -> timedelta:
    """The wait after `failures` failed visits in a row (at least one): 10 minutes, doubled each time, up to a week."""
    doublings = min(max(failures, 1) - 1, 10)
    return min(FIRST_BACK_OFF * float(2**doublings), timedelta(days=7))


def after_stop(now: datetime) -> datetime:
    """When to visit a site again whose visit was stopped before its work was done."""
    return now + AFTER_STOP


@dataclass(frozen=True, slots=True, kw_only=True)
class _Terms:
    """What the choice of an interval rests on; times in hours."""

    rates: list[float]
    #: of a visit
    price: float
    shortest: float
    longest: float

    def visits_a_day(self) -> float:
        """How often that is, over a week."""
        return revisiting.visits_a_day(self.rates, self.price, shortest=self.shortest, longest=self.longest)


def _terms(site: Site, bounds: Bounds, house: House) -> _Terms:
    shortest, longest = bounds.shortest / _HOUR, max(bounds.longest, bounds.shortest) * house.stretch / _HOUR
    terms = _Terms(rates=site.rhythm.rates(), price=house.price * _cost(site), shortest=shortest, longest=longest)
    return terms if site.requests_a_day is None else _within(terms, site.requests_a_day / _cost(site))


def _within(terms: _Terms, most: float) -> _Terms:
    """The same, dearer and if need be rarer, so that there are at most `most` visits a day."""
    if 24 / most >= terms.longest:
        return replace(terms, shortest=24 / most, longest=24 / most)
    for _ in range(_MOST_STEPS):
        over = terms.visits_a_day() / most
        if over <= 1 + _PRECISION:
            break
        # visits go with 1 / sqrt(price), or less where the bounds hold
        terms = replace(terms, price=terms.price * max(over * over, 1.1))
    return terms


def _readable(site: Site) -> Site:
    """The site, without a cron line that cannot be read any more: a zone may go from the system's database."""
    if site.cron is None:
        return site
    try:
        cron.check(site.cron, site.zone or "UTC")
    except UsageError:
        return replace(site, cron=None)
    return site


def _cost(site: Site) -> float:
    return max(site.rhythm.cost or USUAL_COST, 1.0)


def _least_wait(site: Site) -> timedelta:
    """What the site's own budget of requests has to lie between two visits."""
    return timedelta(0) if site.requests_a_day is None else _DAY * (_cost(site) / site.requests_a_day)


def _visits_a_day(site: Site, now: datetime) -> float:
    """How often a site is visited whose times a person has set."""
    least = _least_wait(site)
    if site.every is not None:
        return _DAY / max(site.every, least)
    at, visits = now, 0
    while at < now + timedelta(weeks=1):
        at = cron.after(site.cron or "", site.zone or "UTC", at + least)
        visits += 1
    return visits * (_DAY / (at - now))
