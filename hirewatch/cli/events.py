"""`hirewatch events`: what happened, in order; a cursor that reads on where it stopped."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import rich_click as click

from hirewatch import wiring
from hirewatch.cli.front import NO_SITE, Front, command, pass_front
from hirewatch.cli.tables import STYLES
from postings import wording
from postings.cleaning import clean
from postings.events import Event, EventType, cloudevent

if TYPE_CHECKING:
    from postings.query import Query

_BATCH = 500
#: seconds between two looks with --follow
_PAUSE = 0.5


@command("events")
@click.option(
    "--after",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Only events with a number above N: the `sequence` of the last one that you have.",
)
@click.option("--follow", is_flag=True, help="Stay, and tell new events as they happen.")
@click.option("--site", metavar="SITE", help="Only of this site (name or URL).")
@click.option("--only", metavar="QUERY", help="Only of postings that match, as they stood then: 'title:engineer'.")
@pass_front
def events(front: Front, after: int, follow: bool, site: str | None, only: str | None) -> None:
    """Tell what happened to postings, in order."""
    from postings.query import parse
    from storage import events as log
    from storage import site_pages, sites

    query = parse(only) if only else None
    engine = wiring.open_database(front.settings)
    site_id = sites.find(engine, site).id if site else None
    instance = wiring.instance(engine)
    told = 0
    while True:
        batch = log.after(engine, after, _BATCH, site_id=site_id)
        for event in batch:
            after = event.number
            if query is not None and not matches(query, event):
                continue
            if front.json:
                front.print_json(cloudevent(event, instance))
            else:
                show(front, event)
            told += 1
        if batch:
            sys.stdout.flush()
        elif follow:
            time.sleep(_PAUSE)
        else:
            break
    if not told:
        front.say("No event matches." if query else "No event yet." if not after else f"No event after {after}.")
        if not site_pages.names(engine):
            front.say(NO_SITE)


def matches(query: Query, event: Event) -> bool:
    """Whether the posting matched when the event was recorded."""
    from postings.query import Subject

    return query.matches(Subject.of(event.record, changed=event.type is EventType.CHANGED), event.at)


def show(front: Front, event: Event) -> None:
    """An event on one line: number, time, what, which posting."""
    record = event.record
    named = " · ".join(
        part for part in (wording.title(record), wording.employer(record), wording.places(record)) if part
    )
    notes = wording.headline(event).removeprefix(str(event.type)).strip()
    head = f"{event.number:>6}  {wording.moment(event.at)}  "
    tail = f"  {clean(event.site)}  {named}  {event.posting_id}" + (f"  {notes}" if notes else "")
    if not front.terminal:
        front.print(f"{head}{event.type:<8}{tail}")
        return
    from rich.text import Text

    line = Text.assemble((head, "dim"), (f"{event.type:<8}", STYLES.get(event.type, "")), f"  {clean(tail)}")
    front.out().print(line, no_wrap=True, overflow="ellipsis")
