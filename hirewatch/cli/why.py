"""`hirewatch why`: the life of one posting, rule by rule, with what proved each step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import rich_click as click

from hirewatch import wiring
from hirewatch.cli.front import Front, command, pass_front
from postings import wording
from postings.cleaning import clean
from postings.events import Event, cloudevent

if TYPE_CHECKING:
    from delivery.story import Story
    from storage.deliveries import Delivery

_LONG = 60


@command("why")
@click.argument("posting", metavar="ID", help="The posting's id, or its first letters.")
@click.option("--raw", is_flag=True, help="With the JobPosting as it stood in the page.")
@pass_front
def why(front: Front, posting: str, raw: bool) -> None:
    """Tell why a posting is as it is: what happened to it, what proved it, and what is awaited."""
    from delivery import story as stories
    from storage import postings

    engine = wiring.open_database(front.settings)
    story = stories.gather(engine, postings.find(engine, posting), raw=raw)
    if front.json:
        instance = wiring.instance(engine)
        events = [cloudevent(event, instance) for event in story.events]
        front.print_json({"posting": story.found.record, "events": events, **stories.as_json(story)})
        return
    for line in _lines(story):
        front.print(line)
    if any(event.changes for event in story.events):
        front.say(f"\nWhat was changed:  hirewatch show {story.found.id} --diff")
    if story.markup is not None:
        front.print("The JobPosting as it stood in the page:")
        front.print(stories.pretty(story.markup))
    elif raw:
        front.say(f"\nThe JobPosting as it stood in the page is kept no longer: {_kept_for(front)}.")


def _kept_for(front: Front) -> str:
    kept = front.settings.keep.evidence
    return (
        f"evidence is dropped after {kept.days} days (keep.evidence)"
        if kept
        else "it was dropped by an earlier setting"
    )


def _lines(story: Story) -> Iterator[str]:
    from delivery.story import still_to_come

    found, record = story.found, story.found.record
    named = (wording.title(record), wording.employer(record), wording.places(record))
    yield f"{record['id']}  {' · '.join(part for part in named if part)}"
    yield f"{clean(record['url'] or found.page)}  (site {record['site']})"
    for event in story.events:
        yield ""
        yield from told(event, story.told_of(event))
    yield ""
    yield f"Now {record['state']}, last seen {wording.stated(record['last_seen'])} on {clean(found.page)}."
    yield from still_to_come(story)
    yield "Known again by:"
    for kind, value, worth in story.keys:
        yield f"  {kind:<11}{clean(value)}  ({worth})"
    for link in record["duplicates"]:
        yield f"The same job as {link['id']}: {clean(link['link'])} ({clean(link['evidence'])})"
    for link in story.later:
        yield f"Later came {link['id']}: {clean(link['link'])} of this one ({clean(link['evidence'])})"


def told(event: Event, sent: Sequence[tuple[str, Delivery]] = ()) -> Iterator[str]:
    """An event as lines: what happened, by which rule, what proved it, and who was told."""
    yield f"{event.number:>6}  {wording.moment(event.at)}  {wording.headline(event)}"
    yield f"        rule      {clean(event.evidence.rule)}"
    status = f"answered {event.evidence.status} " if event.evidence.status is not None else ""
    where = f"{clean(event.evidence.url)} " if event.evidence.url else ""
    yield f"        evidence  {where}{status}at {wording.moment(event.evidence.at)}"
    if event.visit:
        yield f"        visit     {event.visit}"
    for field, change in event.changes.items():
        before, after = wording.change(field, change["before"], change["after"])
        yield f"        changed   {field}: {_short(before)} → {_short(after)}"
    if sent:
        from delivery import story

        for became, outlets in story.told_together(sent).items():
            yield f"        told      {clean(', '.join(outlets))}: {became}"


def _short(words: str) -> str:
    text = clean(words) or "none"
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"
