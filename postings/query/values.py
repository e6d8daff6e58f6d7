"""The values that a query is typed with: amounts of pay, days, spans of time.

Each reader returns None for what is no such value. The patterns are fixed, and take time in proportion to the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from postings.query.formula import FromNow
from postings.query.subject import YEARLY

#: years that a query may name; postings may have any
_YEARS: Final = range(1970, 2200)
_MOST_SPAN: Final = timedelta(days=36_500)
_MOST_PAY: Final = 1e15

_UNITS: Final = {
    name: unit
    for unit, names in {
        "HOUR": "h hr hour hourly",
        "DAY": "d day daily",
        "WEEK": "w wk week weekly",
        "MONTH": "m mo month monthly",
        "YEAR": "y yr year yearly",
    }.items()
    for name in names.split()
}
_SPANS: Final = {"h": 1 / 24, "d": 1, "w": 7, "m": 30, "y": 365}

_PAY = re.compile(
    r"(?P<before>[^\d\s.,'/_+-]{0,4})(?:(?P<grouped>\d{1,3}(?:[.,'_]\d{3}){1,4})|(?P<plain>\d{1,15})(?:[.,](?P<part>\d{1,2}))?)"
    r"(?P<times>[kKmM]?)(?P<after>[^\d\s.,'/_+-]{0,4})(?:/(?P<unit>[a-z]{1,7}))?"
)
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)
_SPAN = re.compile(r"(\d{1,6})([hdwmy])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Pay:
    """An amount a year; without a currency it is meant in any."""

    amount: float
    currency: str | None


@dataclass(frozen=True, slots=True)
class Period:
    """A day, a month or a year: from its first day up to the first one after it."""

    start: date | FromNow
    end: date | FromNow


def read_pay(text: str) -> Pay | None:
    """`70k`, `70,000`, `1.5M`, `70kEUR`, `€70k`, `35EUR/hour`: pay in a year of 52 weeks, 5 days and 40 hours."""
    from postings.normalise.salary import read_currency

    match = _PAY.fullmatch(text) if text.isascii() or len(text) <= 40 else None
    if match is None:
        return None
    # `70kr` is seventy crowns, not seventy thousand of a currency `r`
    signs = [sign for sign in (match["before"], match["after"]) if sign]
    currencies = {read_currency(sign) for sign in signs}
    if len(currencies) > 1 or None in currencies:
        return None
    unit = _UNITS.get(match["unit"]) if match["unit"] else "YEAR"
    if unit is None:
        return None
    digits = re.sub(r"[.,'_]", "", match["grouped"]) if match["grouped"] else match["plain"]
    amount = float(f"{digits}.{match['part'] or 0}") * {"": 1, "k": 1_000, "m": 1_000_000}[match["times"].lower()]
    amount *= YEARLY[unit]
    return Pay(amount, next(iter(currencies), None)) if amount <= _MOST_PAY else None


def read_period(text: str) -> Period | None:
    """`2026-11-01`, `2026-11`, `2026`; `today`, `yesterday` and `tomorrow` are days in UTC."""
    near = {"yesterday": -1, "today": 0, "tomorrow": 1}.get(text.casefold())
    if near is not None:
        return Period(FromNow(timedelta(days=near), day=True), FromNow(timedelta(days=near + 1), day=True))
    match = _DAY.fullmatch(text)
    if match is None or int(match[1]) not in _YEARS:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    try:
        if day is not None and month is not None:
            start = date(year, month, day)
            return Period(start, start + timedelta(days=1))
        if month is not None:
            return Period(date(year, month, 1), date(year + month // 12, month % 12 + 1, 1))
        return Period(date(year, 1, 1), date(year + 1, 1, 1))
    except ValueError:
        return None


def read_span(text: str) -> timedelta | None:
    """`12h`, `7d`, `2w`, `3m` (30 days each), `1y`; at most a hundred years."""
    match = _SPAN.fullmatch(text)
    if match is None:
        return None
    return min(timedelta(days=int(match[1]) * _SPANS[match[2]]), _MOST_SPAN)


def instant(day: date | FromNow) -> datetime | FromNow:
    """The midnight (UTC) with which a day begins."""
    if isinstance(day, FromNow):
        return FromNow(day.after, midnight=True)
    return datetime.combine(day, time(), UTC)
