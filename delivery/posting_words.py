"""What a message or a feed says of one posting: who hires, where, for what pay, what changed and why it closed.

`delivery.contents` makes a message of several; feeds and the dashboard's pages of events show the same words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from delivery.safe_text import link, one_line
from postings.events import Event, EventType

#: characters of a title or a name
NAME_LIMIT = 120
_VALUE_LIMIT = 200

#: what stands before a posting's title
LABELS = {
    EventType.OPENED: "New",
    EventType.REOPENED: "Open again",
    EventType.CHANGED: "Changed",
    EventType.CLOSED: "Closed",
}
_REASONS = {
    "gone": "its page is gone",
    "absent": "it was no longer found",
    "unlisted": "the site no longer lists it",
    "expired": "its closing date has passed",
    "replaced": "its address now shows another job",
    "site_gone": "the site is gone",
    "seen": "it was seen again",
    "renewed": "it has a new closing date",
    "premature": "it had been taken for closed too early",
}
#: whole texts: that they changed is news, what changed is on the page
_LONG_FIELDS = frozenset({"description_text", "description_html"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One posting as a message shows it: every text is one safe line, `url` may be a link."""

    label: str
    title: str
    #: employer, places, kind of work, pay
    facts: tuple[str, ...]
    url: str | None
    #: the host that the link leads to
    host: str | None
    #: (field, before, after)
    changes: tuple[tuple[str, str, str], ...]
    reason: str | None
    #: what stands above it: the first of a site where there are several
    section: str | None = None


def item(event: Event, told_as: EventType | None = None) -> Item:
    """What is told of one event: by its own type, or `told_as` another."""
    record = event.record
    url = link(record.get("url"))
    return Item(
        label=LABELS[told_as or event.type],
        title=one_line(record.get("title") or "", NAME_LIMIT) or "(no title)",
        facts=facts(record),
        url=url,
        host=urlsplit(url).hostname if url else None,
        changes=tuple(_change(name, change) for name, change in event.changes.items()),
        reason=_REASONS.get(event.reason or ""),
    )


def facts(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Employer, places, kind of work and pay of a public record, each one safe line and not empty."""
    said = (employer(record) or "", *places(record), *_work(record), pay(record))
    return tuple(fact for fact in said if fact)


def employer(record: Mapping[str, Any]) -> str | None:
    """Who hires; None if a public record does not say."""
    organization = record.get("organization") or {}
    return one_line(organization.get("name") or "", NAME_LIMIT) or None


def places(record: Mapping[str, Any]) -> list[str]:
    """Where, in up to three places of a public record and how many more there are."""
    locations = record.get("locations") or []
    found = [place for place in dict.fromkeys(_place(location) for location in locations[:3]) if place]
    if len(locations) > 3:
        found.append(f"{len(locations) - 3} more places")
    return found


def _place(location: Mapping[str, Any]) -> str:
    parts = [location.get("locality"), location.get("region") if not location.get("locality") else None]
    named = ", ".join(one_line(part, 60) for part in (*parts, location.get("country")) if part)
    return named or one_line(location.get("text") or "", 60)


def _work(record: Mapping[str, Any]) -> list[str]:
    kinds = [one_line(kind, 30).replace("_", " ").lower() for kind in (record.get("employment_types") or [])[:4]]
    return (["remote"] if record.get("remote") else []) + kinds


def pay(record: Mapping[str, Any]) -> str:
    """The pay of a public record on one line; empty if none is stated."""
    return _salary(record.get("salary") or {})


def _salary(salary: Mapping[str, Any]) -> str:
    amounts = [salary.get(end) for end in ("min", "max")]
    numbers = [f"{amount:,}" for amount in dict.fromkeys(amounts) if isinstance(amount, int | float)]
    if not numbers:
        return one_line(salary.get("text") or "", 80)
    unit = salary.get("unit")
    said = f"{salary.get('currency') or ''} {'–'.join(numbers)}" + (f" a {str(unit).lower()}" if unit else "")
    return one_line(said, 80)


def _change(name: str, change: Mapping[str, Any]) -> tuple[str, str, str]:
    label = one_line(name, 40).replace("_", " ").capitalize()
    if name in _LONG_FIELDS:
        return "Description", "", ""
    return label, _value(name, change.get("before")), _value(name, change.get("after"))


def _value(name: str, value: Any) -> str:
    if value is None or value == []:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "salary" and isinstance(value, Mapping):
        return _salary(value)
    if name == "locations" and isinstance(value, list):
        return one_line("; ".join(_place(place) for place in value[:10]), _VALUE_LIMIT)
    if isinstance(value, Mapping):
        return one_line(", ".join(str(part) for part in value.values() if part), _VALUE_LIMIT)
    if isinstance(value, list):
        return one_line(", ".join(str(part) for part in value[:10]), _VALUE_LIMIT)
    return one_line(value, _VALUE_LIMIT)
