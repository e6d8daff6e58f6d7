"""What a visit costs that finds little changed, in first visits of the same site: `python -m benchmarks.visits`.

A career site of 1,000 postings is served on loopback by a process of its own, with a sitemap that carries `lastmod` and
with ETags, and is visited by a worker with a fresh SQLite database through everything that a visit passes: Scrapy, its
middlewares, the reader process, the ledger. The visits are an hour apart by the worker's clock; nothing waits for it.
CPU is that of the worker and its reader together, without the site's; statements are those that SQLite was sent. Prints
tables and writes nothing.
"""

from __future__ import annotations

import argparse
import multiprocessing
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Engine, event

from benchmarks.processes import cpu_seconds
from postings.visits import VisitSummary
from scheduler.protocol import WorkerSettings
from scheduler.worker import Worker, run
from storage import sites
from storage.engine import connect
from storage.schema import upgrade


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one visit cost."""

    name: str
    summary: VisitSummary
    cpu: float
    statements: int


class Site:
    """The career site in its process; each verb is a line that it answers."""

    def __init__(self, postings: int, layout: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.visits", "--serve", layout, "--postings", str(postings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid = self._process.pid
        self.url = self.do("url")

    def do(self, verb: str) -> str:
        """Asks for something and waits until it is done."""
        pipes = self._process
        assert pipes.stdin is not None
        assert pipes.stdout is not None
        pipes.stdin.write(f"{verb}\n")
        pipes.stdin.flush()
        return pipes.stdout.readline().strip()

    def close(self) -> None:
        """Ends the process."""
        self._process.communicate()


def serve(postings: int, layout: Literal["sitemap", "list", "both"]) -> None:
    """The process of the site: does what the lines of its input say."""
    from hirewatch.demo.site import CareerSite

    with CareerSite(postings, layout=layout) as site:
        verbs: dict[str, Callable[[], object]] = {
            "url": lambda: site.url,
            "open": site.open,
            "edit": lambda: site.edit(site.open_jobs()[1], title="Chief Welder"),
            "close": lambda: site.close(site.open_jobs()[0]),
        }
        for line in sys.stdin:
            print(verbs[line.strip()](), flush=True)


def main(arguments: argparse.Namespace) -> None:
    """Visits a site of each layout and prints what the visits cost."""
    for layout in arguments.layouts:
        with tempfile.TemporaryDirectory() as folder, _site(arguments.postings, layout) as site:
            _print(layout, _costs(site, folder))


def _costs(site: Site, folder: str) -> list[Cost]:
    """The visits of one site, in a process of their own: a reactor starts once a process."""
    context = multiprocessing.get_context("spawn")
    pipe, theirs = context.Pipe()
    worker = context.Process(target=_visits, args=(site.url, folder, theirs))
    worker.start()
    # the site's process belongs to this one, so its verbs go through it
    while isinstance(said := pipe.recv(), str):
        pipe.send(site.do(said))
    worker.join()
    costs: list[Cost] = said
    return costs


def _visits(url: str, folder: str, pipe: Any) -> None:
    database = f"sqlite:///{folder}/hirewatch.sqlite"
    engine = connect(database)
    upgrade(engine)
    start = datetime.now(UTC)
    ahead = timedelta()
    statements = 0

    def clock() -> datetime:
        return datetime.now(UTC) + ahead

    def count(*arguments: Any) -> None:
        nonlocal statements
        statements += not arguments[2].startswith(("PRAGMA", "BEGIN"))

    event.listen(Engine, "before_cursor_execute", count)
    site = sites.add(engine, name="acme", start_url=url, every=timedelta(hours=1), now=start)
    settings = WorkerSettings(database=database, delay=0.0, allow_addresses=("127.0.0.0/8",))

    async def all_visits(worker: Worker) -> list[Cost]:
        nonlocal ahead
        costs = []
        for name, verb in [
            ("first", ""),
            *((f"no change, {number}", "") for number in range(2, 6)),
            ("one new posting", "open"),
            ("one edited", "edit"),
            ("one closed", "close"),
        ]:
            if verb:
                pipe.send(verb)
                pipe.recv()
            sites.request_visit(engine, site.id, clock())
            due = sites.find(engine, site.name)
            before, asked = cpu_seconds(), statements
            summary = await worker.visit(due, scheduled=True)
            assert summary is not None
            cost = Cost(name=name, summary=summary, cpu=cpu_seconds() - before, statements=statements - asked)
            costs.append(cost)
            ahead += timedelta(hours=1)
        return costs

    costs = run(settings, all_visits, clock=clock)
    engine.dispose()
    pipe.send(costs)


@contextmanager
def _site(postings: int, layout: str) -> Iterator[Site]:
    site = Site(postings, layout)
    try:
        yield site
    finally:
        site.close()


def _print(layout: str, costs: list[Cost]) -> None:
    first = costs[0]
    print(f"\n{layout}: {len(costs)} visits, one an hour, of {first.summary.opened} postings\n")
    print("| visit | outcome | requests | 304 | bytes, of the first | CPU, of the first | statements | events |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for cost in costs:
        one = cost.summary
        events = f"{one.opened} opened, {one.changed} changed, {one.closed} closed"
        print(
            f"| {cost.name} | {one.outcome} | {one.requests} | {one.not_modified} "
            f"| {one.bytes / first.summary.bytes:.2%} | {cost.cpu / first.cpu:.2%} | {cost.statements} | {events} |"
        )
    print(f"\nThe first: {first.summary.bytes / 1e6:.1f} MB, {first.cpu:.1f} s of CPU.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postings", type=int, default=1000)
    parser.add_argument("--layouts", nargs="+", default=["sitemap", "list"], help="sitemap, list or both")
    parser.add_argument("--serve", metavar="LAYOUT", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.postings, given.serve)
    else:
        main(given)
