"""What recording postings costs, and the room that they take: `python -m benchmarks.storage`.

    new       the ledger records postings that it has never seen, beside the driver's `executemany` of the very same
              rows into the same tables with the same indexes
    unchanged the ledger ends a visit whose list is as it was, records pages that are as they were, and postings that
              say the same, beside a select and an update for each posting
    room      bytes that each table takes with its indexes, in bytes of the postings' plain text
    ticks     looking for a hundred sites that are due among 100,000, in the same among 10,000; and finding none

All on SQLite in files of their own, in turns; CPU of this process, medians of paired ratios. The postings are invented,
of about 4 KB with markup, or those of the dumps of a collection of real pages (`--collection`). Prints tables and
writes nothing.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, event, select, update

from benchmarks.queries import Language
from crawler.extraction import read_page
from crawler.pages import Page
from postings import urls
from postings.sightings import PageRead, Seen, Sighting, Unchanged
from postings.sites import Source, SourceKind
from postings.visits import Listing, Spared, VisitReport
from storage import engine as engines
from storage import leases, raws, schema, sites
from storage.ledger import Ledger, Plan
from storage.open_visit import OpenVisit
from storage.tables import installation, pages, postings

FIRST = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
#: sightings in one batch, as the crawler hands them over
BATCH = 100
WORDS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The bytes of a database, for each posting."""

    #: title, employer, places and description
    text: float
    #: by table, with its indexes
    tables: dict[str, float]


# -- the postings


def invented(number: int, seed: int = 1) -> list[Sighting]:
    """So many postings as pages show them: a few headings, paragraphs and lists of invented words."""
    language, chance = Language(seed), random.Random(seed)
    return [_read(f"https://jobs.acme.example/{place}", _script(language, chance, place)) for place in range(number)]


def _script(language: Language, chance: random.Random, number: int) -> str:
    said, parts, left = language.posting(4), [], WORDS
    while left > 0:
        length = chance.randint(8, 40)
        words = " ".join(language.said(length)).capitalize()
        parts.append(chance.choice([f"<p>{words}.</p>", f"<li>{words}</li>", f"<h3>{words[:40]}</h3>"]))
        left -= length
    assert said.organization is not None
    return json.dumps(
        {
            "@context": "https://schema.org",
            "@type": "JobPosting",
            "title": said.title,
            "description": "".join(parts).replace("</p><li>", "</p><ul><li>").replace("</li><p>", "</li></ul><p>"),
            "identifier": {"@type": "PropertyValue", "name": "Acme", "value": f"R-{number}"},
            "datePosted": "2026-10-30",
            "validThrough": "2027-01-31",
            "employmentType": "FULL_TIME",
            "hiringOrganization": {"@type": "Organization", "name": said.organization.name},
            "jobLocation": {
                "@type": "Place",
                "address": {"@type": "PostalAddress", "addressLocality": "Berlin", "addressCountry": "DE"},
            },
        }
    )


def real(folder: Path, number: int) -> list[Sighting]:
    """The first so many postings of dumps: JSON lines with the address of a page and its script."""
    found: list[Sighting] = []
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text().splitlines():
            row = json.loads(line)
            found.append(_read(f"https://jobs.acme.example/{row['page']}", row["script"]))
            if len(found) == number:
                return found
    return found


def _read(url: str, script: str) -> Sighting:
    body = f'<html><script type="application/ld+json">{script}</script></html>'.encode()
    (read,) = read_page(Page(url=url, body=body, content_type="text/html; charset=utf-8"), links=False).postings
    page = PageRead(address=urls.key(url), url=url, status=200, at=FIRST, body_hash=raws.digest(script))
    return Sighting(page=page, address=page.address, posting=replace(read.posting, url=url), raw=read.raw)


# -- the ledger at work


