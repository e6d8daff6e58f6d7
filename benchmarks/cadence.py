"""How long postings wait to be seen, for the same number of requests: `python -m benchmarks.cadence`.

A population of sites opens postings at rates that are far apart (lognormal), most of them in the office hours of their
time zone, some in one night hour, some at any time; visits cost between one and some hundred requests. All sites are
visited (a) at one fixed interval, (b) as `scheduler.cadence` says, with what `postings.rhythm` has learnt from nothing
but the visits, at the price that `scheduler.budget` finds for the budget, (c) as the same rule says that knows the true
rates and rhythms. The same openings are seen by all three. No shape of a week is the one that the rhythm starts from.

Where `--exact N` is given, the best weekly schedule of N sites is worked out by dynamic programming too, to see how far
(c) is from it. Prints tables and writes nothing.
"""

from __future__ import annotations

import argparse
import heapq
import math
import random
import time
from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from postings import rhythm as rhythms
from postings.rhythm import WEEK, Rhythm, pieces
from postings.sites import Health, Site
from postings.visits import Outcome, Verdict
from scheduler import budget, cadence, revisiting
from scheduler.cadence import Bounds
from storage.budget import House, Spending, Sums

START = datetime(2026, 1, 5, tzinfo=UTC)
BOUNDS = Bounds()
#: visits a day of a site that the budget would pay for if all had the same
VISITS = 4.0
#: hours between two looks at the budget
BUDGET_EVERY = 6
#: visits of a site between two counts of what it asks for; the first ones are all counted
COUNT_EVERY, COUNT_FIRST = 12, 4
COMPLETE = Verdict(outcome=Outcome.COMPLETE)
#: of the population, in UTC: where most career sites are
ZONES = (-8, -7, -6, -5, -5, -3, 0, 0, 1, 1, 1, 1, 2, 2, 3, 5, 8, 9, 10)


@dataclass(slots=True)
class Real:
    """A site as it is."""

    #: openings an hour, for each hour of the week
    rates: list[float]
    requests: int
    openings: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """What became of the openings of a span of time."""

    requests: float = 0.0
    waited: float = 0.0
    openings: int = 0

    @property
    def mean(self) -> float:
        """Hours from an opening to the visit that sees it."""
        return self.waited / max(self.openings, 1)


def a_week(rng: random.Random) -> list[float]:
    """When a site publishes: a weight for each hour of the week, of mean 1."""
    kind, zone = rng.random(), rng.choice(ZONES)
    if kind < 0.1:
        weights = [1.0] * WEEK
    elif kind < 0.18:
        night = rng.randrange(24)
        weights = [12.0 if hour % 24 == night else 0.25 for hour in range(WEEK)]
    else:
        weights = _office_hours(rng, zone)
    mean = sum(weights) / WEEK
    return [weight / mean for weight in weights]


def _office_hours(rng: random.Random, zone: int) -> list[float]:
    begin, end, at_any_time = rng.uniform(7, 10), rng.uniform(15.5, 19), rng.uniform(0.02, 0.2)
    peaks, friday = (rng.uniform(9, 11.5), rng.uniform(13.5, 16.5)), rng.uniform(0.4, 1.1)
    weights = []
    for hour in range(WEEK):
        day, of_day = divmod((hour + zone) % WEEK, 24)
        middle, weight = of_day + 0.5, 0.0
        if day < 5 and begin - 0.5 <= middle < end + 0.5:
            weight = 0.3 + sum(math.exp(-(((middle - peak) / 1.5) ** 2)) for peak in peaks)
        weights.append(weight * (friday if day == 4 else 1.0))
    mean = sum(weights) / WEEK
    return [at_any_time + (1 - at_any_time) * weight / mean for weight in weights]


def population(number: int, hours: float, rng: random.Random) -> list[Real]:
    """Sites with what opens on them in so many hours."""
    reals = []
    for _ in range(number):
        rate = min(math.exp(rng.gauss(math.log(0.4), 1.4)), 60.0) / 24
        real = Real([rate * weight for weight in a_week(rng)], max(1, round(math.exp(rng.gauss(math.log(15), 1.0)))))
        most, at = max(real.rates), 0.0
        while (at := at + rng.expovariate(most)) < hours:
            if rng.random() * most < real.rates[int(at) % WEEK]:
                real.openings.append(at)
        reals.append(real)
    return reals


