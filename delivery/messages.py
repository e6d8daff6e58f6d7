"""What a person reads of events: subject, text and HTML of one message. Pure but for the templates it loads once.

Every text of a page is hostile. `clean` is the one place where it is made fit for a header or a line, the HTML
templates escape everything, and only http(s) addresses become links.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from delivery.outlets.outlet import Batch
from postings.events import Event, EventType

#: characters of a subject; more is cut by mail programs anyway
SUBJECT_LIMIT = 140

#: postings that one message shows; it counts the others
SHOWN = 50

_TITLE_LIMIT = 120
_VALUE_LIMIT = 200
_URL_LIMIT = 2083

#: what changes how the rest of a line is read or shown, or breaks it: controls, surrogates, format characters
#: (bidirectional overrides among them), line and paragraph separators, private and unassigned code points
_UNFIT = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
#: format characters without which words of some scripts and emoji fall apart (ZWNJ, ZWJ)
_KEPT = frozenset({"\u200c", "\u200d"})

_VERBS = {
    EventType.OPENED: "new",
    EventType.REOPENED: "open again",
    EventType.CHANGED: "changed",
    EventType.CLOSED: "closed",
}
_LABELS = {
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
class Message:
    """One mail, ready but for its headers."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One posting as a message shows it: every text is clean, `url` is safe to be a link."""

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


def alert(batch: Batch, outlet: str) -> Message:
    """A message about what happened to postings of one site; `outlet` is the name that the footer gives."""
    site = clean(batch.events[0].site, _TITLE_LIMIT)
    order = list(_VERBS)
    items = [_item(event) for event in sorted(batch.events[:SHOWN], key=lambda event: order.index(event.type))]
    total = len(batch.numbers)
    return _render(
        "alert",
        subject=_alert_subject(batch, items, site),
        heading=f"{_counted(batch.counts)} at {site}",
        items=items,
        more=total - len(items),
        outlet=clean(outlet, _TITLE_LIMIT),
    )


def summary(batch: Batch, outlet: str) -> Message:
    """The one message about what stood on a site when its watch began."""
    site = clean(batch.events[0].site, _TITLE_LIMIT)
    total = len(batch.numbers)
    postings = "1 open posting" if total == 1 else f"{total:,} open postings"
    items = [_item(event) for event in batch.events[:10]]
    return _render(
        "summary",
        subject=clean(f"Now watching {site}: {postings}", SUBJECT_LIMIT),
        heading=f"Now watching {site}: {postings}",
        items=items,
        more=total - len(items),
        outlet=clean(outlet, _TITLE_LIMIT),
    )


def sample(outlet: str) -> Message:
    """A message that says that it is a test."""
    item = Item(
        label="Test",
        title="Welder (not a real posting)",
        facts=("Example Ltd", "Berlin, DE", "full time"),
        url="https://example.org/jobs/1",
        host="example.org",
        changes=(),
        reason=None,
    )
    name = clean(outlet, _TITLE_LIMIT)
    return _render(
        "alert",
        subject=clean(f"Test of the hirewatch outlet {name}", SUBJECT_LIMIT),
        heading="This is a test. Alerts will look like this.",
        items=[item],
        more=0,
        outlet=name,
    )


def clean(text: object, limit: int) -> str:
    """`text` on one line, without anything that could break or disguise it, at most `limit` characters long.

    Also takes apart what a mail program would read as an encoded word (RFC 2047): its contents would come back
    as they were before the cleaning.
    """
    # a page's text can be long, and what is far behind the limit is not shown anyway
    normal = unicodedata.normalize("NFC", str(text)[: limit * 8])
    fit = "".join(c if c in _KEPT or unicodedata.category(c) not in _UNFIT else " " for c in normal)
    line = " ".join(fit.split()).replace("=?", "= ?")
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    # not between a letter and its accents, nor within a joined emoji
    while cut and (unicodedata.combining(line[len(cut)]) or line[len(cut)] in _KEPT or cut[-1] in _KEPT):
        cut = cut[:-1]
    return cut.rstrip() + "…"


