"""Today's rules over the responses that were kept: which events would differ from those that were recorded.

A site's kept visits are made again, in their order and at their times, into an empty ledger of their own. The first
one is the starting point, as the first complete visit of a site always is; from the second on, events are compared.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Engine

from crawler.connection import Limits
from crawler.keeping import KeptAnswers, visit_again
from crawler.readers import Readers
from postings import urls
from postings.errors import UsageError
from postings.events import Event, EventType
from postings.responses import KeptVisit
from postings.sightings import Seen
from postings.sites import Site
from scheduler.threads import StorageThread
from storage import events, leases, pages, responses, sites
from storage.engine import connect
from storage.ledger import Ledger, Plan
from storage.schema import upgrade

#: events read at a time
_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """An event that only one side has."""

    visit: KeptVisit
    #: True: today's rules record it and the log has it not; False: the other way round
    new: bool
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What a replay showed."""

    visits: int
    since: datetime
    #: events that both sides have
    same: int
    differences: tuple[Difference, ...]
    #: addresses that today's rules ask for and of which nothing is kept
    lacking: tuple[str, ...]


async def replay(
    site: Site, engine: Engine, *, store: StorageThread, readers: Readers, limits: Limits, agent: str, folder: Path
) -> Replayed:
    """Makes the kept visits of `site` again, in a database of its own in `folder`; `engine` is only read.

    Raises UsageError if fewer than two visits are kept.
    """
    visits = await store(responses.kept, engine, site.id)
    if len(visits) < 2:
        raise UsageError(
            "at least two visits have to be kept with their responses before they can be replayed"
            if visits
            else "no visit is kept with its responses",
            subject=site.name,
            remedy='set crawl.keep_responses = "30d" in hirewatch.toml, and let it be visited again',
        )
    again = await store(_empty, folder, engine, site, visits[0])
    anew = _Anew(site=site, recorded=engine, again=again, store=store, readers=readers, limits=limits, agent=agent)
    try:
        differences, same, lacking = list[Difference](), 0, list[str]()
        number = await store(events.last_until, engine, site.id, visits[0].ended_at)
        newest = 0
        returning: set[str] = set()
        for visit in visits:
            lacking += await anew.visit(visit)
            today = await store(_read, again, newest, None, None)
            newest = today[-1].number if today else newest
            if visit is visits[0]:
                continue
            recorded = await store(_read, engine, number, site.id, visit.ended_at)
            number = recorded[-1].number if recorded else number
            both, apart = compare(_as_opened(recorded, returning), today, visit)
            same += both
            differences += apart
    finally:
        await store(again.dispose)
    return Replayed(
        visits=len(visits),
        since=visits[0].begun_at,
        same=same,
        differences=tuple(differences),
        lacking=tuple(dict.fromkeys(lacking)),
    )


def compare(recorded: Sequence[Event], today: Sequence[Event], visit: KeptVisit) -> tuple[int, list[Difference]]:
    """How many events both sides have, and those that only one has, the recorded ones first."""
    have = Counter(map(_told, recorded))
    would = Counter(map(_told, today))
    lost, gained = have - would, would - have
    differences = [
        Difference(visit=visit, new=new, event=event)
        for new, found, left in ((False, recorded, lost), (True, today, gained))
        for event in _take(found, left)
    ]
    return sum((have & would).values()), differences


def _take(found: Iterable[Event], left: Counter[str]) -> Iterable[Event]:
    for event in found:
        told = _told(event)
        if left[told] > 0:
            left[told] -= 1
            yield event


def _told(event: Event) -> str:
    """What an event says, without what a replay cannot know: ids, numbers and the time of recording."""
    address = event.record.get("url") or ""
    return json.dumps(
        [
            event.type,
            urls.key(address) if address else event.record.get("title"),
            event.reason,
            event.changes,
            event.significance,
            event.baseline,
        ],
        sort_keys=True,
        default=str,
    )


def _as_opened(recorded: Sequence[Event], returning: set[str]) -> list[Event]:
    """The recorded events; the return of a posting that was closed before the first kept visit counts as its opening,
    since a replay has never seen it. `returning` collects the postings that have been met."""
    told = []
    for event in recorded:
        unmet = event.posting_id not in returning
        returning.add(event.posting_id)
        if unmet and event.type is EventType.REOPENED:
            told.append(replace(event, type=EventType.OPENED, reason=None, changes={}))
        else:
            told.append(event)
    return told


@dataclass(frozen=True, slots=True, kw_only=True)
class _Anew:
    """What the visits of one replay are made with."""

    site: Site
    #: where the responses are kept; only read
    recorded: Engine
    #: where they are made again
    again: Engine
    store: StorageThread
    readers: Readers
    limits: Limits
    #: the name that robots.txt files know us by
    agent: str

    async def visit(self, visit: KeptVisit) -> list[str]:
        """Makes one visit again, whole; returns the addresses of which nothing is kept."""
        store, again, site_id, ledger = self.store, self.again, self.site.id, Ledger(self.again)
        answers = KeptAnswers(
            visit,
            await store(responses.of_visit, self.recorded, visit.id),
            partial(responses.before, self.recorded, site_id, visit.asked_from),
            self.agent,
        )
        await store(ledger.expire, visit.begun_at)
        lease = await store(
            leases.claim, again, site_id, owner="replay", now=visit.begun_at, ttl=timedelta(days=1), dead=lambda _: True
        )
        assert lease is not None
        standing = await store(sites.find, again, self.site.name)
        known = await store(pages.known, again, site_id, visit.begun_at)
        opened = await store(ledger.begin, standing, lease, visit.begun_at)

        async def record(batch: Sequence[Seen]) -> None:
            await store(ledger.record, opened, batch, answers.now)

        report = await visit_again(
            standing,
            known,
            record,
            answers=answers,
            readers=self.readers,
            limits=replace(self.limits, thorough=visit.thorough),
        )
        await store(ledger.conclude, opened, report, visit.ended_at, lambda _: Plan(next_visit_at=visit.ended_at))
        return answers.lacking


def _empty(folder: Path, engine: Engine, site: Site, oldest: KeptVisit) -> Engine:
    """A ledger that knows the site and nothing of its postings."""
    again = connect(f"sqlite:///{folder / 'replay.db'}")
    upgrade(again)
    responses.start(engine, again, site.id, oldest)
    return again


def _read(engine: Engine, number: int, site_id: int | None, until: datetime | None) -> list[Event]:
    found: list[Event] = []
    while page := events.after(engine, number, _PAGE, site_id=site_id):
        wanted = [event for event in page if until is None or event.at <= until]
        found += wanted
        if len(wanted) < len(page):
            break
        number = page[-1].number
    return found
