"""What pages and lists cost where there is much: `python -m benchmarks.pages [--small 10000] [--large 1000000] [--keep
FOLDER] [--postgresql URL]`.

Makes two SQLite databases (`benchmarks.big_database`) in a temporary folder, or in one that is named and where they are
used again, and with `--postgresql` copies of both on that server, which stay there; then asks the web application for
every page in turns, here and there, and the storage behind `events --after`, `postings QUERY` and a visit that finds a
site unchanged. Prints the number of statements, CPU and wall time of the fastest of some rounds on the large database,
and the ratio of both CPU times: the first figure to read, since machines differ. A server's CPU counts where it is of
this machine, but for that of workers that it starts for one statement. Of a CSV file, which is made while it is sent,
it is the time to the first piece.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from sqlalchemy import Connection, event, text
from sqlalchemy.engine import Engine

from benchmarks.big_database import LARGEST, NOW, STEADY, WORD_STEADY, WORDS_COMMON, WORDS_RARE, make
from benchmarks.server_copy import copied
from postings.query import Query, parse
from postings.visits import Listing, Spared, VisitReport
from storage import events, leases, pages, paging, sites
from storage.engine import connect
from storage.ledger import Ended, Ledger, Plan
from tests.dashboard.conftest import Board

#: what must not be exceeded: milliseconds, statements, and the CPU time in that of the small database
_LIMITS = (100, 30, 1.5)

_QUERIES = {
    "nothing asked": "",
    "both states": "is:open OR is:closed",
    "a common word": WORDS_COMMON,
    "a rare word": WORDS_RARE,
    "as many there as here": WORD_STEADY,
    "no match": "nobody",
    "a rare title": 'title:"zeppelin rigger"',
    "title and place": "title:welder location:germany salary>=70k",
    "a facet": "remote:yes",
    "closing this week": "closes:<7d",
    "new and a word": "first:<30d title:nurse",
    "changed": "is:changed",
    "a large site": f"site:site-{LARGEST}",
    "a large site, rare word": f"site:site-{LARGEST} {WORDS_RARE}",
    "all but a common word": f"-{WORDS_COMMON}",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """What an answer took, in seconds."""

    statements: int
    cpu: float
    wall: float


class Database:
    """A database, and what is asked of it."""

    def __init__(self, url: str) -> None:
        self.engine: Engine = connect(url)
        self.app = Board(self.engine, now=NOW).app()
        self.loop = asyncio.new_event_loop()
        self.counted = 0
        #: processes of a server that answer this one
        self.backends: set[int] = set()
        event.listen(self.engine, "before_cursor_execute", self._count)
        with self.engine.connect() as connection:

            def one(query: str) -> Any:
                return connection.execute(text(query)).scalar_one()

            self.names = {
                "newest": one("SELECT id FROM postings WHERE state = 'open' ORDER BY first_seen DESC LIMIT 1"),
                "closed": one("SELECT id FROM postings WHERE state = 'closed' ORDER BY first_seen DESC LIMIT 1"),
                "restless": one(
                    f"SELECT posting_id FROM events WHERE site_id = {LARGEST} GROUP BY posting_id"
                    " ORDER BY count(*) DESC LIMIT 1"
                ),
                "again": one(
                    "SELECT posting_id FROM folded_postings WHERE employer LIKE '% works 0 ' LIMIT 1"
                ),
                "middle": one("SELECT last_event / 2 FROM installation"),
                "visit": one(f"SELECT max(id) FROM visits WHERE site_id = {LARGEST}"),
            }  # fmt: skip

    def _count(self, connection: Connection, _cursor: object, statement: str, *_more: object) -> None:
        self.counted += not statement.startswith(("PRAGMA", "BEGIN"))
        if connection.dialect.name == "postgresql":
            driver: Any = connection.connection.dbapi_connection
            self.backends.add(driver.info.backend_pid)

    def measured(self, act: Callable[[Database], object]) -> Cost:
        """What an act takes."""
        self.counted = 0
        wall, cpu = time.perf_counter(), self._cpu()
        act(self)
        return Cost(statements=self.counted, cpu=self._cpu() - cpu, wall=time.perf_counter() - wall)

    def _cpu(self) -> float:
        """Seconds that this process and those of the server had."""
        theirs = 0
        for backend in self.backends:
            with suppress(OSError):
                theirs += int(Path(f"/proc/{backend}/schedstat").read_text().split()[0])
        return time.process_time() + theirs / 1e9

    def ask(self, address: str) -> bytes:
        """The answer to GET, up to its first piece where it is sent in pieces."""
        address = address.format(**self.names)
        status, body = self.loop.run_until_complete(_get(self.app, address))
        if status != 200:
            raise RuntimeError(f"{address} answers {status}: {body[:500]!r}")
        return body


async def _get(app: Any, address: str) -> tuple[int, bytes]:
    parts = urlsplit(address)
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": parts.path, "raw_path": parts.path.encode(), "query_string": parts.query.encode(), "root_path": "",
        "headers": [(b"host", b"127.0.0.1:8000")], "client": ("127.0.0.1", 50_000), "server": ("127.0.0.1", 8000),
        "state": {},
    }  # fmt: skip
    found: list[bytes] = []
    statuses: list[int] = []

    left = asyncio.Event()
    requests = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        if (request := next(requests, None)) is not None:
            return request
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])
        elif message.get("body"):
            found.append(message["body"])
            if message.get("more_body") and "csv" in parts.path:
                # nobody reads on
                left.set()

    with suppress(Exception):
        await app(scope, receive, send)
    return (statuses or [0])[0], b"".join(found)


def asked() -> Iterator[tuple[str, str]]:
    """What each page is called, and its address."""
    for some in (_of_postings, _of_sites, _of_events, _of_outlets, _of_feeds, _of_the_api):
        yield from some()


def _of_postings() -> Iterator[tuple[str, str]]:
    yield "overview", "/"
    yield "overview, JSON", "/overview.json"
    for name, query in _QUERIES.items():
        yield f"postings: {name}", f"/postings?q={quote(query)}"
    yield "postings, JSON", "/postings.json"
    yield "postings, CSV", "/postings.csv"
    yield "postings, CSV, a rare word", f"/postings.csv?q={WORDS_RARE}"
    yield "postings, CSV, as many there as here", f"/postings.csv?q={WORD_STEADY}"
    yield "a posting", "/postings/{newest}"
    yield "a posting, JSON", "/postings/{newest}.json"
    yield "a posting that closed", "/postings/{closed}"
    yield "a posting of 2,000 changes", "/postings/{restless}"
    yield "the same, JSON", "/postings/{restless}.json"
    yield "a job posted over and over", "/postings/{again}"
    yield "a posting's markup", "/postings/{newest}/raw"


def _of_sites() -> Iterator[tuple[str, str]]:
    yield "sites", "/sites"
    yield "sites, some", "/sites?q=site-9"
    yield "sites, CSV", "/sites.csv"
    yield "a site", f"/sites/site-{STEADY}"
    yield "a large site", f"/sites/site-{LARGEST}"
    yield "a site, figures", f"/sites/site-{STEADY}?figures=yes"
    yield "a large site, figures", f"/sites/site-{LARGEST}?figures=yes"
    yield "a site that needs a person", "/sites/site-7"
    yield "a visit", f"/sites/site-{LARGEST}/visits/{{visit}}"


def _of_events() -> Iterator[tuple[str, str]]:
    yield "events", "/events"
    yield "events, JSON", "/events.json"
    yield "events, older", "/events?before={middle}"
    for kind in ("opened", "changed", "closed", "reopened"):
        yield f"events: {kind}", f"/events?kind={kind}"
    yield "events of a large site", f"/events?site=site-{LARGEST}"
    yield "events of a site, one kind", f"/events?site=site-{STEADY}&kind=closed"
    yield "events: a common word", f"/events?q={WORDS_COMMON}"
    yield "events: a rare word", f"/events?q={WORDS_RARE}"


def _of_outlets() -> Iterator[tuple[str, str]]:
    yield "searches", "/searches"
    yield "a search", "/searches/search-1"
    yield "a search, rare word", "/searches/search-3?q=nobody"
    yield "searches, trying one", f"/searches?q={WORDS_COMMON}"
    yield "outlets", "/outlets"
    yield "an outlet", "/outlets/outlet-5"
    yield "settings", "/settings"
    yield "welcome", "/welcome"


def _of_feeds() -> Iterator[tuple[str, str]]:
    yield "feed of all", "/feeds/all.atom"
    yield "feed, with what was there", "/feeds/all.rss?baseline=yes"
    yield "feed: a rare word", f"/feeds/all.json?q={WORDS_RARE}"
    yield "feed: as many there as here", f"/feeds/all.json?q={WORD_STEADY}"
    yield "feed: no match", "/feeds/all.atom?q=nobody"
    yield "feed of a large site", f"/feeds/sites/site-{LARGEST}.atom"
    yield "feed of a site", f"/feeds/sites/site-{STEADY}.atom"
    yield "feed of a search", "/feeds/searches/search-1.atom"
    yield "list of feeds", "/feeds.opml"


def _of_the_api() -> Iterator[tuple[str, str]]:
    yield "metrics", "/metrics"
    for name in ("nothing asked", "a common word", "a rare word", "as many there as here", "no match"):
        yield f"API postings: {name}", f"/api/v1/postings?q={quote(_QUERIES[name])}"
        yield f"API postings, counted: {name}", f"/api/v1/postings?count=yes&q={quote(_QUERIES[name])}"
    yield "API postings of a site", f"/api/v1/postings?site=site-{LARGEST}&state=all"
    yield "API posting", "/api/v1/postings/{newest}"
    yield "API history", "/api/v1/postings/{newest}/history"
    yield "API history, 2,000 changes", "/api/v1/postings/{restless}/history"
    yield "API sites", "/api/v1/sites"
    yield "API site", f"/api/v1/sites/site-{LARGEST}"
    yield "API visits", f"/api/v1/sites/site-{LARGEST}/visits"
    yield "API events", "/api/v1/events?after={middle}"
    yield "API events: a rare word", f"/api/v1/events?after={{middle}}&q={WORDS_RARE}"
    yield "API searches", "/api/v1/searches"
    yield "API outlets", "/api/v1/outlets"
    for name in ("a common word", "a rare word", "as many there as here", "no match"):
        yield f"API preview: {name}", f"/api/v1/preview?q={quote(_QUERIES[name])}"


def others() -> Iterator[tuple[str, Callable[[Database], object]]]:
    """What the command line and the service ask of the storage."""
    yield "`events --after N`, 500", lambda one: events.after(one.engine, one.names["middle"], 500)
    yield (
        f"`events --site site-{STEADY} --after 0`, 500",
        lambda one: events.after(one.engine, 0, 500, site_id=STEADY),
    )
    for name in ("nothing asked", "a common word", "a rare word", "as many there as here", "a rare title", "no match"):
        query = parse(_QUERIES[name])
        yield f"`postings QUERY --limit 20`: {name}", partial(_first_of_all, query)
    yield "a visit of an unchanged site", visit


def _first_of_all(query: Query, one: Database) -> object:
    return list(islice(paging.walk(one.engine, query, NOW, batch=20), 20))


def visit(one: Database) -> None:
    """A visit of a site whose list says that all its 1,000 pages are as they were: claim, begin, conclude."""
    site = sites.find(one.engine, f"site-{STEADY}")
    # each a moment later than the one before
    now = max(NOW, site.next_visit_at or NOW) + timedelta(minutes=1)
    lease = leases.claim(one.engine, site.id, owner="benchmark", now=now, ttl=timedelta(minutes=1), dead=lambda _: True)
    assert lease is not None
    known = pages.known(one.engine, site.id, now)
    ledger = Ledger(one.engine)
    running = ledger.begin(site, lease, now)
    addresses = frozenset(known.pages)
    report = VisitReport(
        started_at=now,
        ended_at=now,
        source=site.source,
        listing=Listing(addresses=addresses, whole=True, rows=1),
        requests=1,
        start_status=200,
        spared=Spared(left=addresses, believed=len(addresses), unmoved=len(addresses)),
    )
    summary = ledger.conclude(running, report, now, _tomorrow)
    assert (summary.outcome, summary.opened, summary.changed, summary.closed) == ("complete", 0, 0, 0), summary


def _tomorrow(ended: Ended) -> Plan:
    return Plan(next_visit_at=(ended.site.next_visit_at or NOW) + timedelta(minutes=1))


def main() -> None:
    """Prints a table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--small", type=int, default=10_000)
    arguments.add_argument("--large", type=int, default=1_000_000)
    arguments.add_argument("--keep", type=Path, help="the folder where the databases are made, or already are")
    arguments.add_argument("--postgresql", metavar="URL", help="a database on a server where others may be made")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--only", default="", help="pages with this in their name")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        keep = chosen.keep or Path(folder)
        found = [_opened(keep, count, chosen.postgresql) for count in (chosen.small, chosen.large)]
        acts = [(name, _page(address)) for name, address in asked()]
        print(
            f"| page | statements | CPU, {chosen.small:,} | CPU, {chosen.large:,} | by the clock | ratio |\n"
            "| --- | --- | --- | --- | --- | --- |"
        )
        for name, act in [*acts, *others()]:
            if chosen.only in name:
                try:
                    print(_row(name, found, act, chosen.rounds), flush=True)
                except RuntimeError as error:
                    print(f"| {name} | {error}", flush=True)
        for one in found:
            one.engine.dispose()
            one.loop.close()