def link(url: object) -> str | None:
    """`url` if it is an http(s) address that may stand in a message, else None."""
    if not isinstance(url, str) or len(url) > _URL_LIMIT or not re.fullmatch(r"[!-~]+", url):
        return None
    if any(character in url for character in "<>\"'\\`"):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        return None
    return url


def _alert_subject(batch: Batch, items: Sequence[Item], site: str) -> str:
    if len(batch.numbers) == 1:
        only, event = items[0], batch.events[0]
        places = _places(event.record)
        where = f" ({places[0]})" if places else ""
        return clean(f"{only.label} at {_employer(event.record) or site}: {only.title}{where}", SUBJECT_LIMIT)
    titles = ", ".join(dict.fromkeys(item.title for item in items))
    return clean(f"{_counted(batch.counts)} at {site}: {titles}", SUBJECT_LIMIT)


def _counted(counts: Mapping[EventType, int]) -> str:
    return ", ".join(f"{counts[kind]:,} {verb}" for kind, verb in _VERBS.items() if counts.get(kind))


def _item(event: Event) -> Item:
    record = event.record
    url = link(record.get("url"))
    employer = _employer(record)
    return Item(
        label=_LABELS[event.type],
        title=clean(record.get("title") or "", _TITLE_LIMIT) or "(no title)",
        facts=tuple(fact for fact in ((employer or ""), *_places(record), *_work(record), _pay(record)) if fact),
        url=url,
        host=urlsplit(url).hostname if url else None,
        changes=tuple(_change(name, change) for name, change in event.changes.items()),
        reason=_REASONS.get(event.reason or ""),
    )


def _employer(record: Mapping[str, Any]) -> str | None:
    organization = record.get("organization") or {}
    return clean(organization.get("name") or "", _TITLE_LIMIT) or None


def _places(record: Mapping[str, Any]) -> list[str]:
    locations = record.get("locations") or []
    places = [_place(location) for location in locations[:3]]
    found = [place for place in dict.fromkeys(places) if place]
    if len(locations) > 3:
        found.append(f"{len(locations) - 3} more places")
    return found


def _place(location: Mapping[str, Any]) -> str:
    parts = [location.get("locality"), location.get("region") if not location.get("locality") else None]
    named = ", ".join(clean(part, 60) for part in (*parts, location.get("country")) if part)
    return named or clean(location.get("text") or "", 60)


def _work(record: Mapping[str, Any]) -> list[str]:
    kinds = [clean(kind, 30).replace("_", " ").lower() for kind in (record.get("employment_types") or [])[:4]]
    return (["remote"] if record.get("remote") else []) + kinds


def _pay(record: Mapping[str, Any]) -> str:
    return _salary(record.get("salary") or {})


def _salary(salary: Mapping[str, Any]) -> str:
    amounts = [salary.get(end) for end in ("min", "max")]
    numbers = [f"{amount:,}" for amount in dict.fromkeys(amounts) if isinstance(amount, int | float)]
    if not numbers:
        return clean(salary.get("text") or "", 80)
    unit = salary.get("unit")
    said = f"{salary.get('currency') or ''} {'–'.join(numbers)}" + (f" a {str(unit).lower()}" if unit else "")
    return clean(said, 80)


def _change(name: str, change: Mapping[str, Any]) -> tuple[str, str, str]:
    label = clean(name, 40).replace("_", " ").capitalize()
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
        return clean("; ".join(_place(place) for place in value[:10]), _VALUE_LIMIT)
    if isinstance(value, Mapping):
        return clean(", ".join(str(part) for part in value.values() if part), _VALUE_LIMIT)
    if isinstance(value, list):
        return clean(", ".join(str(part) for part in value[:10]), _VALUE_LIMIT)
    return clean(value, _VALUE_LIMIT)


def _render(template: str, *, subject: str, **view: Any) -> Message:
    view["subject"] = subject
    return Message(
        subject=subject,
        text=_template(f"{template}.txt.j2").render(view).strip() + "\n",
        html=_template(f"{template}.html.j2").render(view),
    )


@cache
def _template(name: str) -> Any:
    return _environment().get_template(name)


@cache
def _environment() -> SandboxedEnvironment:
    return SandboxedEnvironment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=lambda name: name is not None and ".html" in name,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
