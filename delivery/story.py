"""The life of one posting: what happened to it, who was told, what it is known by, and what is awaited.

`hirewatch why` and the page of a posting tell it, in the same words.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from postings import wording
from postings.cleaning import clean
from postings.events import Event
from postings.record import instant
from postings.sites import Site
from postings.trust import Standing

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from postings.life import Awaited
    from storage.deliveries import Delivery
    from storage.postings import StoredPosting

#: what a key is worth on a site, by the standing of its kind
_WORTH: Final = {
    Standing.TRUSTED: "believed here",
    Standing.PROBATION: "counts only together with an equal title: too few on this site to tell",
    Standing.DISTRUSTED: "not believed here",
    Standing.UNKNOWN: "not used before a complete visit",
}
_ALWAYS: Final = {
    "address": "always counts",
    "board": "always counts",
    "print": "evidence only, together with the text",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """All that is known of a posting."""

    found: StoredPosting
    site: Site
    #: in order: all, or the newest of them
    events: Sequence[Event]
    #: how many there were before
    earlier: int
    #: and versions
    earlier_versions: int
    #: what became of its events, with the name of the outlet
    sent: Sequence[tuple[str, Delivery]]
    #: kind, value and what it is worth
    keys: Sequence[tuple[str, str, str]]
    #: links of postings that came after it
    later: Sequence[Mapping[str, str]]
    #: what would close it, if it is missing
    awaits: Awaited | None
    #: the JobPosting as it stood in the page, where it was asked for and is still kept
    markup: str | None

    @property
    def expires(self) -> datetime | None:
        """When its validThrough closes it; None if that will not."""
        if self.found.record["state"] != "open" or not self.site.health.believes_dates:
            return None
        return self.found.valid_until

    def told_of(self, event: Event) -> list[tuple[str, Delivery]]:
        """Who was told of an event: the name of each outlet, and what became of it."""
        return [(outlet, one) for outlet, one in self.sent if one.event == event.number]


def gather(engine: Engine, found: StoredPosting, *, raw: bool, newest: int | None = None) -> Story:
    """The story of a posting; `raw`: with its JobPosting. `newest`: with so many of its events, not all.

    Raises DatabaseError.
    """
    from storage import deliveries, events, evidence, postings, sites

    site = sites.of_posting(engine, found.id)
    told = events.of_posting(engine, found.id, newest=newest)
    whole = newest is None or len(told) < newest
    return Story(
        found=found,
        site=site,
        events=told,
        earlier=0 if whole else events.count_of_posting(engine, found.id, told[0].number),
        earlier_versions=0 if whole else events.versions_of_posting(engine, found.id, told[0].number),
        sent=deliveries.of_posting(engine, found.id, since=0 if whole else told[0].number),
        keys=[(kind, value, worth(site, kind, value)) for kind, value in postings.keys(engine, found.id)],
        later=postings.linked_from(engine, found.id),
        awaits=_awaited(found, site),
        markup=evidence.of_posting(engine, found.id) if raw else None,
    )


def still_to_come(story: Story) -> Iterator[str]:
    """What would close it next, and when: a sentence each."""
    found, awaits = story.found, story.awaits
    if awaits is not None and found.missing_since is not None:
        looks = "look" if found.missing_looks == 1 else "looks"
        yield (
            f"Missing since {wording.moment(found.missing_since)}: {awaits.how} "
            f"({found.missing_looks} {looks} so far, C.5)."
        )
        more = "the next look" if awaits.looks == 1 else f"{awaits.looks} more looks"
        if awaits.not_before is None:
            yield "It stays open while its page answers: the list of its site shows only the newest."
        else:
            yield (
                f"It closes if {more} {'says' if awaits.looks == 1 else 'say'} so too, "
                f"not before {wording.moment(awaits.not_before)}; seen again, it stays open."
            )
        if awaits.list_settles:
            yield "It closes earlier if a list that is proven whole lacks it too."
        if awaits.doubtful and awaits.not_before is not None:
            yield "The wait is longer than usual: many fell off the list in one visit, so it may be the list."
        if story.site.health.patience > 1:
            yield f"The wait is longer than usual: the patience of this site is {story.site.health.patience}."
    if story.expires:
        yield f"It closes at {wording.moment(story.expires)}, when its validThrough has passed everywhere (C.5)."


def told_together(sent: Iterable[tuple[str, Delivery]]) -> dict[str, list[str]]:
    """What became of deliveries, in words, and the outlets of each."""
    outlets: dict[str, list[str]] = {}
    for outlet, delivery in sent:
        outlets.setdefault(became(delivery), []).append(outlet)
    return outlets


def became(delivery: Delivery) -> str:
    """ "accepted 2026-11-24 12:00:00Z at the 2nd attempt", "given up after 9 attempts: 410 gone"."""
    tries = f" at the {_ordinal(delivery.attempts)} attempt" if delivery.attempts > 1 else ""
    if delivery.status == "sent":
        return f"accepted {wording.moment(delivery.last_attempt_at)}{tries}"
    error = f": {clean(delivery.error)}" if delivery.error else ""
    if delivery.next_attempt_at is not None:
        return f"not yet, tried again {wording.moment(delivery.next_attempt_at)}{error}"
    return f"given up after {delivery.attempts} {'attempt' if delivery.attempts == 1 else 'attempts'}{error}"


def pretty(markup: str) -> str:
    """The JobPosting of a page with its lines indented; as it is where it is no JSON."""
    try:
        return json.dumps(json.loads(markup), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return markup


def as_json(story: Story) -> dict[str, Any]:
    """What is known beside the posting's record and its events, for programs."""
    found, awaits = story.found, story.awaits
    return {
        "deliveries": [_delivery_json(outlet, delivery) for outlet, delivery in story.sent],
        "page": found.page,
        "missing_since": instant(found.missing_since) if found.missing_since else None,
        "missing_how": found.missing_how,
        "missing_looks": found.missing_looks,
        "awaited": awaits
        and {
            "how": awaits.how,
            "looks": awaits.looks,
            "not_before": instant(awaits.not_before) if awaits.not_before else None,
            "list_settles": awaits.list_settles,
        },
        "expires_at": instant(story.expires) if story.expires else None,
        "keys": [{"kind": kind, "value": value, "worth": worth} for kind, value, worth in story.keys],
        "duplicate_of_it": [dict(link) for link in story.later],
        "raw": story.markup,
    }