def _opened(folder: Path, count: int, server: str | None) -> Database:
    path = folder / f"{count}.sqlite"
    if not path.exists():
        begin = time.perf_counter()
        making = path.with_suffix(".making")
        make(making, count)
        os.replace(making, path)
        print(f"{count:,} postings made in {time.perf_counter() - begin:.0f} s, {path.stat().st_size / 1e9:.1f} GB")
    return Database(copied(path, server) if server else f"sqlite:///{path}")


def _page(address: str) -> Callable[[Database], object]:
    return lambda one: one.ask(address)


def _row(name: str, found: list[Database], act: Callable[[Database], object], rounds: int) -> str:
    costs: list[list[Cost]] = [[] for _ in found]
    for _ in range(rounds):
        for place, one in enumerate(found):
            costs[place].append(one.measured(act))
    small, large = (min(one, key=lambda cost: cost.cpu) if one else Cost(0, 0.0, 0.0) for one in costs)
    wall = min(cost.wall for cost in costs[1]) if costs[1] else 0.0
    ratio = large.cpu / small.cpu if small.cpu else 0.0
    much = wall * 1000 > _LIMITS[0], large.statements > _LIMITS[1], ratio > _LIMITS[2]
    cells = (
        name,
        f"{large.statements}{' !' * much[1]}",
        f"{small.cpu * 1000:.1f} ms",
        f"{large.cpu * 1000:.1f} ms",
        f"{wall * 1000:.1f} ms{' !' * much[0]}",
        f"{ratio:.2f}{' !' * much[2]}",
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
