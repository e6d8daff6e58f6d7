"""What visits teach of a site's rhythm: how much is new a day, at which hours of the week, and what a visit costs.

The ledger calls `begin`, `hold` or `observe` at the end of each visit, the scheduler asks the `Rhythm` when to come
again.

Openings are taken for a Poisson process whose rate follows the week. The mean rate has a Gamma prior, and counts that
fade, so its estimate is a quotient of two sums. When a posting opened is only known to lie between the beginnings of
two visits; what was found is spread over that span by the rhythm as it is known. The rhythm itself is a mixture of
weeks (the working week of each time zone, a list renewed at each hour of the day, no rhythm), each weighed by its
likelihood, corrected hour by hour and day by day as far as there is evidence.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import Any, Final

from postings.record import instant

#: hours of a week; the first is Monday, 00:00 to 01:00 UTC
WEEK: Final = 168
#: after so long a time of watching, what was counted of the rate counts half
HALF_LIFE: Final = timedelta(days=45)
#: the same of hours and days: how much a site publishes changes sooner than where its people work
RHYTHM_HALF_LIFE: Final = timedelta(days=180)
#: visits further apart than this say nothing of what went on between them
LONGEST_SPAN: Final = timedelta(days=28)
#: of what one visit finds, no more than so many, or a multiple of what was expected, is counted: a site that moves its
#: whole archive in one night is no site that publishes so much every day
BURST: Final = 25
BURST_FACTOR: Final = 4.0
#: openings a day of a site of which nothing is known
USUAL: Final = 0.5
#: days for which a posting usually stays open: a site that shows N of them opens about N / 45 a day
STAY: Final = 45
#: openings that the prior rate counts for
RATE_WEIGHT: Final = 0.5
#: openings in an hour of the day, and on a day of the week, that the working week counts for
HOUR_WEIGHT: Final = 1.0
DAY_WEIGHT: Final = 20.0
#: share of a visit's cost that the newest visit makes up
COST_SHARE: Final = 0.2

#: the working week: Monday to Friday, from 8 to 18 o'clock in local time, with 90 % of the openings
_OPENS: Final = 8
_CLOSES: Final = 18
_SHARE: Final = 0.9
#: openings in its hours and in the others, as multiples of the mean over all
_AT_WORK: Final = _SHARE * WEEK / (5 * (_CLOSES - _OPENS))
_ELSE: Final = (1 - _SHARE) * WEEK / (WEEK - 5 * (_CLOSES - _OPENS))
#: of a list that is renewed once a day: the share of its openings that come in that hour
_AT_ONCE: Final = 0.5
#: what speaks for no rhythm at all, and for each hour of such a list, before anything was found; against each of the 24
#: zones
_EVEN: Final = 6.0
_DAILY: Final = 1 / 8
#: an opening is evidence for the hours of one visit; many at once are hardly more of it
_MOST_EVIDENCE: Final = 4
#: no week is ruled out further: one that moves is recognised again after some openings, however long the old one held
_LEAST_EVIDENCE: Final = -12.0
#: hours from the epoch (a Thursday) back to the Monday before
_MONDAY: Final = 72


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """What is known of when a site publishes. Small, and kept with the site."""

    #: openings, fading
    news: float = 0.0
    #: days of watching, fading
    days: float = 0.0
    #: openings a day to be expected of a site like this, before any was seen
    usual: float = USUAL
    #: openings by hour of the day (UTC), fading; empty = none yet
    hours: tuple[float, ...] = ()
    #: the same by day of the week, from Monday
    weekdays: tuple[float, ...] = ()
    #: logarithm of what speaks for each week: the working week of each zone (UTC-11 … UTC+12), a list that is renewed
    #: in each hour of the day (UTC), no rhythm; against the best; empty = nothing yet
    weeks: tuple[float, ...] = ()
    #: openings that visits found which were not complete: they count with the next complete one
    pending: int = 0
    #: when the last complete visit began
    seen_at: datetime | None = None
    #: requests that a visit takes; None = no visit was complete yet
    cost: float | None = None

    @property
    def daily(self) -> float:
        """Openings a day to be expected, over the week: the mean of the Gamma posterior."""
        return (RATE_WEIGHT + self.news) / (RATE_WEIGHT / self.usual + self.days)

    def rates(self) -> list[float]:
        """Openings an hour to be expected, for each hour of the week (UTC, from Monday 00:00)."""
        prior, by_hour, by_day = _prior(self.weeks)
        scale = self.daily / 24
        if not self.hours:
            return [scale * one for one in prior]
        total = math.fsum(self.hours) / WEEK
        hours = [
            (HOUR_WEIGHT + count) / (HOUR_WEIGHT + total * expected)
            for count, expected in zip(self.hours, by_hour, strict=True)
        ]
        days = [
            (DAY_WEIGHT + count) / (DAY_WEIGHT + total * expected)
            for count, expected in zip(self.weekdays, by_day, strict=True)
        ]
        week = [one * factor for one, factor in zip(prior, [hour * day for day in days for hour in hours], strict=True)]
        scale *= WEEK / math.fsum(week)
        return [scale * one for one in week]

    def to_json(self) -> dict[str, Any]:
        """The rhythm as its column keeps it."""
        return {
            "news": round(self.news, 3),
            "days": round(self.days, 3),
            "usual": round(self.usual, 4),
            "hours": [round(count, 2) for count in self.hours],
            "weekdays": [round(count, 2) for count in self.weekdays],
            "weeks": [round(weight, 1) for weight in self.weeks],
            "pending": self.pending,
            "seen_at": None if self.seen_at is None else instant(self.seen_at),
            "cost": None if self.cost is None else round(self.cost, 2),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any] | None) -> Rhythm:
        """The way back from `to_json`; None is a site of which nothing is known."""
        if not value:
            return cls()
        seen_at = value.get("seen_at")
        return cls(
            news=value.get("news", 0.0),
            days=value.get("days", 0.0),
            usual=value.get("usual", USUAL),
            hours=tuple(value.get("hours", ())),
            weekdays=tuple(value.get("weekdays", ())),
            weeks=tuple(value.get("weeks", ())),
            pending=value.get("pending", 0),
            seen_at=None if seen_at is None else datetime.fromisoformat(seen_at),
            cost=value.get("cost"),
        )


def begin(rhythm: Rhythm, *, began: datetime, open_now: int, requests: int) -> Rhythm:
    """The rhythm after a complete visit whose finds were there before anyone watched (a baseline): watching begins.

    `open_now`: postings that are open after it; `requests`: how many it took.
    """
    # the first visit reads every page, later ones only what is new or due
    cost = rhythm.cost or min(requests, 10 + requests / 20)
    usual = rhythm.usual if rhythm.days else max(open_now, 1) / STAY
    return replace(rhythm, usual=usual, cost=cost, pending=0, seen_at=began)


def hold(rhythm: Rhythm, news: int) -> Rhythm:
    """The rhythm after a partial visit: what it found is kept for the next complete one, and nothing is learnt yet."""
    return replace(rhythm, pending=rhythm.pending + news)


def observe(rhythm: Rhythm, *, began: datetime, news: int, requests: int) -> Rhythm:
    """The rhythm after a complete visit that opened, or opened again, `news` postings.

    Changes and closings are no news here: a closing is confirmed hours later and a change is found when the page's turn
    comes, so neither tells when the site publishes, and a late one costs a reader a glance and no chance.
    """
    rhythm = replace(rhythm, cost=_next_cost(rhythm.cost, requests))
    before = rhythm.seen_at
    if before is None or not timedelta(0) < began - before <= LONGEST_SPAN:
        # a clock that was set back, or months without a visit: watching begins anew
        return replace(rhythm, pending=0, seen_at=began)
    days = (began - before) / timedelta(days=1)
    found = min(news + rhythm.pending, max(BURST, BURST_FACTOR * rhythm.daily * days))
    kept, kept_rhythm = (math.exp2(-days / (half / timedelta(days=1))) for half in (HALF_LIFE, RHYTHM_HALF_LIFE))
    faded = replace(
        rhythm,
        news=kept * rhythm.news + found,
        days=kept * rhythm.days + days,
        hours=tuple([kept_rhythm * count for count in rhythm.hours]),
        weekdays=tuple([kept_rhythm * count for count in rhythm.weekdays]),
        pending=0,
        seen_at=began,
    )
    start = hour_of_week(before)
    return _spread(faded, start, start + 24 * days, found) if found else faded


def _next_cost(cost: float | None, requests: int) -> float:
    if cost is None:
        return float(requests)
    # a visit that a person ordered asks every page, which the next one will not
    return cost + COST_SHARE * (min(requests, 3 * cost + 3) - cost)


def hour_of_week(at: datetime) -> float:
    """Hours since Monday, 00:00 UTC; less than 168."""
    return (at.timestamp() / 3600 + _MONDAY) % WEEK


def pieces(start: float, end: float) -> Iterator[tuple[int, float]]:
    """The hours of the week that lie in a span, each with the part of it (in hours) that does; `start` < 168."""
    hour = int(start)
    while hour < end:
        yield hour % WEEK, min(hour + 1, end) - max(hour, start)
        hour += 1


def _spread(rhythm: Rhythm, start: float, end: float, found: float) -> Rhythm:
    """The rhythm with what was found in a span shared out over its hours, by what was expected of each."""
    rates = rhythm.rates()
    shares = [(hour, part * rates[hour]) for hour, part in pieces(start, min(end, start + WEEK))]
    scale = found / math.fsum(share for _, share in shares)
    hours, weekdays = list(rhythm.hours) or [0.0] * 24, list(rhythm.weekdays) or [0.0] * 7
    for hour, share in shares:
        hours[hour % 24] += scale * share
        weekdays[hour // 24] += scale * share
    weeks = _weighed(rhythm.weeks, start, end, min(found, _MOST_EVIDENCE))
    return replace(rhythm, hours=tuple(hours), weekdays=tuple(weekdays), weeks=weeks)


def _weighed(weeks: tuple[float, ...], start: float, end: float, news: float) -> tuple[float, ...]:
    """The evidence for each week, with what was found in a span added: the likelihood of a count in an interval."""
    length = end - start
    expected = [(_worked(end + zone) - _worked(start + zone)) / length for zone in _ZONES]
    days, rest = divmod(length, 24)
    in_hour = [days] * 24
    for hour, part in pieces(start, start + rest):
        in_hour[hour % 24] += part
    expected += [1 - _AT_ONCE + _AT_ONCE * 24 * hours / length for hours in in_hour]
    expected.append(1.0)
    evidence = [weight + news * math.log(one) for weight, one in zip(weeks or _NO_EVIDENCE, expected, strict=True)]
    most = max(evidence)
    return tuple([max(weight - most, _LEAST_EVIDENCE) for weight in evidence])


def _worked(hour: float) -> float:
    """Hours since some Monday, each counted by how much of the openings of a working week fall into it."""
    weeks, rest = divmod(hour, WEEK)
    whole = int(rest)
    return weeks * WEEK + _SUMS[whole] + (rest - whole) * _WORKING_WEEK[whole]


@lru_cache(maxsize=1024)
def _prior(weeks: tuple[float, ...]) -> tuple[Sequence[float], Sequence[float], Sequence[float]]:
    """The week to be expected, as multiples of its mean: all weeks, each by what speaks for it.

    With its sums by hour of the day and by day of the week.
    """
    weights = [before * math.exp(one) for before, one in zip(_BEFORE, weeks or _NO_EVIDENCE, strict=True)]
    whole = math.fsum(weights)
    weights = [one / whole for one in weights]
    zones, daily = weights[: len(_ZONES)], weights[len(_ZONES) : -1]
    # what begins and what ends at each hour, instead of a week for each zone
    steps = [0.0] * (WEEK + 1)
    for weight, zone in zip(zones, _ZONES, strict=True):
        for start, end in _WORK_UTC[zone]:
            steps[start] += weight
            steps[end] -= weight
    even = math.fsum(zones) * _ELSE + math.fsum(daily) * (1 - _AT_ONCE) + weights[-1]
    by_hour = [even + weight * _AT_ONCE * 24 for weight in daily] * 7
    week = [one + (_AT_WORK - _ELSE) * at_work for one, at_work in zip(by_hour, accumulate(steps[:-1]), strict=True)]
    by_hour = [math.fsum(week[hour::24]) for hour in range(24)]
    return week, by_hour, [math.fsum(week[day : day + 24]) for day in range(0, WEEK, 24)]


def _working_hours(zone: int) -> list[tuple[int, int]]:
    """From when to when the working week of a zone lasts, in hours of the week in UTC; one past Sunday is cut in
    two."""
    spans = []
    for day in range(5):
        start = (24 * day + _OPENS - zone) % WEEK
        end = start + _CLOSES - _OPENS
        spans += [(start, end)] if end <= WEEK else [(start, WEEK), (0, end - WEEK)]
    return spans


_ZONES: Final = tuple(range(-11, 13))
_WORK_UTC: Final = {zone: _working_hours(zone) for zone in _ZONES}
_WORKING_WEEK: Final = [
    _AT_WORK if any(start <= hour < end for start, end in _WORK_UTC[0]) else _ELSE for hour in range(WEEK)
]
_BEFORE: Final = [1.0] * 24 + [_DAILY] * 24 + [_EVEN]
_NO_EVIDENCE: Final = (0.0,) * len(_BEFORE)
_SUMS: Final = [math.fsum(_WORKING_WEEK[:hour]) for hour in range(WEEK)]
