"""`hirewatch replay`: today's rules over kept responses, and which events they would tell otherwise."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from hirewatch import wiring
from hirewatch.cli.failures import DONE, NEEDS_A_PERSON
from hirewatch.cli.front import Front, command, pass_front
from postings import wording
from postings.cleaning import clean
from postings.events import cloudevent
from postings.record import instant

if TYPE_CHECKING:
    from scheduler.replay import Difference, Replayed

#: addresses without an answer that are shown
_SHOWN = 5


@command("replay")
@click.argument("name", metavar="SITE", help="Name or URL of a watched site.")
@click.pass_context
@pass_front
def replay(front: Front, context: click.Context, name: str) -> None:
    """Run today's rules over the kept responses of a site; exit 1 if its events would differ."""
    from storage import sites

    engine = wiring.open_database(front.settings)
    site = sites.find(engine, name)
    with tempfile.TemporaryDirectory(prefix="hirewatch-replay-") as folder:
        replayed = asyncio.run(_replay(front, engine, site, Path(folder)))
    if front.json:
        front.print_json(_as_json(replayed, wiring.instance(engine)))
    else:
        for line in _told(replayed):
            front.print(line)
    context.exit(NEEDS_A_PERSON if replayed.differences else DONE)


async def _replay(front: Front, engine: Any, site: Any, folder: Path) -> Replayed:
    from crawler.readers import Readers
    from crawler.robots import agent_of
    from crawler.visit import crawl_settings
    from scheduler.replay import replay as run
    from scheduler.threads import StorageThread

    readers, store = Readers(processes=front.settings.crawl.readers), StorageThread()
    try:
        return await run(
            site,
            engine,
            store=store,
            readers=readers,
            limits=wiring.limits(front.settings),
            agent=agent_of(crawl_settings()),
            folder=folder,
        )
    finally:
        readers.close()
        store.close()


def _told(replayed: Replayed) -> Iterator[str]:
    differing = len(replayed.differences)
    yield (
        f"{replayed.visits} visits since {wording.moment(replayed.since)} made again on what they were answered: "
        f"{replayed.same} events as recorded, {differing} otherwise."
    )
    visit = ""
    for difference in replayed.differences:
        if difference.visit.id != visit:
            visit = difference.visit.id
            yield ""
            yield f"visit {visit} of {wording.moment(difference.visit.begun_at)}"
        yield from _lines(difference)
    if replayed.lacking:
        yield ""
        yield f"Today's rules ask for {len(replayed.lacking)} addresses of which no answer is kept:"
        yield from (f"  {clean(url)}" for url in replayed.lacking[:_SHOWN])
        if len(replayed.lacking) > _SHOWN:
            yield f"  … and {len(replayed.lacking) - _SHOWN} more"


def _lines(difference: Difference) -> Iterator[str]:
    event = difference.event
    sign, side = ("+", "today only") if difference.new else ("-", "recorded only")
    record = event.record
    number = "" if difference.new else f"event {event.number}, "
    yield f"  {sign} {wording.headline(event)}  {wording.title(record)}  {clean(record['url'] or '')}  ({number}{side})"
    yield f"      rule  {clean(event.evidence.rule)}"


def _as_json(replayed: Replayed, instance: str) -> dict[str, Any]:
    return {
        "visits": replayed.visits,
        "since": instant(replayed.since),
        "same": replayed.same,
        "differences": [
            {
                "visit": difference.visit.id,
                "side": "today" if difference.new else "recorded",
                "event": cloudevent(difference.event, instance),
            }
            for difference in replayed.differences
        ],
        "lacking": list(replayed.lacking),
    }
