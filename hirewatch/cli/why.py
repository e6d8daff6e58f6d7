"""`hirewatch why`: the life of one posting, rule by rule, with what proved each step."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import rich_click as click

from hirewatch import wiring
from hirewatch.cli import wording
from hirewatch.cli.front import Front, command, pass_front
from hirewatch.cli.text import clean
from postings.events import Event, EventType, cloudevent
from postings.record import instant

_LONG = 60


@command("why")
@click.argument("posting", metavar="ID", help="The posting's id, or its first letters.")
@click.option("--raw", is_flag=True, help="With the JobPosting as it stood in the page.")
@pass_front
def why(front: Front, posting: str, raw: bool) -> None:
    """Tell why a posting is as it is."""
    from storage import engine as engines
    from storage import events, postings

    engine = wiring.open_database(front.settings)
    found = postings.find(engine, posting)
    life = events.of_posting(engine, found.id)
    keys = postings.keys(engine, found.id)
    markup = postings.raw(engine, found.raw_hash) if raw else None
    if front.json:
        with engines.reading(engine) as conn:
            instance = engines.instance(conn)
        front.print_json(
            {
                "posting": found.record,
                "events": [cloudevent(event, instance) for event in life],
                "page": found.page,
                "missing_since": instant(found.missing_since) if found.missing_since else None,
                "missing_how": found.missing_how,
                "missing_looks": found.missing_looks,
                "keys": [{"kind": kind, "value": value} for kind, value in keys],
                "raw": markup,
            }
        )
        return
    record = found.record
    named = (wording.title(record), wording.employer(record), wording.places(record))
    front.print(f"{record['id']}  {' · '.join(part for part in named if part)}")
    front.print(f"{clean(record['url'] or found.page)}  (site {record['site']})")
    for event in life:
        front.print()
        for line in told(event):
            front.print(line)
    front.print()
    front.print(f"Now {record['state']}, last seen {record['last_seen']} on {clean(found.page)}.")
    if found.missing_since:
        front.print(
            f"Missing since {wording.moment(found.missing_since)} ({found.missing_how}), confirmed "
            f"{found.missing_looks} times: it closes when the waits of rule C.5 are over and it stays away."
        )
    front.print("Known again by:")
    for kind, value in keys:
        front.print(f"  {kind:<11}{clean(value)}")
    for link in record["duplicates"]:
        front.print(f"The same job as {link['id']}: {clean(link['link'])} ({clean(link['evidence'])})")
    if markup is not None:
        front.print("The JobPosting as it stood in the page:")
        front.print(_pretty(markup))


def told(event: Event) -> Iterator[str]:
    """An event as lines: what happened, by which rule, and what proved it."""
    yield f"{event.number:>6}  {wording.moment(event.at)}  {headline(event)}"
    yield f"        rule      {clean(event.evidence.rule)}"
    status = f"answered {event.evidence.status} " if event.evidence.status is not None else ""
    where = f"{clean(event.evidence.url)} " if event.evidence.url else ""
    yield f"        evidence  {where}{status}at {wording.moment(event.evidence.at)}"
    if event.visit:
        yield f"        visit     {event.visit}"
    for name, change in event.changes.items():
        yield f"        {name:<10}{_short(change['before'])} → {_short(change['after'])}"


def headline(event: Event) -> str:
    """ "closed (gone)", "changed title (material)", "opened (baseline: it was there before anyone watched)"."""
    if event.type is EventType.CHANGED:
        return clean(f"changed {', '.join(event.changes)} ({event.significance})")
    notes = [event.reason] if event.reason else []
    if event.baseline:
        notes.append("baseline: it was there before anyone watched")
    return f"{event.type} ({'; '.join(notes)})" if notes else str(event.type)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = clean(text)
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"


def _pretty(markup: str) -> str:
    try:
        return json.dumps(json.loads(markup), ensure_ascii=False, indent=2)
    except ValueError:
        return markup
