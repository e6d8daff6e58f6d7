"""How a site is visited, in words and as JSON: what was asked for, and what its visits have taught.

`hirewatch sites` and the pages of sites tell it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from delivery.zones import local_zone
from postings import wording
from postings.errors import UsageError
from postings.sites import Site

if TYPE_CHECKING:
    from scheduler.cadence import Bounds
    from storage.budget import House

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
#: an hour of the day, or a day of the week, is busy that has this share of the busiest one's openings
_BUSY = 0.5
#: times as many openings in busy hours as in others, from which on a rhythm is worth telling
_TOLD = 2.0


def in_short(every: timedelta | None, cron: str | None) -> str:
    """How often a site is visited, in a word or two."""
    return f"cron {cron}" if cron else wording.interval(every)


def in_words(site: Site, *, bounds: Bounds, house: House, now: datetime) -> str:
    """How a site is visited and what was learnt of it: "auto: about every 3 h on weekdays 8-18, else 11 h; 2.1 new a
    day; 4 requests a visit"."""
    return "; ".join([_when(site, bounds=bounds, house=house, now=now), *_learnt(site), *_budget(site, bounds)])


def to_json(site: Site, *, bounds: Bounds, house: House, now: datetime) -> dict[str, Any]:
    """The same for programs."""
    from scheduler import cadence

    rhythm = site.rhythm
    return {
        "mode": "auto" if site.auto else "cron" if site.cron else "every",
        "in_words": in_words(site, bounds=bounds, house=house, now=now),
        "visits_a_day": round(cadence.visits_a_day(site, now=now, bounds=bounds, house=house), 3),
        "new_a_day": round(rhythm.daily, 3) if rhythm.days else None,
        "watched_days": round(rhythm.days, 2),
        "requests_a_visit": None if rhythm.cost is None else round(rhythm.cost, 1),
        "budget_suffices": not cadence.is_short(site, bounds),
        #: openings an hour, from Monday 00:00 UTC
        "hours": [round(rate, 4) for rate in rhythm.rates()] if rhythm.days else None,
    }


def _when(site: Site, *, bounds: Bounds, house: House, now: datetime) -> str:
    if site.cron is not None:
        from scheduler import cron as lines

        try:
            return f"by cron: {lines.in_words(site.cron, site.zone or 'UTC')}"
        except UsageError as error:
            return f"auto, because its cron line cannot be read any more: {error}"
    if site.every is not None:
        return f"every {wording.span(site.every)}"
    return f"auto: {_auto(site, bounds=bounds, house=house, now=now)}"


def _auto(site: Site, *, bounds: Bounds, house: House, now: datetime) -> str:
    from scheduler import cadence

    zone = ZoneInfo(local_zone())
    offset = round((now.astimezone(zone).utcoffset() or timedelta(0)) / timedelta(hours=1))
    rates = site.rhythm.rates()
    local = [rates[(hour - offset) % len(rates)] for hour in range(len(rates))]
    busy = _busy(local)
    if busy is None or not site.rhythm.news:
        a_day = cadence.visits_a_day(site, now=now, bounds=bounds, house=house)
        return f"about every {_about(timedelta(days=1) / a_day)}"
    days, first, last = busy
    inside, outside = _intervals(site, offset, busy, bounds=bounds, house=house)
    hours = f"{_days(days)} {first}-{last}"
    return f"about every {_about(inside)} on {hours}, else {_about(outside)}"


def _busy(local: Sequence[float]) -> tuple[frozenset[int], int, int] | None:
    """The days, and the first and last hour of them, that have most of the openings; None if no hours stand out."""
    by_day = [sum(local[day * 24 : day * 24 + 24]) for day in range(7)]
    days = frozenset(day for day in range(7) if by_day[day] >= _BUSY * max(by_day))
    by_hour = [sum(local[day * 24 + hour] for day in days) for hour in range(24)]
    hours = [hour for hour in range(24) if by_hour[hour] >= _BUSY * max(by_hour)]
    # the longest quiet stretch ends where the busy hours begin
    gaps = [(later - hour) % 24 or 24 for hour, later in zip(hours, [*hours[1:], hours[0]], strict=True)]
    place = gaps.index(max(gaps))
    first, last = hours[(place + 1) % len(hours)], (hours[place] + 1) % 24 or 24
    inside = [local[hour] for hour in range(len(local)) if _within(hour, days, first, last)]
    outside = [local[hour] for hour in range(len(local)) if not _within(hour, days, first, last)]
    if not outside or sum(inside) / len(inside) < _TOLD * sum(outside) / len(outside):
        return None
    return days, first, last


def _within(hour: float, days: frozenset[int], first: int, last: int) -> bool:
    day, of_day = divmod(int(hour) % 168, 24)
    return day in days and (first <= of_day < last if first < last else of_day >= first or of_day < last)


def _intervals(
    site: Site, offset: int, busy: tuple[frozenset[int], int, int], *, bounds: Bounds, house: House
) -> tuple[timedelta, timedelta]:
    """Mean time between visits in the busy hours of a week, and in the others."""
    from scheduler import cadence

    spent = {True: [0.0, 0.0], False: [0.0, 0.0]}
    for start, hours in cadence.week(site, bounds=bounds, house=house):
        for hour in range(int(start), int(start + hours) + 1):
            part = min(hour + 1, start + hours) - max(hour, start)
            within = spent[_within(hour + offset, *busy)]
            within[0] += part
            within[1] += part / hours
    inside, outside = (timedelta(hours=hours / visits) for hours, visits in (spent[True], spent[False]))
    return inside, outside


def _days(days: frozenset[int]) -> str:
    if len(days) == 7:
        return "all days"
    if days == frozenset(range(5)):
        return "weekdays"
    named = sorted(days)
    if len(named) > 2 and named[-1] - named[0] == len(named) - 1:
        return f"{_WEEKDAYS[named[0]]}-{_WEEKDAYS[named[-1]]}"
    return ", ".join(_WEEKDAYS[day] for day in named)


def _learnt(site: Site) -> list[str]:
    rhythm = site.rhythm
    told = []
    if rhythm.days:
        told.append(f"{_rounded(rhythm.daily)} new a day")
    if rhythm.cost is not None:
        number = max(round(rhythm.cost), 1)
        told.append("1 request a visit" if number == 1 else f"{number} requests a visit")
    return told


def _budget(site: Site, bounds: Bounds) -> list[str]:
    from scheduler import cadence

    if site.requests_a_day is None:
        return []
    told = f"at most {site.requests_a_day} requests a day"
    if cadence.is_short(site, bounds):
        longest = bounds.longest if site.every is None else site.every
        told += f", too few for a visit every {wording.span(longest)}"
    return [told]


def _about(time: timedelta) -> str:
    hours = time / timedelta(hours=1)
    return f"{max(round(hours * 60), 1)} min" if hours < 1 else f"{_rounded(hours)} h"


def _rounded(number: float) -> str:
    """Two figures that say something."""
    if number >= 9.95:
        return f"{number:.0f}"
    return f"{number:.1f}" if number >= 0.095 else f"{number:.2g}"
