"""A posting or an event as one flat row: the columns of every table, CSV and Parquet file that hirewatch writes.

The `sql` and `files` outlets and `hirewatch export` ask. Docs: docs/stores.md lists the columns, and a test holds the
list true. Columns are only ever added, at the end of their list.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

from postings.events import Event

#: what no store can keep, or keeps differently from the others: NUL, lone surrogates
_UNFIT = re.compile("\x00|[\ud800-\udfff]")

#: the years that every store has a day for (MySQL begins with 1000)
_YEARS = range(1000, 10000)

_WHOLE = range(-(2**63), 2**63)


class Kind(Enum):
    """What a column holds; None stands for what is not known."""

    TEXT = "text"
    #: text that other rows refer to: an id
    KEY = "key"
    #: a whole number of 64 bits
    WHOLE = "whole number"
    NUMBER = "number"
    FLAG = "true or false"
    DAY = "date"
    #: an aware time in UTC
    INSTANT = "time"


@dataclass(frozen=True, slots=True)
class Column:
    """One column, and where its value comes from."""

    name: str
    kind: Kind
    read: Callable[[Any], Any]


def _field(name: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda record: record.get(name)


def _within(name: str, part: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda record: (record.get(name) or {}).get(part)


def _first_place(part: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda record: (record.get("locations") or [{}])[0].get(part)


def _places(record: Mapping[str, Any]) -> str | None:
    named: dict[str | None, None] = {}
    for place in record.get("locations") or ():
        parts = (place.get("locality") or place.get("region"), place.get("country"))
        named[", ".join(part for part in parts if part) or place.get("text")] = None
    return "; ".join(name for name in named if name) or None


def _listed(name: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda record: ", ".join(record.get(name) or ()) or None


#: of the public record of a posting
POSTING = (
    Column("id", Kind.KEY, _field("id")),
    Column("site", Kind.TEXT, _field("site")),
    Column("state", Kind.TEXT, _field("state")),
    Column("url", Kind.TEXT, _field("url")),
    Column("title", Kind.TEXT, _field("title")),
    Column("organization", Kind.TEXT, _within("organization", "name")),
    Column("identifier", Kind.TEXT, _within("identifier", "value")),
    Column("locations", Kind.TEXT, _places),
    Column("locality", Kind.TEXT, _first_place("locality")),
    Column("region", Kind.TEXT, _first_place("region")),
    Column("country", Kind.TEXT, _first_place("country")),
    Column("postal_code", Kind.TEXT, _first_place("postal_code")),
    Column("latitude", Kind.NUMBER, _first_place("latitude")),
    Column("longitude", Kind.NUMBER, _first_place("longitude")),
    Column("remote", Kind.FLAG, _field("remote")),
    Column("remote_regions", Kind.TEXT, _listed("remote_regions")),
    Column("employment_types", Kind.TEXT, _listed("employment_types")),
    Column("salary_currency", Kind.TEXT, _within("salary", "currency")),
    Column("salary_min", Kind.NUMBER, _within("salary", "min")),
    Column("salary_max", Kind.NUMBER, _within("salary", "max")),
    Column("salary_unit", Kind.TEXT, _within("salary", "unit")),
    Column("salary_text", Kind.TEXT, _within("salary", "text")),
    Column("date_posted", Kind.DAY, _field("date_posted")),
    Column("valid_through", Kind.DAY, _field("valid_through")),
    Column("language", Kind.TEXT, _field("language")),
    Column("direct_apply", Kind.FLAG, _field("direct_apply")),
    Column("industry", Kind.TEXT, _field("industry")),
    Column("skills", Kind.TEXT, _field("skills")),
    Column("education", Kind.TEXT, _field("education")),
    Column("experience", Kind.TEXT, _field("experience")),
    Column("description_text", Kind.TEXT, _field("description_text")),
    Column("first_seen", Kind.INSTANT, _field("first_seen")),
    Column("last_seen", Kind.INSTANT, _field("last_seen")),
    Column("closed_at", Kind.INSTANT, _field("closed_at")),
    Column("closed_reason", Kind.TEXT, _field("closed_reason")),
)

#: of an event, without its posting
EVENT = (
    Column("event", Kind.WHOLE, lambda event: event.number),
    Column("type", Kind.TEXT, lambda event: str(event.type)),
    Column("recorded_at", Kind.INSTANT, lambda event: event.at),
    Column("site", Kind.TEXT, lambda event: event.site),
    Column("visit", Kind.TEXT, lambda event: event.visit),
    Column("posting_id", Kind.KEY, lambda event: event.posting_id),
    Column("baseline", Kind.FLAG, lambda event: event.baseline),
    Column("reason", Kind.TEXT, lambda event: event.reason),
    Column("significance", Kind.TEXT, lambda event: str(event.significance)),
    Column("changed", Kind.TEXT, lambda event: ", ".join(event.changes) or None),
    Column("evidence_url", Kind.TEXT, lambda event: event.evidence.url),
    Column("evidence_status", Kind.WHOLE, lambda event: event.evidence.status),
    Column("evidence_at", Kind.INSTANT, lambda event: event.evidence.at),
    Column("rule", Kind.TEXT, lambda event: event.evidence.rule),
)


def _of_its_posting(column: Column) -> Column:
    return Column(column.name, column.kind, lambda event: column.read(event.record))


#: of an event with its posting as it stood after it: what stands on its own in a file
EVENT_WITH_POSTING = EVENT + tuple(_of_its_posting(column) for column in POSTING if column.name not in {"id", "site"})


def posting_row(record: Mapping[str, Any]) -> dict[str, Any]:
    """The columns `POSTING` of a public record, by name."""
    return {column.name: typed(column.kind, column.read(record)) for column in POSTING}


def event_row(event: Event) -> dict[str, Any]:
    """The columns `EVENT`, by name."""
    return {column.name: typed(column.kind, column.read(event)) for column in EVENT}


def typed(kind: Kind, value: Any) -> Any:
    """The value as its column holds it; None where there is none, or none that every store can keep.

    Text loses NULs, and lone surrogates become U+FFFD. A day is the first ten characters of what the page says, a time
    is aware and in UTC.
    """
    if value is None:
        return None
    match kind:
        case Kind.TEXT | Kind.KEY:
            return fit(str(value))
        case Kind.FLAG:
            return bool(value)
        case Kind.WHOLE:
            return value if isinstance(value, int) and value in _WHOLE else None
        case Kind.NUMBER:
            return _finite(value)
        case Kind.DAY:
            return _day(value)
        case Kind.INSTANT:
            return _instant(value)


def fit(text: str) -> str:
    """The text without what no store can keep."""
    return _UNFIT.sub(lambda sign: "" if sign.group() == "\0" else "�", text)


def fit_all(value: Any) -> Any:
    """JSON values with `fit` texts throughout, and None for numbers that JSON does not have."""
    if isinstance(value, str):
        return fit(value)
    if isinstance(value, Mapping):
        return {fit(str(name)): fit_all(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [fit_all(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _finite(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _day(value: Any) -> date | None:
    try:
        day = date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
    return day if day.year in _YEARS else None


def _instant(value: Any) -> datetime | None:
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        utc = at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None
    return utc if utc and utc.year in _YEARS else None
