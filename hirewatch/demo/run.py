"""The play of `hirewatch demo`: an employer whose jobs change, and hirewatch watching, all on loopback.

Nothing is played but the employer: the site answers over HTTP, a worker visits it as it visits any other, the ledger
decides, and the alerts are signed and sent to a receiver that checks them.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import secrets
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Protocol

from hirewatch import wiring
from hirewatch.demo.receiver import Received, Receiver
from hirewatch.demo.site import CareerSite
from hirewatch.settings import Crawl, Network, Settings
from postings.events import Event
from postings.sites import Site
from postings.visits import VisitSummary

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from crawler.visiting import Progress
    from delivery.outlets import Context
    from scheduler.worker import Worker

SITE = "demo"
OUTLET = "alerts"
JOBS = 42
#: seconds between two requests: the site is ours and small; a real one gets a second
DELAY = 0.05
#: seconds that a scene stands before the next one begins
PAUSE = 5.0
#: seconds between two visits, and between two changes of a site that lives on
EVERY = 8.0


class Audience(Protocol):
    """Whoever the play is told to."""

    def begins(self, stage: Stage) -> None:
        """The site is up, nothing is watched yet."""

    def scene(self, what: str) -> None:
        """What the employer does now, or what happens to the site."""

    def command(self, text: str) -> None:
        """What a person would type to do what is done now."""

    def progress(self, site: Site, step: Progress) -> None:
        """A visit has come a step further."""

    def visited(self, visit: VisitSummary, events: Sequence[Event]) -> None:
        """A visit has ended, and this is what it recorded."""

    def alerted(self, received: Received) -> None:
        """The receiver got an alert with a valid signature."""

    def remark(self, text: str) -> None:
        """Why what happened is right."""

    def served(self, address: str) -> None:
        """The dashboard shows all of it at this address."""

    def why(self, events: Sequence[Event]) -> None:
        """The life of one posting."""


@dataclass
class Stage:
    """Everything that the play uses, on loopback and in one folder."""

    folder: Path
    settings: Settings
    site: CareerSite
    receiver: Receiver
    secret: str
    alerts: list[Received] = field(default_factory=list)

    @property
    def config_file(self) -> Path:
        """The configuration with which other commands look at the demonstration's data."""
        return self.folder / "hirewatch.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How the play went."""

    visits: int
    events: int
    open: int
    alerts: int
    refused: int
    requests: int
    #: every scene was played
    whole: bool
    seconds: float


@contextlib.contextmanager
def stage(*, keep: bool) -> Iterator[Stage]:
    """Sets the stage, and clears it away at the end; with `keep` the folder stays."""
    folder = Path(tempfile.mkdtemp(prefix="hirewatch-demo-"))
    secret = f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"
    alerts: list[Received] = []
    try:
        with CareerSite(JOBS, layout="both") as site, Receiver(secret, told=alerts.append) as receiver:
            settings = Settings.model_construct(
                home=folder,
                crawl=Crawl(delay=DELAY),
                # exactly where the demonstration's own servers are, nothing else that is not public
                network=Network(allow_addresses=("127.0.0.1/32",)),
            )
            set_ = Stage(folder, settings, site, receiver, secret, alerts)
            set_.config_file.write_text(
                f'home = "{folder}"\ndatabase = "{settings.database_url}"\n'
                f'[crawl]\ndelay = {DELAY}\n[network]\nallow_addresses = ["127.0.0.1/32"]\n'
            )
            yield set_
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def play(stage: Stage, audience: Audience, *, pause: float = PAUSE) -> Outcome:
    """Plays to the end, or until the process is asked to end. `pause` is in seconds: how long each scene stands."""
    from scheduler import worker

    began = time.monotonic()
    wiring.open_database(stage.settings).dispose()
    play = _Play(stage, audience, pause)
    worker.run(wiring.worker_settings(stage.settings), play.run)
    return play.outcome(time.monotonic() - began)


