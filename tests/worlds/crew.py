"""A worker in a process of its own that makes the visits of any number of worlds, each with a clock moved by hand."""

from __future__ import annotations

import multiprocessing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from postings.visits import VisitSummary

#: real seconds within which a visit has to end
PATIENCE = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One thing to do in the world whose database has this URL, at this time."""

    database: str
    now: datetime
    #: "visit" makes the visit that is due, "asked" the one that a person asks for, "expire" closes what is past
    what: str
    site: str = ""
    #: fields of `crawler.visit.Limits` that differ
    limits: tuple[tuple[str, Any], ...] = ()


class Crew:
    """The process; one order at a time."""

    def __init__(self, folder: Path) -> None:
        """`folder` is for a database that the process needs to start with and does not use."""
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, f"sqlite:///{folder}/unused.sqlite"))
        self._process.start()

    def do(self, order: Order) -> tuple[VisitSummary | None, datetime]:
        """The visit, and the time when it was over. Raises AssertionError with what went wrong in the worker."""
        self._pipe.send(order)
        assert self._pipe.poll(PATIENCE), f"{order.what} of {order.site} does not end"
        summary, now, problem = self._pipe.recv()
        assert problem is None, problem
        return summary, now

    def close(self) -> None:
        """Ends the process."""
        self._pipe.send(None)
        self._process.join(10)
        if self._process.is_alive():
            self._process.kill()
        assert self._process.exitcode == 0


class _Clock:
    """Goes on by a millisecond each time it is read, so that no two readings are alike; never by itself."""

    def __init__(self) -> None:
        self.now: datetime = datetime.min

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


def _work(pipe: Any, database: str) -> None:
    import asyncio

    from crawler.hosts import Hosts
    from scheduler.hosts import SharedHosts
    from scheduler.protocol import WorkerSettings
    from scheduler.worker import Worker, run
    from storage import sites
    from storage.engine import connect
    from storage.ledger import Ledger

    clock = _Clock()

    async def one(worker: Worker, order: Order) -> VisitSummary | None:
        engine = connect(order.database)
        store = worker.equipment.store
        shared = SharedHosts(engine, store, owner="crew", pause=0.0, clock=clock)
        equipment = replace(
            worker.equipment,
            engine=engine,
            ledger=Ledger(engine),
            hosts=Hosts(shared, clock=clock),
            limits=replace(worker.equipment.limits, **dict(order.limits)),
        )
        try:
            if order.what == "expire":
                await store(equipment.ledger.expire, clock())
                return None
            site = await store(sites.find, engine, order.site)
            if order.what == "visit":
                await store(sites.request_visit, engine, site.id, clock())
                site = await store(sites.find, engine, order.site)
            summary = await Worker(equipment, visits=1, stop=worker.stop).visit(site, scheduled=order.what == "visit")
        finally:
            await equipment.hosts.close()
            await shared.close()
            engine.dispose()
        return summary

    async def orders(worker: Worker) -> None:
        while (order := await asyncio.to_thread(pipe.recv)) is not None:
            clock.now = order.now
            summary, problem = None, None
            try:
                summary = await one(worker, order)
            except Exception as error:
                problem = f"{type(error).__name__}: {error}"
            pipe.send((summary, clock.now, problem))

    settings = WorkerSettings(
        database=database, delay=0.0, concurrency=4, timeout=5.0, allow_addresses=("127.0.0.0/8",)
    )
    run(settings, orders, clock=clock, rng=Random(1))
