"""How records, times and amounts read to a person. Pure; every text that comes out is clean."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from postings.cleaning import clean
from postings.events import Event, EventType
from postings.sites import Site
from postings.verdicts import STOPPED_VISIT
from postings.visits import Outcome, VisitSummary

_UNITS = {"HOUR": "an hour", "DAY": "a day", "WEEK": "a week", "MONTH": "a month", "YEAR": "a year"}
#: countries in which people tell towns of one name apart by their state
_REGION_IS_SAID = frozenset(("AU", "BR", "CA", "IN", "MX", "US"))
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def title(record: Mapping[str, Any]) -> str:
    """What the posting is called."""
    return clean(record["title"] or "(no title)")


def employer(record: Mapping[str, Any]) -> str:
    """Who hires; empty if not stated."""
    organization = record.get("organization") or {}
    return clean(organization.get("name") or "")


def places(record: Mapping[str, Any]) -> str:
    """Where: "Berlin, DE; remote"; empty if not stated."""
    named = dict.fromkeys(map(place, record.get("locations") or ()))
    return "; ".join(name for name in (*named, remote(record)) if name)


def place(location: Mapping[str, Any]) -> str:
    """One of its places: "Berlin, DE", "Portland, OR, US"; empty if nothing is stated."""
    locality, region, country = (location.get(part) for part in ("locality", "region", "country"))
    if locality and country and country not in _REGION_IS_SAID:
        region = None
    named = dict.fromkeys(part for part in (locality, region, country) if part)
    return clean(", ".join(named) or location.get("text") or "")


def remote(record: Mapping[str, Any]) -> str:
    """ "remote (DE, AT)"; empty if the posting is not said to be remote."""
    if not record.get("remote"):
        return ""
    regions = ", ".join(record.get("remote_regions") or ())
    return clean(f"remote ({regions})" if regions else "remote")


def kinds(record: Mapping[str, Any]) -> str:
    """ "full time, contractor"; empty if not stated."""
    return value("employment_types", record.get("employment_types"))


def pay(record: Mapping[str, Any]) -> str:
    """ "60,000-75,000 EUR a year", "from 60,000 EUR a year", or the words of the page; empty if not stated."""
    return value("salary", record.get("salary"))


def value(field: str, said: Any) -> str:
    """What a field of a record says, in words; empty if nothing. The texts of a page keep their lines."""
    match field, said:
        case _, None:
            return ""
        case _, bool():
            return "yes" if said else "no"
        case "salary", Mapping():
            return _salary(said)
        case "locations", list() | tuple():
            return "; ".join(filter(None, map(place, said)))
        case "employment_types", list() | tuple():
            return clean(", ".join(kind.lower().replace("_", " ") for kind in said))
        case (("date_posted" | "valid_through"), str()):
            return clean(stated(said))
    return _whole(said)


def change(field: str, before: Any, after: Any) -> tuple[str, str]:
    """What a field said before and after, in words; with all its parts where the words for both are the same."""
    told = value(field, before), value(field, after)
    return told if told[0] != told[1] else (_whole(before), _whole(after))


def _salary(salary: Mapping[str, Any]) -> str:
    least, most = salary.get("min"), salary.get("max")
    numbers = [amount for amount in (least, most) if amount is not None]
    if not numbers:
        return clean(salary.get("text") or "")
    cents = any(number % 1 for number in numbers)
    amounts = dict.fromkeys(_amount(number, cents=cents) for number in numbers)
    open_end = "from" if most is None else "up to" if least is None else ""
    unit = _UNITS.get(salary.get("unit") or "", "")
    return clean(" ".join(part for part in (open_end, "-".join(amounts), salary.get("currency"), unit) if part))


def _amount(amount: float, *, cents: bool) -> str:
    if not cents:
        return f"{amount:,.0f}"
    # a third digit behind the point is kept
    return f"{amount:,.2f}" if round(amount, 2) == amount else f"{amount:,}"


def _whole(said: Any) -> str:
    """All that a value holds, whatever its form."""
    match said:
        case Mapping():
            return ", ".join(filter(None, map(_whole, said.values())))
        case list() | tuple():
            separator = ", " if all(isinstance(one, str) for one in said) else "; "
            return separator.join(filter(None, map(_whole, said)))
        case None:
            return ""
    return clean(said, keep_lines=True)


def ago(at: datetime | None, now: datetime) -> str:
    """ "3 min ago", "in 2 h", "just now"; a dash for never."""
    if at is None:
        return "-"
    seconds = (now - at).total_seconds()
    size = abs(seconds)
    if size < 10:
        return "just now" if seconds >= 0 else "now"
    amount = span(timedelta(seconds=size))
    return f"{amount} ago" if seconds > 0 else f"in {amount}"


def parse(text: str) -> datetime:
    """A time as it stands in a record."""
    return datetime.fromisoformat(text)


def span(length: timedelta) -> str:
    """ "45 s", "3 min", "2 h", "5 d": one unit, rounded down."""
    seconds = int(length.total_seconds())
    if seconds < 2 * _MINUTE:
        return f"{seconds} s"
    if seconds < 2 * _HOUR:
        return f"{seconds // _MINUTE} min"
    if seconds < 2 * _DAY:
        return f"{seconds // _HOUR} h"
    return f"{seconds // _DAY} d"


def moment(at: datetime) -> str:
    """ "2026-11-25 14:38:02Z"."""
    return at.strftime("%Y-%m-%d %H:%M:%SZ")


def stated(text: str | None) -> str | None:
    """A time of a record as `moment` writes it; a date, or a time without a zone, stays as it is."""
    return moment(parse(text)) if text and text.endswith("Z") else text


def outcome(visit: VisitSummary, now: datetime) -> str:
    """How a visit ended, in words; one that has no end is running, or its process died in it."""
    if visit.outcome is None:
        return "running" if now - visit.started_at < timedelta(hours=6) else "never ended"
    return str(visit.outcome)


def visit_line(visit: VisitSummary) -> str:
    """ "complete: 43 read, 3 opened, 1 closed (131 requests, 12.3 s)"."""
    counts = [
        f"{number} {word}"
        for number, word in (
            (visit.opened, "opened"),
            (visit.changed, "changed"),
            (visit.closed, "closed"),
            (visit.reopened, "reopened"),
            (visit.unreadable, "unreadable"),
        )
        if number
    ]
    seen = f"{visit.listed} listed, {visit.read} read, {visit.not_modified} not modified"
    happened = ", ".join(counts) or "nothing new"
    reason = f" ({visit.reason})" if visit.reason else ""
    return clean(f"{visit.outcome}{reason}: {happened}; {seen}; {visit.requests} requests, {visit.seconds:.1f} s")


def attention(site: Site, visit: VisitSummary | None) -> str | None:
    """Why a person has to look at a site; None if nobody has to.

    A visit that ended badly is repeated by itself, but until one is complete the site is not known to be true. One that
    was stopped by whoever runs hirewatch says nothing of the site.
    """
    if site.health.attention:
        return clean(site.health.attention)
    if visit and visit.outcome not in (None, Outcome.COMPLETE) and visit.reason != STOPPED_VISIT:
        ended = "failed" if visit.outcome is Outcome.FAILED else f"was {visit.outcome}"
        return clean(f"the last visit {ended}: {visit.reason or 'no reason was kept'}")
    return None


def headline(event: Event) -> str:
    """ "closed (gone)", "changed title (material)", "opened (baseline: it was there before anyone watched)"."""
    if event.type is EventType.CHANGED:
        return clean(f"changed {', '.join(event.changes)} ({event.significance})")
    notes = [event.reason] if event.reason else []
    if event.baseline:
        notes.append("baseline: it was there before anyone watched")
    return f"{event.type} ({'; '.join(notes)})" if notes else str(event.type)


def interval(every: timedelta | None) -> str:
    """How often a site is visited; None = hirewatch works it out."""
    return f"every {span(every)}" if every else "auto"