class _Play:
    def __init__(self, stage: Stage, audience: Audience, pause: float) -> None:
        self.stage = stage
        self.audience = audience
        self.pause = pause
        self.rng = Random(7)
        self.visits = 0
        self.cursor = 0
        self.open = 0
        self.requests = 0
        self.whole = False
        self._told = 0

    def outcome(self, seconds: float) -> Outcome:
        return Outcome(
            visits=self.visits,
            events=self.cursor,
            open=self.open,
            alerts=len(self.stage.alerts),
            refused=self.stage.receiver.refused,
            requests=self.requests,
            whole=self.whole,
            seconds=seconds,
        )

    async def run(self, worker: Worker) -> None:
        """The scenes in their order; ends early when the process is asked to."""
        self.audience.begins(self.stage)
        await self._watch(worker)
        scenes: list[Callable[[Worker], Awaitable[None]]] = [
            self._opens,
            self._edits,
            self._rests,
            self._fails,
            self._closes,
        ]
        for scene in scenes:
            if await self._stands(worker):
                return
            await scene(worker)
        self.whole = True

    async def _watch(self, worker: Worker) -> None:
        from delivery import outlets
        from storage import sites

        engine, store = worker.equipment.engine, worker.equipment.store
        url = self.stage.site.url
        self.audience.command(f"hirewatch add {url} --name {SITE}")
        now = worker.equipment.clock()
        await store(sites.add, engine, name=SITE, start_url=url, every=timedelta(seconds=EVERY), now=now)
        await self._visit(worker)
        self.audience.remark("All of it was there before anyone watched: a baseline, which alerts nobody.")
        self.audience.command(f"hirewatch outlets add {OUTLET} {self.stage.receiver.url}")
        await store(
            outlets.add,
            engine,
            name=OUTLET,
            address=self.stage.receiver.url,
            options={"secret": self.stage.secret},
            now=worker.equipment.clock(),
        )

    async def _opens(self, worker: Worker) -> None:
        handle = self.stage.site.open("Robotics Technician", city="Hamburg", salary=(46_000, 54_000))
        self.audience.scene(f"The employer opens a job: {self._named(handle)}.")
        await self._visit(worker)

    async def _edits(self, worker: Worker) -> None:
        handle = next(
            handle
            for handle in self.stage.site.open_jobs()
            if not self.stage.site.job(handle).title.startswith(("Senior", "Junior", "Lead", "Head"))
        )
        before = self._named(handle)
        self.stage.site.edit(handle, title=f"Senior {self.stage.site.job(handle).title}")
        self.audience.scene(f"It renames another one: {before} is now {self._named(handle)}.")
        await self._visit(worker)
        self.audience.remark("The same address, the same identifier: still the same posting, under a new title.")

    async def _rests(self, worker: Worker) -> None:
        self.audience.scene("Nothing happens on the site.")
        await self._visit(worker)
        self.audience.remark("Pages that did not change are not sent again: a quiet site costs next to nothing.")

    async def _fails(self, worker: Worker) -> None:
        self.audience.scene("The site breaks down: nobody answers.")
        self.stage.site.stop()
        await self._visit(worker)
        self.stage.site.start()
        self.audience.remark("No posting closes by that: silence proves nothing. The site is up again.")

    async def _closes(self, worker: Worker) -> None:
        from storage import events

        handle = self.stage.site.open_jobs()[5]
        self.audience.scene(f"A job is filled: {self._named(handle)} leaves the list, its page answers 404.")
        self.stage.site.close(handle)
        happened = await self._visit(worker)
        closed = next((event for event in happened if event.type == "closed"), None)
        if closed is not None:
            self.audience.command(f"hirewatch why {closed.posting_id}")
            engine = worker.equipment.engine
            self.audience.why(await worker.equipment.store(events.of_posting, engine, closed.posting_id))

    async def _visit(self, worker: Worker) -> list[Event]:
        """One visit, what it recorded, and the alerts that follow from it."""
        from storage import events, postings, sites

        engine, store = worker.equipment.engine, worker.equipment.store
        if self.visits:
            self.audience.command(f"hirewatch visit {SITE}")
        finished: list[VisitSummary] = []
        site = await store(sites.find, engine, SITE)
        await worker.visit_all([site], progress=self.audience.progress, finished=finished.append)
        happened = await store(events.after, engine, self.cursor, 1000)
        self.cursor = happened[-1].number if happened else self.cursor
        for visit in finished:
            self.visits += 1
            self.requests += visit.requests
            self.audience.visited(visit, happened)
        counts = await store(postings.counts, engine)
        self.open = sum(states.get("open", 0) for states in counts.values())
        await self._deliver(worker, engine)
        return happened

    async def _deliver(self, worker: Worker, engine: Engine) -> None:
        from delivery.dispatch import deliver_all

        context: Context = wiring.outlet_context(
            self.stage.settings, await worker.equipment.store(wiring.instance, engine)
        )
        await asyncio.to_thread(deliver_all, engine, context, worker.equipment.clock(), self.rng)
        for received in self.stage.alerts[self._told :]:
            self.audience.alerted(received)
        self._told = len(self.stage.alerts)

    async def _stands(self, worker: Worker) -> bool:
        """Lets a scene stand for a while; True if the process was asked to end."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(worker.stop.wait(), self.pause)
        return worker.stop.is_set()

    def _named(self, handle: str) -> str:
        return named(self.stage.site, handle)


def named(site: CareerSite, handle: str) -> str:
    """A job in a few words."""
    job = site.job(handle)
    return f"{job.title}, {job.places[0].city}"