#: hours until the next visit, after one of this site at this hour that found so many; None = the first
Choose = Callable[[int, float, int | None], float]


def live(reals: Sequence[Real], spans: Sequence[float], choose: Choose, tick: Callable[[], None]) -> list[Tally]:
    """What became of the openings in each span of time; `spans` are the ends of all, in hours."""
    rng = random.Random(5)
    due = [(rng.random() * 6, site) for site in range(len(reals))]
    heapq.heapify(due)
    seen: list[int | None] = [None] * len(reals)
    tallies, next_tick = [Tally() for _ in spans], 0.0
    while due[0][0] < spans[-1]:
        at, site = heapq.heappop(due)
        while next_tick <= at:
            tick()
            next_tick += BUDGET_EVERY
        openings, before = reals[site].openings, seen[site]
        now = bisect(openings, at)
        tallies[bisect(spans, at)].requests += reals[site].requests
        for opened in openings[before:now] if before is not None else ():
            tally = tallies[bisect(spans, opened)]
            tally.waited += at - opened
            tally.openings += 1
        seen[site] = now
        heapq.heappush(due, (at + choose(site, at, None if before is None else now - before), site))
    return tallies


class Learning:
    """(b): what hirewatch does, with its own code but for the database."""

    def __init__(self, reals: Sequence[Real], requests_a_day: float) -> None:
        self._reals, self._budget = reals, requests_a_day
        self._house, self._rng = House(), random.Random(7)
        self._sites = [
            Site(id=number, name="", start_url="", host_key="", added_at=START) for number in range(len(reals))
        ]
        self._visits = [0] * len(reals)
        self._spending: list[Spending | None] = [None] * len(reals)

    @property
    def visits(self) -> int:
        """How many there were."""
        return sum(self._visits)

    def choose(self, number: int, hours: float, found: int | None) -> float:
        """Learns of a visit, and says when the next one is."""
        now, site, requests = START + timedelta(hours=hours), self._sites[number], self._reals[number].requests
        if found is None:
            # how many are open tells nothing here: all sites begin alike
            rhythm = rhythms.begin(Rhythm(), began=now, open_now=20, requests=requests)
        else:
            rhythm = rhythms.observe(site.rhythm, began=now, news=found, requests=requests)
        site = self._sites[number] = replace(site, rhythm=rhythm)
        if self._visits[number] < COUNT_FIRST or self._visits[number] % COUNT_EVERY == 0:
            self._spending[number] = cadence.spending(site, now=now, bounds=BOUNDS, house=self._house)
        self._visits[number] += 1
        at = cadence.next_visit(site, COMPLETE, Health(), now=now, rng=self._rng, bounds=BOUNDS, house=self._house)
        return (at - now) / timedelta(hours=1)

    def tick(self) -> None:
        """Looks at the budget."""
        if any(self._spending):
            # a site that was never visited yet will take its part
            asked = self._budget * sum(map(bool, self._spending)) / len(self._spending)
            self._house = budget.house(lambda price: _sums(self._spending, price), asked, near=self._house.price)


class Knowing:
    """(c): the rule that knows everything."""

    def __init__(self, reals: Sequence[Real], requests_a_day: float) -> None:
        self._reals, house = reals, House()
        for _ in range(4):
            spendings = [self._spending(real, house.price) for real in reals]
            house = budget.house(lambda price, found=spendings: _sums(found, price), requests_a_day)  # type: ignore[misc]
        self.price = house.price

    def choose(self, number: int, hours: float, found: int | None) -> float:
        """When the next visit is."""
        return knowing(self._reals[number], self.price, hours)

    @staticmethod
    def _spending(real: Real, price: float) -> Spending:
        visits = revisiting.visits_a_day(real.rates, price * real.requests, shortest=SHORTEST, longest=LONGEST)
        return Spending(
            demand=real.requests * visits * math.sqrt(price),
            least=real.requests * 24 / LONGEST,
            most=real.requests * 24 / SHORTEST,
        )


SHORTEST, LONGEST = BOUNDS.shortest / timedelta(hours=1), BOUNDS.longest / timedelta(hours=1)


