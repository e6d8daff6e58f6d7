"""`hirewatch why`: the life of one posting, rule by rule, with what proved each step."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import rich_click as click

from hirewatch import wiring
from hirewatch.cli import wording
from hirewatch.cli.front import Front, command, pass_front
from hirewatch.cli.text import clean
from postings.events import Event, EventType, cloudevent
from postings.record import instant
from postings.sites import Site
from postings.trust import Standing

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from postings.life import Awaited
    from storage.deliveries import Delivery
    from storage.postings import StoredPosting

_LONG = 60

#: what a key is worth on a site, by the standing of its kind
_WORTH = {
    Standing.TRUSTED: "believed here",
    Standing.PROBATION: "counts only together with an equal title: too few on this site to tell",
    Standing.DISTRUSTED: "not believed here",
    Standing.UNKNOWN: "not used before a complete visit",
}
_ALWAYS = {"address": "always counts", "board": "always counts", "print": "evidence only, together with the text"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Story:
    """All that is known of a posting."""

    found: StoredPosting
    site: Site
    events: Sequence[Event]
    #: what became of its events, with the name of the outlet
    sent: Sequence[tuple[str, Delivery]]
    #: kind, value and what it is worth
    keys: Sequence[tuple[str, str, str]]
    #: links of postings that came after it
    later: Sequence[Mapping[str, str]]
    awaits: Awaited | None
    #: the JobPosting as it stood in the page, where it was asked for
    markup: str | None


@command("why")
@click.argument("posting", metavar="ID", help="The posting's id, or its first letters.")
@click.option("--raw", is_flag=True, help="With the JobPosting as it stood in the page.")
@pass_front
def why(front: Front, posting: str, raw: bool) -> None:
    """Tell why a posting is as it is: what happened to it, what proved it, and what is awaited."""
    engine = wiring.open_database(front.settings)
    story = _story(engine, posting, raw=raw)
    if front.json:
        front.print_json(_as_json(story, _instance(engine)))
        return
    for line in _lines(story):
        front.print(line)
    if any(event.changes for event in story.events):
        front.say(f"\nWhat was changed:  hirewatch show {story.found.id} --diff")
    if story.markup is not None:
        front.print("The JobPosting as it stood in the page:")
        front.print(_pretty(story.markup))
    elif raw:
        front.say(f"\nThe JobPosting as it stood in the page is kept no longer: {_kept_for(front)}.")


def _kept_for(front: Front) -> str:
    kept = front.settings.keep.evidence
    return (
        f"evidence is dropped after {kept.days} days (keep.evidence)"
        if kept
        else "it was dropped by an earlier setting"
    )


def _story(engine: Engine, posting: str, *, raw: bool) -> _Story:
    from storage import deliveries, events, evidence, postings, sites

    found = postings.find(engine, posting)
    site = sites.of_posting(engine, found.id)
    return _Story(
        found=found,
        site=site,
        events=events.of_posting(engine, found.id),
        sent=deliveries.of_posting(engine, found.id),
        keys=[(kind, value, _worth(site, kind, value)) for kind, value in postings.keys(engine, found.id)],
        later=postings.linked_from(engine, found.id),
        awaits=_awaited(found, site),
        markup=evidence.of_posting(engine, found.id) if raw else None,
    )


def _as_json(story: _Story, instance: str) -> dict[str, Any]:
    found, awaits, expires = story.found, story.awaits, _expires(story.found, story.site)
    return {
        "posting": found.record,
        "events": [cloudevent(event, instance) for event in story.events],
        "deliveries": [_delivery_json(outlet, delivery) for outlet, delivery in story.sent],
        "page": found.page,
        "missing_since": instant(found.missing_since) if found.missing_since else None,
        "missing_how": found.missing_how,
        "missing_looks": found.missing_looks,
        "awaited": awaits
        and {
            "how": awaits.how,
            "looks": awaits.looks,
            "not_before": instant(awaits.not_before),
            "list_settles": awaits.list_settles,
        },
        "expires_at": instant(expires) if expires else None,
        "keys": [{"kind": kind, "value": value, "worth": worth} for kind, value, worth in story.keys],
        "duplicate_of_it": story.later,
        "raw": story.markup,
    }


def _lines(story: _Story) -> Iterator[str]:
    found, record = story.found, story.found.record
    named = (wording.title(record), wording.employer(record), wording.places(record))
    yield f"{record['id']}  {' · '.join(part for part in named if part)}"
    yield f"{clean(record['url'] or found.page)}  (site {record['site']})"
    for event in story.events:
        yield ""
        yield from told(event, [(outlet, one) for outlet, one in story.sent if one.event == event.number])
    yield ""
    yield f"Now {record['state']}, last seen {record['last_seen']} on {clean(found.page)}."
    yield from _still_to_come(found, story.site, story.awaits)
    yield "Known again by:"
    for kind, value, worth in story.keys:
        yield f"  {kind:<11}{clean(value)}  ({worth})"
    for link in record["duplicates"]:
        yield f"The same job as {link['id']}: {clean(link['link'])} ({clean(link['evidence'])})"
    for link in story.later:
        yield f"Later came {link['id']}: {clean(link['link'])} of this one ({clean(link['evidence'])})"


def told(event: Event, sent: Sequence[tuple[str, Delivery]] = ()) -> Iterator[str]:
    """An event as lines: what happened, by which rule, what proved it, and who was told."""
    yield f"{event.number:>6}  {wording.moment(event.at)}  {headline(event)}"
    yield f"        rule      {clean(event.evidence.rule)}"
    status = f"answered {event.evidence.status} " if event.evidence.status is not None else ""
    where = f"{clean(event.evidence.url)} " if event.evidence.url else ""
    yield f"        evidence  {where}{status}at {wording.moment(event.evidence.at)}"
    if event.visit:
        yield f"        visit     {event.visit}"
    for name, change in event.changes.items():
        yield f"        {name:<10}{_short(change['before'])} → {_short(change['after'])}"
    for outlet, delivery in sent:
        yield f"        told      {clean(outlet)}: {_became(delivery)}"


def headline(event: Event) -> str:
    """ "closed (gone)", "changed title (material)", "opened (baseline: it was there before anyone watched)"."""
    if event.type is EventType.CHANGED:
        return clean(f"changed {', '.join(event.changes)} ({event.significance})")
    notes = [event.reason] if event.reason else []
    if event.baseline:
        notes.append("baseline: it was there before anyone watched")
    return f"{event.type} ({'; '.join(notes)})" if notes else str(event.type)


def _became(delivery: Delivery) -> str:
    tries = f" at the {_ordinal(delivery.attempts)} attempt" if delivery.attempts > 1 else ""
    if delivery.status == "sent":
        return f"accepted {wording.moment(delivery.last_attempt_at)}{tries}"
    error = f": {clean(delivery.error)}" if delivery.error else ""
    if delivery.next_attempt_at is not None:
        return f"not yet, tried again {wording.moment(delivery.next_attempt_at)}{error}"
    return f"given up after {delivery.attempts} {'attempt' if delivery.attempts == 1 else 'attempts'}{error}"


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _still_to_come(found: StoredPosting, site: Site, awaits: Awaited | None) -> Iterator[str]:
    """What would close it next, and when."""
    if awaits is not None and found.missing_since is not None:
        looks = "look" if found.missing_looks == 1 else "looks"
        yield (
            f"Missing since {wording.moment(found.missing_since)}: {awaits.how} "
            f"({found.missing_looks} {looks} so far, C.5)."
        )
        more = "the next look" if awaits.looks == 1 else f"{awaits.looks} more looks"
        yield (
            f"It closes if {more} {'says' if awaits.looks == 1 else 'say'} so too, "
            f"not before {wording.moment(awaits.not_before)}; seen again, it stays open."
        )
        if awaits.list_settles:
            yield "It closes at once if a list that is proven whole lacks it too."
        if site.health.patience > 1:
            yield f"The wait is longer than usual: the patience of this site is {site.health.patience}."
    if expires := _expires(found, site):
        yield f"It closes at {wording.moment(expires)}, when its validThrough has passed everywhere (C.5)."


def _expires(found: StoredPosting, site: Site) -> datetime | None:
    if found.record["state"] != "open" or not site.health.believes_dates:
        return None
    return found.valid_until


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
        patience=site.health.patience,
    )


def _worth(site: Site, kind: str, value: str) -> str:
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


def _instance(engine: Engine) -> str:
    from storage import engine as engines

    with engines.reading(engine) as conn:
        return engines.instance(conn)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = clean(text)
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"


def _pretty(markup: str) -> str:
    try:
        return json.dumps(json.loads(markup), ensure_ascii=False, indent=2)
    except ValueError:
        return markup