def worth(site: Site, kind: str, value: str) -> str:
    """What a key counts for on its site, as things stand today."""
    trust = site.believed
    if kind == "identifier":
        return _WORTH[trust.identifier]
    if kind == "token":
        place = value.partition("=")[0]
        if trust.token_place is not None and place not in ("*", trust.token_place):
            return f"not used: the id of this site stands at {trust.token_place}"
        return _WORTH[trust.token]
    return _ALWAYS.get(kind, "evidence only")


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _awaited(found: StoredPosting, site: Site) -> Awaited | None:
    from postings.life import Life, Missing, State, awaited

    return awaited(
        Life(
            state=State(found.record["state"]),
            first_seen=wording.parse(found.record["first_seen"]),
            last_seen=wording.parse(found.record["last_seen"]),
            missing_since=found.missing_since,
            missing_how=Missing(found.missing_how) if found.missing_how else None,
            missing_looks=found.missing_looks,
        ),
        site.health.falls,
        patience=site.health.patience,
    )


def _delivery_json(outlet: str, delivery: Delivery) -> dict[str, Any]:
    return {
        "outlet": outlet,
        "event": delivery.event,
        "status": str(delivery.status),
        "attempts": delivery.attempts,
        "last_attempt_at": instant(delivery.last_attempt_at),
        "next_attempt_at": instant(delivery.next_attempt_at) if delivery.next_attempt_at else None,
        "error": delivery.error,
    }