def knowing(real: Real, price: float, hours: float) -> float:
    """Hours until the next visit, where the true rates are known."""
    return revisiting.wait(real.rates, hours % WEEK, price * real.requests, shortest=SHORTEST, longest=LONGEST)


def _sums(spendings: Sequence[Spending | None], price: float) -> Sums:
    known = [spending for spending in spendings if spending is not None]
    return Sums(all=sum(one.at(price) for one in known), fixed=0.0, least=sum(one.least for one in known))


def exact(real: Real, price: float) -> float:
    """Hours of waiting, and requests at their price, a week, of the best schedule on a grid of half hours."""
    step, size = 0.5, 2 * WEEK
    rates = [real.rates[place // 2] for place in range(size)]
    longest, horizon = round(LONGEST / step), 3 * size
    values = [0.0] * (horizon + longest + 1)
    for start in range(horizon - 1, -1, -1):
        least, waiting, waited = math.inf, 0.0, 0.0
        for end in range(start + 1, start + longest + 1):
            rate = rates[(end - 1) % size]
            waited += waiting * step + rate * step * step / 2
            waiting += rate * step
            least = min(least, waited + values[end])
        values[start] = least + price * real.requests
    return values[0] - values[size]


def cost(real: Real, price: float, weeks: int = 4) -> float:
    """The same of the rule (c)."""
    at, worth = 0.0, 0.0
    while at < weeks * WEEK:
        hours, waiting = knowing(real, price, at), 0.0
        for hour, part in pieces(at % WEEK, at % WEEK + hours):
            worth += waiting * part + real.rates[hour] * part * part / 2
            waiting += real.rates[hour] * part
        worth += price * real.requests
        at += hours
    return worth * WEEK / at


def main() -> None:
    """Prints how long postings wait, a table for each seed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sites", type=int, default=250)
    parser.add_argument("--weeks", type=int, default=12, help="in all; the first four are for learning")
    parser.add_argument("--seeds", type=int, nargs="*", default=[11, 12, 13, 14], help="none of these was tuned on")
    parser.add_argument("--exact", type=int, default=0, metavar="N", help="work out the best schedule of N sites too")
    asked = parser.parse_args()
    spans = [WEEK * week for week in sorted({1, 4, asked.weeks})]
    for seed in asked.seeds:
        began = time.process_time()
        rng = random.Random(seed)
        reals = population(asked.sites, spans[-1], rng)
        requests_a_day = VISITS * sum(real.requests for real in reals)
        learning, optimum = Learning(reals, requests_a_day), Knowing(reals, requests_a_day)
        started = time.process_time()
        learnt = live(reals, spans, learning.choose, learning.tick)
        a_visit = (time.process_time() - started) / learning.visits
        tables = {
            "(a) fixed": live(reals, spans, lambda *_: 24 / VISITS, lambda: None),
            "(b) hirewatch": learnt,
            "(c) optimum": live(reals, spans, optimum.choose, lambda: None),
        }
        print(f"seed {seed}: {asked.sites} sites, {requests_a_day:,.0f} requests a day")
        for place, end in enumerate(spans):
            first = spans[place - 1] if place else 0
            days = (end - first) / 24
            fixed, ours, best = (table[place] for table in tables.values())
            requests = ", ".join(f"{tally.requests / days / requests_a_day:.3f}" for tally in (fixed, ours, best))
            print(
                f"  weeks {first // WEEK + 1}-{end // WEEK}: {fixed.openings:,} openings waited "
                f"{fixed.mean:.2f} h, {ours.mean:.2f} h, {best.mean:.2f} h; requests {requests} of the budget; "
                f"hirewatch {ours.mean / fixed.mean:.2f} of fixed, {ours.mean / best.mean:.2f} of the optimum"
            )
        if asked.exact:
            some = reals[: asked.exact]
            ratio = sum(cost(real, optimum.price) for real in some) / sum(exact(real, optimum.price) for real in some)
            print(f"  (c) costs {ratio:.3f} of the best schedule, on {len(some)} sites")
        print(
            f"  {time.process_time() - began:.0f} s of CPU; learning and choosing took {a_visit * 1e3:.2f} ms a visit"
        )


if __name__ == "__main__":
    main()
