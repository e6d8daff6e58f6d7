"""What a message or a feed says of one posting: who hires, where, for what pay, what changed and why it closed.

`delivery.contents` makes a message of several; feeds and the dashboard's pages of events show the same words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from delivery.safe_text import link, one_line
from postings import wording
from postings.events import Event, EventType

#: characters of a title or a name
NAME_LIMIT = 120
_VALUE_LIMIT = 200
_FACT_LIMIT = 120
#: places that are named; the others are counted
_PLACES = 3

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
        changes=tuple(dict.fromkeys(_change(field, change) for field, change in event.changes.items())),
        reason=_REASONS.get(event.reason or ""),
    )


def facts(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Employer, places, kind of work and pay of a public record, each one safe line and not empty."""
    said = (wording.remote(record), wording.kinds(record))
    lines = (employer(record) or "", *places(record), *(one_line(one, _FACT_LIMIT) for one in said), pay(record))
    return tuple(line for line in lines if line)


def employer(record: Mapping[str, Any]) -> str | None:
    """Who hires; None if a public record does not say."""
    return one_line(wording.employer(record), NAME_LIMIT) or None


def places(record: Mapping[str, Any]) -> list[str]:
    """Where, in up to three places of a public record and how many more there are."""
    named = list(dict.fromkeys(filter(None, map(wording.place, record.get("locations") or ()))))
    more = len(named) - _PLACES
    counted = [f"{more} more {'place' if more == 1 else 'places'}"] if more > 0 else []
    return [one_line(place, _FACT_LIMIT) for place in named[:_PLACES]] + counted


def pay(record: Mapping[str, Any]) -> str:
    """The pay of a public record on one line; empty if none is stated."""
    return one_line(wording.pay(record), _FACT_LIMIT)


def _change(field: str, change: Mapping[str, Any]) -> tuple[str, str, str]:
    if field in _LONG_FIELDS:
        return "Description", "", ""
    said = wording.change(field, change["before"], change["after"])
    before, after = (one_line(one, _VALUE_LIMIT) or "none" for one in said)
    return one_line(field, 40).replace("_", " ").capitalize(), before, after