class Watched:
    """A site in a database of its own, and the visits to it."""

    def __init__(self, url: str) -> None:
        self.engine = engines.connect(url)
        schema.upgrade(self.engine)
        with engines.writing(self.engine) as connection:
            # ids follow from it: those of two databases are the same
            connection.execute(update(installation).values(instance="0" * 32))
        self.ledger = Ledger(self.engine)
        self.now = FIRST
        self.site = sites.add(
            self.engine, name="acme", start_url="https://jobs.acme.example/", every=None, now=self.now
        )

    def begin(self) -> OpenVisit:
        """The next visit, a day after the last."""
        self.now += timedelta(days=1)
        self.site = sites.find(self.engine, "acme")
        lease = leases.claim(
            self.engine, self.site.id, owner="benchmark", now=self.now, ttl=timedelta(hours=1), dead=lambda _: True
        )
        assert lease is not None
        return self.ledger.begin(self.site, lease, self.now)

    def record(self, visit: OpenVisit, seen: Sequence[Seen]) -> None:
        """Hands over what was seen, in batches."""
        for start in range(0, len(seen), BATCH):
            self.ledger.record(visit, seen[start : start + BATCH], self.now)

    def end(self, visit: OpenVisit, seen: Sequence[Seen], *, listed: bool = False) -> None:
        """The end of a complete visit; `listed`: its list says that all is as it was, so no page was asked for."""
        addresses = frozenset(one.page.address for one in seen)
        report = VisitReport(
            started_at=self.now,
            ended_at=self.now,
            source=Source(kind=SourceKind.SITEMAP, urls=("https://jobs.acme.example/sitemap.xml",)),
            listing=Listing(addresses=addresses, whole=True, rows=len(seen)),
            spared=Spared(left=addresses, believed=len(seen)) if listed else Spared(),
            asked=0 if listed else len(seen),
            answered=0 if listed else len(seen),
            read=0 if listed else len(seen),
            requests=2 if listed else len(seen) + 2,
            start_status=200,
        )
        self.ledger.conclude(visit, report, self.now, lambda _: Plan(next_visit_at=self.now + timedelta(days=1)))


@contextmanager
def database() -> Iterator[str]:
    """The URL of a database that is not there yet."""
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/hirewatch.sqlite"


def cpu(run: Callable[[], object]) -> float:
    """Seconds of CPU of a call."""
    gc.collect()
    began = time.process_time()
    run()
    return time.process_time() - began


def later(seen: Sequence[Sighting], now: datetime) -> list[Sighting]:
    """The same pages, read then."""
    return [replace(one, page=replace(one.page, at=now)) for one in seen]


# -- new postings


def new(seen: Sequence[Sighting], rounds: int) -> tuple[float, float]:
    """Recording new postings, in `executemany` of the same rows; and microseconds a posting of that."""
    ratios, floors = [], []
    for _ in range(rounds):
        with database() as url, database() as other:
            watched, plain = Watched(url), Watched(other)
            try:
                visit = watched.begin()
                plain.begin()
                arrived = later(seen, watched.now)
                with _sent(watched.engine) as statements:
                    taken = cpu(lambda: watched.record(visit, arrived))  # noqa: B023
                floors.append(cpu(lambda: _send(plain.engine, statements)) / len(seen))  # noqa: B023
                ratios.append(taken / len(seen) / floors[-1])
            finally:
                watched.engine.dispose()
                plain.engine.dispose()
    return median(ratios), median(floors) * 1e6


@contextmanager
def _sent(engine: Engine) -> Iterator[list[tuple[str, list[Any]]]]:
    """What SQLite is sent with many rows at once."""
    statements: list[tuple[str, list[Any]]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, ___: Any, many: bool) -> None:
        if many and statement.startswith("INSERT"):
            statements.append((statement, list(parameters)))
        elif statement.startswith("INSERT"):
            statements.append((statement, [parameters]))

    def begin(_: Any) -> None:
        statements.append(("BEGIN IMMEDIATE", []))

    event.listen(engine, "begin", begin)
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)
    event.remove(engine, "begin", begin)


def _send(engine: Engine, statements: Sequence[tuple[str, list[Any]]]) -> None:
    """The same rows in the same transactions, by the driver alone."""
    held = engine.raw_connection()
    driver: Any = held.driver_connection
    for number, (statement, rows) in enumerate(statements):
        if statement.startswith("BEGIN"):
            if number:
                driver.execute("COMMIT")
            driver.execute(statement)
        else:
            driver.executemany(statement, rows)
    driver.execute("COMMIT")
    held.close()


# -- unchanged ones

_ONE = select(postings.c.id, postings.c.raw_hash, postings.c.last_seen).where(
    postings.c.site_id == bindparam("of_site"), postings.c.page == bindparam("of_page")
)
_SEE = (
    update(postings)
    .where(postings.c.id == bindparam("of"))
    .values(last_seen=bindparam("at"), last_visit=bindparam("visit"), last_read=bindparam("at"))
)
_REMEMBER = (
    update(pages)
    .where(pages.c.site_id == bindparam("of_site"), pages.c.address == bindparam("of_page"))
    .values(last_read_at=bindparam("at"))
)


def unchanged(seen: Sequence[Sighting], rounds: int) -> tuple[float, float, float]:
    """Ending a visit whose list is as it was, recording pages that are as they were, and postings that say the same, in
    a select and two updates each."""
    with database() as url:
        watched = Watched(url)
        visit = watched.begin()
        watched.record(visit, later(seen, watched.now))
        watched.end(visit, seen)
        whole, same, alike = [], [], []
        for _ in range(rounds):
            visit = watched.begin()
            read = later(seen, watched.now)
            as_they_were: list[Seen] = [Unchanged(page=one.page) for one in read]
            floor = cpu(lambda: _one_by_one(watched, visit, read))  # noqa: B023
            same.append(cpu(lambda: watched.record(visit, as_they_were)) / floor)  # noqa: B023
            alike.append(cpu(lambda: watched.record(visit, read)) / floor)  # noqa: B023
            watched.end(visit, seen)
            visit = watched.begin()
            whole.append(cpu(lambda: watched.end(visit, seen, listed=True)) / floor)  # noqa: B023
        watched.engine.dispose()
    return median(whole), median(same), median(alike)


