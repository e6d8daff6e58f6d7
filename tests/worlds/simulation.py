"""Many sites over many days: employers and faults by chance, today's rules, and a truth to compare with.

Here alone nothing goes over a socket: a year has 73,000 visits. Everything above the connection is the real thing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, cast
from urllib.parse import parse_qs, urljoin, urlsplit

from sqlalchemy import Engine

from crawler.answers import Answer, Trouble
from crawler.batches import Batches
from crawler.connection import Limits
from crawler.extraction import read_page
from crawler.pages import Page, Reading
from crawler.readers import Readers
from crawler.robots import Rules, read_rules
from crawler.visiting import Visiting
from hirewatch.demo.http_server import Answer as SiteAnswer
from hirewatch.demo.http_server import Request
from postings import urls
from postings.events import Event, EventType
from postings.sightings import Seen
from postings.sites import KnownPage, RobotsAnswer
from postings.visits import VisitSummary
from storage import events, leases, pages, sites
from storage.ledger import Ledger, Plan
from tests.sites.scripted import ScriptedSite
from tests.worlds.world import Time

_AGENT = "hirewatch"
_REDIRECTS = 5
#: early enough that some visit sees it, whatever fails
_RENEWED_BEFORE = timedelta(days=6)


class InlineReaders:
    """Reads pages in this process."""

    async def read(self, page: Page, *, links: bool = False, problems: bool = False) -> Reading:
        """What stands on a page."""
        return read_page(page, links=links, problems=problems)

    async def run(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """What a function returns."""
        return function(*arguments, **options)


class Wire:
    """A connection to a site of this process."""

    def __init__(self, site: ScriptedSite, time: Time) -> None:
        self.requests = 0
        self.bytes = 0
        self.answers: Counter[str] = Counter()
        self.robots: dict[str, RobotsAnswer] = {}
        self._site = site
        self._time = time

    async def ask(
        self,
        url: str,
        *,
        known: KnownPage | None = None,
        large: bool = False,
        repeat: bool = True,
        post: str | None = None,
    ) -> Answer:
        """What the site answers, after redirects."""
        hops: list[str] = []
        here = url
        while len(hops) <= _REDIRECTS:
            if not (await self.rules(urls.origin(here))).allows(here):
                return self._nothing(url, here, Trouble.ROBOTS, "robots.txt does not allow it")
            answer = self._send(here)
            if answer is None:
                return self._nothing(url, here, Trouble.CONNECTION, "the connection was closed")
            if location := answer.headers.get("Location"):
                hops.append(here)
                here = urls.parse(location, here) or urljoin(here, location)
                continue
            self.bytes += len(answer.body)
            return Answer(
                asked=url,
                url=here,
                at=self._time(),
                status=answer.status,
                body=answer.body,
                content_type=answer.content_type,
                hops=tuple(hops),
            )
        return self._nothing(url, here, Trouble.REDIRECT, "too many redirects")

    async def render(self, answer: Answer, *, whole_list: bool) -> Answer:
        """There is no browser here."""
        raise NotImplementedError

    def admit(self, covers: Callable[[str], bool]) -> None:
        """Nothing is out of scope."""

    async def rules(self, origin: str) -> Rules:
        """What the robots.txt says now."""
        if origin not in self.robots:
            answer = self._send(f"{origin}/robots.txt")
            status, body = (None, b"") if answer is None else (answer.status, answer.body)
            self.robots[origin] = RobotsAnswer(status=status, body=body, fetched_at=self._time())
        return read_rules(self.robots[origin], _AGENT)

    def _send(self, url: str) -> SiteAnswer | None:
        self.requests += 1
        self._time.now += timedelta(milliseconds=50)
        parts = urlsplit(url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return self._site._damaged(Request(method="GET", path=parts.path or "/", query=query, headers={}))

    def _nothing(self, asked: str, url: str, trouble: Trouble, detail: str) -> Answer:
        return Answer(asked=asked, url=url, at=self._time(), whole=False, trouble=trouble, detail=detail)


FAULTS: Mapping[str, Callable[[ScriptedSite, Random], None]] = {
    "500": lambda site, rng: site.outage(500, after=rng.randrange(8)),
    "503": lambda site, rng: site.outage(503, after=rng.randrange(8)),
    "403": lambda site, rng: site.outage(403, after=rng.randrange(8)),
    "hang up": lambda site, rng: site.hang_up(after=rng.randrange(8)),
    "empty sitemap": lambda site, rng: site.empty_sitemap(),
    "page for sitemap": lambda site, rng: site.html_sitemap(),
    "no sitemap": lambda site, rng: site.outage(404, on="sitemap"),
    "login": lambda site, rng: site.wall("login"),
    "maintenance": lambda site, rng: site.wall("maintenance", on="everything"),
    "parked": lambda site, rng: site.wall("parked", on="everything"),
    "broken scripts": lambda site, rng: site.break_scripts(),
    "broken build": lambda site, rng: site.broken_build(),
    "robots": lambda site, rng: site.robots_answer(503),
    "markup": lambda site, rng: site.vary(),
}


@dataclass
class Simulated:
    """One site, and what its employer truly did."""

    site: ScriptedSite
    #: when each job was closed or reopened last, by handle
    turned: dict[str, datetime] = field(default_factory=dict)
    #: days on which something failed
    bad_days: set[date] = field(default_factory=set)


class Simulation:
    """So many sites in one ledger. Everything follows from `seed`."""

    def __init__(self, engine: Engine, count: int, *, seed: int = 1, share_of_faults: float = 0.01) -> None:
        """`share_of_faults`: how likely each kind of fault is at each visit."""
        self.engine = engine
        self.ledger = Ledger(engine)
        self.time = Time()
        self.faults: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        #: what the ledger said that was not so, in words
        self.wrong: list[str] = []
        self._rng = Random(seed)
        self._share = share_of_faults
        self._read = 0
        self._handles: dict[str, str] = {}
        self.sites: dict[str, Simulated] = {}
        for number in range(count):
            site = ScriptedSite(
                self._rng.randrange(4, 12), seed=number, clock=self.time, port=80, layout=_layout(number)
            )
            self.watch(f"site-{number}", site)

    def watch(self, name: str, site: ScriptedSite) -> None:
        """Adds a site that is visited from now on."""
        sites.add(self.engine, name=name, start_url=site.url, every=None, now=self.time())
        self.sites[name] = Simulated(site)

    def later(self, **span: float) -> None:
        """Moves the clock: `later(days=1)`."""
        self.time.now += timedelta(**span)

    async def days(self, count: int, *, quiet: bool = False) -> None:
        """A visit a day to each site; on `quiet` days employers rest and nothing fails."""
        for _ in range(count):
            morning = self.time.now
            for name, simulated in self.sites.items():
                self.time.now += timedelta(seconds=86400 / len(self.sites) * 0.9)
                self._keep_dates(simulated, closing=not quiet)
                if not quiet:
                    self._live(simulated)
                await self.visit(name, fault=None if quiet else self._fault())
            self.ledger.expire(self.time())
            self.time.now = max(self.time.now, morning + timedelta(days=1))
            self._compare()

    async def visit(self, name: str, *, fault: str | None = None) -> VisitSummary:
        """One visit to a site, with a fault."""
        simulated = self.sites[name]
        if fault is not None:
            self.faults[fault] += 1
            simulated.bad_days.add(self.time().date())
            FAULTS[fault](simulated.site, self._rng)
        summary = await self._visit(name, simulated.site)
        simulated.site.mend()
        self.outcomes[str(summary.outcome)] += 1
        return summary

    def told(self) -> int:
        """How many events there are."""
        return self._read

    def mistaken(self) -> list[str]:
        """Jobs whose state in the ledger is not the truth, in words."""
        stored = self._states()
        return [
            f"{name} {handle}: {'open' if truly else 'closed'} in truth, not in the ledger"
            for name, simulated in self.sites.items()
            for handle, truly in _truth(simulated.site)
            if (stored.get((name, handle)) == "open") is not truly
        ]

    async def _visit(self, name: str, site: ScriptedSite) -> VisitSummary:
        found = sites.find(self.engine, name)
        lease = leases.claim(
            self.engine, found.id, owner="simulation", now=self.time(), ttl=timedelta(days=1), dead=lambda _: True
        )
        assert lease is not None
        known = pages.known(self.engine, found.id, self.time())
        opened = self.ledger.begin(found, lease, self.time())

        async def record(batch: Sequence[Seen]) -> None:
            self.ledger.record(opened, batch, self.time())

        wire = Wire(site, self.time)
        visiting = Visiting(
            found,
            known,
            start_url=found.start_url,
            connection=lambda: wire,
            batches=Batches(record),
            readers=cast("Readers", InlineReaders()),
            limits=Limits(delay=0),
            clock=self.time,
            progress=None,
        )
        await visiting.run()
        return self.ledger.conclude(opened, visiting.report(), self.time(), lambda _: Plan(next_visit_at=self.time()))

    def _fault(self) -> str | None:
        return next((kind for kind in FAULTS if self._rng.random() < self._share), None)

    def _live(self, simulated: Simulated) -> None:
        """A day of an employer."""
        site, rng = simulated.site, self._rng
        jobs = site.open_jobs()
        if rng.random() < 0.15:
            # the invented last day counts from the day on which the site was made
            handle = site.open()
            site.edit(handle, until=self.time().date() + timedelta(days=rng.randrange(20, 90)))
        if jobs and rng.random() < 0.12:
            self._turn(simulated, rng.choice(jobs), lambda handle: site.close(handle, status=rng.choice((404, 410))))
        closed = [handle for handle, is_open in _truth(site) if not is_open]
        if closed and rng.random() < 0.01:
            self._turn(simulated, handle := rng.choice(closed), site.reopen)
            # who opens a job again gives it another last day, or it is past on arrival (C.5)
            if (until := site.job(handle).until) is not None and until <= self.time().date():
                site.edit(handle, until=self.time().date() + timedelta(days=40))
        moves = rng.random() < 0.003
        if jobs and rng.random() < 0.05:
            handle = rng.choice(jobs)
            # what has another address and another title on the same day nobody could know again
            if handle in site.open_jobs() and not moves:
                site.edit(handle, title=f"{site.job(handle).title} {rng.randrange(100)}")
        if moves:
            site.move_all(redirect=rng.choice((None, 301)))
        if rng.random() < 0.003:
            site.change_template()

    def _keep_dates(self, simulated: Simulated, *, closing: bool) -> None:
        """A job whose last day comes near is taken down on that day, or has been renewed some days before.

        If none is `closing`, each is renewed: one that is taken down on the last day of all waits for another look,
        where its site has proven us wrong before (C.5).
        """
        site, today = simulated.site, self.time().date()
        for handle in site.open_jobs():
            until = site.job(handle).until
            if until is None or until > today + _RENEWED_BEFORE:
                continue
            if not closing or site.job(handle).number % 3 == 0:
                site.edit(handle, until=today + timedelta(days=40))
            elif until <= today:
                self._turn(simulated, handle, site.close)

    def _turn(self, simulated: Simulated, handle: str, turn: Callable[[str], None]) -> None:
        turn(handle)
        simulated.turned[handle] = self.time()

    def _compare(self) -> None:
        """Each closing is of a job that is closed, each return of one that is open: looked at on the day it is told."""
        while page := events.after(self.engine, self._read, 500):
            self._read = page[-1].number
            for event in page:
                self.wrong += self._judge(event)

    def _judge(self, event: Event) -> Iterator[str]:
        site = self.sites[event.site].site
        handle = self._handle(event)
        is_open = handle in site.open_jobs()
        told = f"event {event.number}, {event.site}, {handle}: {event.type} {event.reason or ''} on {event.at:%F}"
        turned = self.sites[event.site].turned.get(handle)
        # it may have turned again after the event
        if turned is not None and turned >= event.at:
            return
        if event.type is EventType.CLOSED and is_open and not self._could_not_ask(event):
            yield f"{told}, and it is open"
        if event.type in (EventType.OPENED, EventType.REOPENED) and not is_open:
            yield f"{told}, and it is closed"
        if event.type is EventType.OPENED and not event.baseline:
            key = f"{event.site} {handle}"
            if key in self._handles.values() and self._handles.get(event.posting_id) != key:
                yield f"{told}, and it was known"

    def _could_not_ask(self, event: Event) -> bool:
        """Whether a posting past its last day was renewed, and its page did not answer when it was asked (C.5)."""
        return event.reason == "expired" and event.at.date() in self.sites[event.site].bad_days

    def _handle(self, event: Event) -> str:
        if event.posting_id not in self._handles:
            self._handles[event.posting_id] = ""
        handle = _handle_of(str(event.record["url"]))
        if not self._handles[event.posting_id]:
            known = f"{event.site} {handle}"
            if known in self._handles.values():
                self.wrong.append(f"event {event.number}: {known} was opened twice")
            self._handles[event.posting_id] = known
        return handle

    def _states(self) -> dict[tuple[str, str], str]:
        from storage import postings

        return {
            (posting.record["site"], _handle_of(str(posting.record["url"]))): posting.record["state"]
            for posting in postings.search(self.engine, state="all")
        }


def _layout(number: int) -> Any:
    return ("sitemap", "list", "both")[number % 3]


def _truth(site: ScriptedSite) -> list[tuple[str, bool]]:
    is_open = set(site.open_jobs())
    return [(handle, handle in is_open) for handle in site._jobs]


def _handle_of(url: str) -> str:
    """What the site calls a job, by either form of its address."""
    path = urlsplit(url).path.rstrip("/")
    last = path.rpartition("/")[2]
    if path.startswith("/en/positions-"):
        return f"{last}-{path.split('/')[3]}"
    return last
