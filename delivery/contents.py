"""What one message says of a batch of events, before it is written as a mail or a note: subject, heading, postings.
Pure.

`delivery.messages` writes it in the form that an outlet takes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from delivery import posting_words
from delivery.outlets.outlet import Batch, Part
from delivery.posting_words import LABELS, NAME_LIMIT, Item
from delivery.safe_text import one_line
from postings.events import Event, EventType

#: postings that one message shows; it counts the others
SHOWN = 50

#: and the one message about a first visit
_SHOWN_AT_FIRST = 10
#: characters of a subject; more is cut by mail programs anyway
_SUBJECT_LIMIT = 140

#: in the order in which a message tells them
_VERBS = {
    EventType.OPENED: "new",
    EventType.REOPENED: "open again",
    EventType.CHANGED: "changed",
    EventType.CLOSED: "closed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a message says; every text is one safe line."""

    #: the templates that write it
    kind: Literal["alert", "summary"]
    subject: str
    heading: str
    #: the heading says what the subject does not
    headed: bool = False
    #: as many as it shows
    items: tuple[Item, ...]
    #: postings that it stands for
    total: int
    #: who is told
    outlet: str


def of_batch(batch: Batch, outlet: str) -> Contents:
    """What the outlet of that name is told: news, or what stood on sites when their watch began."""
    stood = all(part.baseline for part in batch.parts) if batch.parts else batch.events[0].baseline
    return _of_first_visits(batch, outlet) if stood else _of_news(batch, outlet)


def of_test(outlet: str) -> Contents:
    """What a test tells the outlet of that name: that it is one, and a posting that nobody takes for real."""
    item = Item(
        label="Test",
        title="Welder (not a real posting)",
        facts=("Example Ltd", "Berlin, DE", "full time"),
        url="https://example.org/jobs/1",
        host="example.org",
        changes=(),
        reason=None,
    )
    name = one_line(outlet, NAME_LIMIT)
    return Contents(
        kind="alert",
        subject=one_line(f"Test of the hirewatch outlet {name}", _SUBJECT_LIMIT),
        heading="This is a test. Alerts will look like this.",
        headed=True,
        items=(item,),
        total=1,
        outlet=name,
    )


def _of_news(batch: Batch, outlet: str) -> Contents:
    where = _where(batch)
    items = _items(batch, SHOWN)
    return Contents(
        kind="alert",
        subject=_alert_subject(batch, items, where),
        heading=f"{_counted(_news(batch))} {f'for {_quoted(batch.search)}' if batch.search else f'at {where}'}",
        items=items,
        total=len(batch.numbers),
        outlet=one_line(outlet, NAME_LIMIT),
    )


def _of_first_visits(batch: Batch, outlet: str) -> Contents:
    total = len(batch.numbers)
    stood = sum(part.stood or 0 for part in batch.parts)
    said = f"Now watching {_where(batch)}: {_open_postings(stood or total)}"
    if stood:
        said += f", {_matching(total)} {_quoted(batch.search) if batch.search else 'your query'}"
    return Contents(
        kind="summary",
        subject=one_line(said, _SUBJECT_LIMIT),
        heading=said,
        items=_items(batch, _SHOWN_AT_FIRST),
        total=total,
        outlet=one_line(outlet, NAME_LIMIT),
    )


def _alert_subject(batch: Batch, items: Sequence[Item], where: str) -> str:
    if len(batch.numbers) == 1:
        event = batch.events[0]
        # a mail program puts what has the same subject together (Gmail nothing else)
        answers = batch.follows and event.type is not EventType.OPENED
        label = f"Re: {LABELS[EventType.OPENED]}" if answers else items[0].label
        places = posting_words.places(event.record)
        place = f" ({places[0]})" if places else ""
        employer = posting_words.employer(event.record) or where
        if batch.search:
            return one_line(
                f"{label} for {_quoted(batch.search)}: {items[0].title} at {employer}{place}", _SUBJECT_LIMIT
            )
        return one_line(f"{label} at {employer}: {items[0].title}{place}", _SUBJECT_LIMIT)
    said = _counted(_news(batch))
    if batch.search:
        employers = dict.fromkeys(posting_words.employer(event.record) or event.site for event in batch.events)
        return one_line(f"{said} for {_quoted(batch.search)}: {', '.join(employers)}", _SUBJECT_LIMIT)
    titles = ", ".join(dict.fromkeys(item.title for item in items))
    return one_line(f"{said} at {where}: {titles}", _SUBJECT_LIMIT)


def _items(batch: Batch, most: int) -> tuple[Item, ...]:
    """The postings, by site where there are several, with what is to be said of each site above its first one."""
    verbs = list(_VERBS)
    sites = {(part.site, part.baseline): place for place, part in enumerate(batch.parts)}

    def turn(event: Event) -> tuple[int, int]:
        return sites.get((event.site, event.baseline), 0), verbs.index(_kind(batch, event))

    events = sorted(batch.events, key=turn)[:most]
    items = [posting_words.item(event, _kind(batch, event)) for event in events]
    if len(batch.parts) > 1:
        firsts = {turn(event)[0]: place for place, event in reversed(list(enumerate(events)))}
        for part, place in firsts.items():
            items[place] = replace(items[place], section=_section(batch.parts[part]))
    return tuple(items)


def _section(part: Part) -> str:
    site = one_line(part.site, NAME_LIMIT)
    total = sum(part.counts.values())
    if part.baseline:
        matching = f", {_matching(total)}" if part.stood else ""
        return f"{site}: now watched, {_open_postings(part.stood or total)}{matching}"
    return f"{site}: {_counted(_without_arrivals(part.counts, part.arrived))}"


def _kind(batch: Batch, event: Event) -> EventType:
    """A change that makes a posting match for the first time is told as a new posting."""
    return EventType.OPENED if event.number in batch.arrived else event.type


def _news(batch: Batch) -> Mapping[EventType, int]:
    """How many events of each type there are, what stood there before apart."""
    news: Counter[EventType] = Counter()
    for part in batch.parts:
        news.update({} if part.baseline else part.counts)
    return _without_arrivals(news if batch.parts else batch.counts, len(batch.arrived))


def _without_arrivals(counts: Mapping[EventType, int], arrived: int) -> Mapping[EventType, int]:
    told = Counter(counts)
    told.update({EventType.OPENED: arrived, EventType.CHANGED: -arrived})
    return told


def _counted(counts: Mapping[EventType, int]) -> str:
    return ", ".join(f"{counts[kind]:,} {verb}" for kind, verb in _VERBS.items() if counts.get(kind, 0) > 0)


def _open_postings(count: int) -> str:
    return "1 open posting" if count == 1 else f"{count:,} open postings"


def _matching(count: int) -> str:
    return f"{count:,} matches" if count == 1 else f"{count:,} match"


def _quoted(search: str) -> str:
    return f"“{one_line(search, 60)}”"


def _where(batch: Batch) -> str:
    named = [part.site for part in batch.parts] or [event.site for event in batch.events]
    sites = [one_line(site, NAME_LIMIT) for site in dict.fromkeys(named)]
    return ", ".join(sites) if len(sites) <= 3 else f"{len(sites)} sites"