def _one_by_one(watched: Watched, visit: OpenVisit, seen: Sequence[Sighting]) -> None:
    for start in range(0, len(seen), BATCH):
        with engines.writing(watched.engine) as connection:
            for one in seen[start : start + BATCH]:
                _see(connection, watched.site.id, visit.id, one.page)


def _see(connection: Connection, site_id: int, visit_id: str, page: PageRead) -> None:
    where = {"of_site": site_id, "of_page": page.address}
    row = connection.execute(_ONE, where).one()
    connection.execute(_SEE, {"of": row.id, "at": page.at, "visit": visit_id})
    connection.execute(_REMEMBER, {**where, "at": page.at})


# -- room


def room(seen: Sequence[Sighting]) -> Room:
    """What a database takes that has seen these postings in one visit."""
    with database() as url:
        watched = Watched(url)
        visit = watched.begin()
        watched.record(visit, later(seen, watched.now))
        watched.end(visit, seen)
        with engines.reading(watched.engine) as connection:
            rows = connection.exec_driver_sql(_SIZES).all()
        watched.engine.dispose()
    found: dict[str, float] = defaultdict(float)
    for table, size in rows:
        found[table] += size / len(seen)
    plain = sum(len(_text(one).encode()) for one in seen) / len(seen)
    return Room(text=plain, tables=dict(sorted(found.items(), key=lambda entry: -entry[1])))


_SIZES = """
SELECT coalesce(s.tbl_name, d.name), sum(d.pgsize) FROM dbstat d LEFT JOIN sqlite_master s ON s.name = d.name GROUP BY 1
"""


def _text(sighting: Sighting) -> str:
    posting = sighting.posting
    places = [f"{place.locality} {place.country}" for place in posting.locations]
    employer = posting.organization.name if posting.organization else ""
    return "\n".join([posting.title or "", employer or "", *places, posting.description_text or ""])


# -- ticks


def ticks(few: int, many: int, turns: int) -> tuple[float, float]:
    """A tick with a hundred due sites among many, in one among few; and microseconds of one that finds nothing due."""
    from benchmarks.scale import DUE, fill  # needs the extra `postgres`

    with database() as url, database() as other:
        small, large = engines.connect(url), engines.connect(other)
        for engine, number in ((small, few), (large, many)):
            schema.upgrade(engine)
            fill(engine, number, FIRST)
        ratios, idle = [], []
        early = FIRST - timedelta(days=1)
        for turn in range(turns + 1):
            times: dict[Engine, float] = {}
            # whichever comes second finds warmer caches
            for engine in (small, large) if turn % 2 else (large, small):
                times[engine] = cpu(lambda: leases.due(engine, FIRST, DUE))  # noqa: B023
            nothing = cpu(lambda: [leases.due(large, early, DUE) for _ in range(100)]) / 100
            if turn:
                ratios.append(times[large] / times[small])
                idle.append(nothing)
        small.dispose()
        large.dispose()
    return median(ratios), median(idle) * 1e6


def main() -> None:
    """Measures and prints."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--postings", type=int, default=500)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--sites", type=int, default=100_000)
    options.add_argument("--collection", type=Path, help="a folder with `dumps` of real postings")
    asked = options.parse_args()
    seen = real(asked.collection / "dumps", asked.postings) if asked.collection else invented(asked.postings)
    print(f"{len(seen)} postings\n")
    ratio, floor = new(seen, asked.rounds)
    print(f"new ones: {ratio:.2f} of `executemany` ({floor:.0f} µs a posting)")
    whole, same, alike = unchanged(seen, asked.rounds)
    print(
        f"unchanged: a list as it was {whole:.3f}, pages as they were {same:.3f}, postings that say the same {alike:.3f} of row by row\n"
    )
    found = room(seen)
    print(f"| table | bytes a posting | of {found.text:,.0f} bytes of plain text |\n| --- | --- | --- |")
    for table, size in found.tables.items():
        if size / found.text >= 0.05:
            print(f"| {table} | {size:,.0f} | {size / found.text:.2f} |")
    total = sum(found.tables.values())
    print(f"| all | {total:,.0f} | {total / found.text:.2f} |\n")
    grown, idle = ticks(10_000, asked.sites, 20)
    print(f"tick, {asked.sites:,} sites: {grown:.2f} of one with 10,000; nothing due: {idle:.0f} µs")


if __name__ == "__main__":
    main()
