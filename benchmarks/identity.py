"""How well postings are known again, against truth: `python -m benchmarks.identity`.

Real postings are visited twice by the ledger, on SQLite in a file of its own, through everything that decides: keys,
identity, life, the verdict and trust. The first visit is the site as it was found. The second is the same site after
something that sites do, made by rule. Truth is the id that the board gives each job, which the rules are not told.

*Lost* is a job that stands under the posting of another one, *again* one that opened a second time, *split* one that
has two postings after a single visit. Beside the rules stand two simple ones: the identifier alone, and the
address alone. Prints tables and writes nothing. The collection of real pages (`--collection`) lies beside some
checkouts.
"""

from __future__ import annotations

import argparse
import html
import json
import random
import re
import tempfile
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, select

from crawler.extraction import read_page
from crawler.pages import Page, ReadPosting
from crawler.sources import boards
from postings import urls
from postings.keys import bounded
from postings.posting import Identifier, Posting
from postings.sightings import PageRead, Sighting
from postings.sites import Source, SourceKind
from postings.visits import Absence, Listing, Look, VisitReport, VisitSummary
from storage import engine as engines
from storage import leases, schema, sites, tables
from storage.ledger import Ledger, Plan

COLLECTION = Path(__file__).resolve().parents[1].parent / "shared" / "corpus"
#: answers of job boards that are large enough to tell something
LEAST_POSTINGS = 40
FIRST = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
SECOND = FIRST + timedelta(days=1)
#: sightings in one batch, as the crawler hands them over
BATCH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as a site shows it."""

    #: the id that the board gives it
    truth: str
    url: str
    posting: Posting

    @property
    def key(self) -> str:
        """K1."""
        return urls.key(self.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """The jobs of one site."""

    name: str
    jobs: Sequence[Job]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What became of the jobs of the first visit in the second."""

    again: int
    lost: int
    #: of those that opened again: linked to the posting that they had
    linked: int = 0
    outcome: str = ""

    def __str__(self) -> str:
        return f"{self.again:,}" + (f" + {self.lost:,} lost" if self.lost else "")


# -- what is visited


def mirror(folder: Path) -> Collection:
    """The pages of a mirror of company boards; the last part of an address holds the board's own id."""
    jobs = []
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text().splitlines():
            row = json.loads(line)
            path = row["page"].removesuffix("index.html")
            url = f"https://lootwork.github.io/{path}"
            body = f'<html><script type="application/ld+json">{row["script"]}</script></html>'
            reading = read_page(Page(url=url, body=body.encode(), content_type="text/html; charset=utf-8"), links=False)
            jobs += [Job(truth=path, url=url, posting=read.posting) for read in reading.postings]
    return Collection(name="mirror", jobs=jobs)


def answers(folder: Path) -> Iterator[Collection]:
    """The answers of job boards, as a career site would show them: without the board's own key (K4)."""
    for file in sorted(folder.glob("*.json")):
        found = boards.read_answer(file.read_bytes())
        if found is None:
            continue
        jobs = [job for read in found[1] if (job := _of_board(read)) is not None]
        if len(jobs) >= LEAST_POSTINGS and len({job.key for job in jobs}) == len(jobs):
            yield Collection(name=file.stem, jobs=jobs)


def _of_board(read: ReadPosting) -> Job | None:
    posting = read.posting
    if posting.identifier is None or not posting.url:
        return None
    # all under one host, like the career site of the company
    number = posting.identifier.value
    url = f"https://careers.acme.example/jobs/{number}"
    return Job(truth=number, url=url, posting=replace(posting, url=url))


# -- what sites do between two visits


def unchanged(jobs: Sequence[Job]) -> list[Job]:
    """The same pages in another order, with tracking parameters, `www.` and plain http."""
    decorated = []
    for number, job in enumerate(jobs):
        host, _, path = job.url.removeprefix("https://").partition("/")
        mark = "?" if "?" not in path else "&"
        url = (
            f"https://www.{host}/{path}",
            f"http://{host}/{path}{mark}utm_source=feed&gclid=x{number}",
            f"https://{host}/{path}#apply",
        )[number % 3]
        decorated.append(replace(job, url=url))
    return decorated


def without_ids(jobs: Sequence[Job]) -> list[Job]:
    """Every address is new and holds no id; the identifier stays."""
    return [_at(job, f"/careers/{_slug(job.posting.title)}-{_letters(number)}") for number, job in enumerate(jobs)]


def new_scheme(jobs: Sequence[Job]) -> list[Job]:
    """Every address is new and keeps the old id; there is no identifier any more."""
    moved = []
    for job in jobs:
        number = job.url.rstrip("/").rpartition("/")[2]
        moved.append(_at(replace(job, posting=replace(job.posting, identifier=None)), f"/en/positions/{number}/apply"))
    return moved


def new_system(jobs: Sequence[Job]) -> list[Job]:
    """Every address and every identifier is new."""
    return [_renumbered(job, number) for number, job in enumerate(jobs)]


def identifier_is_title(jobs: Sequence[Job]) -> list[Job]:
    """A template repeats the title where the identifier was."""
    return [
        replace(job, posting=replace(job.posting, identifier=Identifier(value=job.posting.title or "", name=None)))
        for job in jobs
    ]


def reworded(jobs: Sequence[Job]) -> list[Job]:
    """Every title and every text is another one."""
    return [
        replace(
            job,
            posting=replace(
                job.posting,
                title=f"Wanted: {' '.join(reversed((job.posting.title or '').split()))}",
                description_text=" ".join(f"other{number}word{place}" for place in range(120)),
                description_html=None,
            ),
        )
        for number, job in enumerate(jobs)
    ]


def posted_anew(jobs: Sequence[Job]) -> list[Job]:
    """One in twenty is taken down and posted anew: new address, new identifier, published today."""
    return [
        replace(again := _renumbered(job, number), posting=replace(again.posting, date_posted=SECOND.date()))
        if number % 20 == 7
        else job
        for number, job in enumerate(jobs)
    ]


CHANGES: dict[str, Callable[[Sequence[Job]], list[Job]]] = {
    "same pages shuffled; tracking, www, http": unchanged,
    "new addresses without ids, identifier kept": without_ids,
    "new scheme with the old id, no identifier": new_scheme,
    "new system: address and identifier new": new_system,
    "identifier becomes the title": identifier_is_title,
    "every title and text reworded": reworded,
    "5 % taken down and posted anew": posted_anew,
}


def _at(job: Job, path: str) -> Job:
    origin = urls.origin(job.url)
    return replace(job, url=f"{origin}{path}", posting=replace(job.posting, url=f"{origin}{path}"))


def _renumbered(job: Job, number: int) -> Job:
    new = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{job.truth}/{number}"))
    moved = _at(job, f"/vacancies/{new}")
    name = job.posting.identifier.name if job.posting.identifier else None
    return replace(moved, posting=replace(moved.posting, identifier=Identifier(value=new, name=name)))


def _slug(title: str | None) -> str:
    return re.sub(r"[^a-z]+", "-", html.unescape(title or "job").lower()).strip("-") or "job"


def _letters(number: int) -> str:
    text = ""
    while True:
        number, rest = divmod(number, 20)
        text = "ghijklmnopqrstuvwxyz"[rest] + text
        if not number:
            return text


# -- the rules at work


class Watched:
    """A site that the ledger visits."""

    def __init__(self, engine: Engine, start_url: str) -> None:
        self.engine = engine
        self.ledger = Ledger(engine)
        sites.add(engine, name="acme", start_url=start_url, every=None, now=FIRST)

    def visit(self, jobs: Sequence[Job], now: datetime, gone: Sequence[Job] = ()) -> VisitSummary:
        """One visit that reads these pages in any order; the pages of `gone` answer 404."""
        site = sites.find(self.engine, "acme")
        lease = leases.claim(
            self.engine, site.id, owner="benchmark", now=now, ttl=timedelta(hours=1), dead=lambda _: True
        )
        assert lease is not None
        visit = self.ledger.begin(site, lease, now)
        seen = [_sighting(job, now) for job in jobs]
        random.Random(7).shuffle(seen)
        for start in range(0, len(seen), BATCH):
            self.ledger.record(visit, seen[start : start + BATCH], now)
        report = VisitReport(
            started_at=now,
            ended_at=now,
            source=Source(kind=SourceKind.SITEMAP, urls=(f"{urls.origin(site.start_url)}/sitemap.xml",)),
            listing=Listing(addresses=frozenset(job.key for job in jobs), whole=True, rows=len(jobs)),
            looks=tuple(
                Look(address=job.key, url=job.url, absence=Absence.NOT_FOUND, status=404, at=now) for job in gone
            ),
            asked=len(jobs) + len(gone),
            answered=len(jobs) + len(gone),
            read=len(jobs),
            requests=len(jobs) + len(gone) + 2,
            start_status=200,
        )
        return self.ledger.conclude(visit, report, now, lambda _: Plan(next_visit_at=now + timedelta(hours=6)))

    def held(self, jobs: Sequence[Job]) -> dict[str, set[str]]:
        """Truth → the postings that its addresses lead to."""
        keys = tables.posting_keys
        with engines.reading(self.engine) as connection:
            rows = connection.execute(
                select(keys.c.value, keys.c.posting_id).where(keys.c.kind == "address").order_by(keys.c.since)
            ).all()
        # the last one that was given an address has it
        by_address = {row.value: row.posting_id for row in rows}
        found: dict[str, set[str]] = defaultdict(set)
        for job in jobs:
            found[job.truth].add(by_address[bounded(job.key)])
        return found

    def links(self) -> dict[str, set[str]]:
        """Posting → those it is linked to."""
        with engines.reading(self.engine) as connection:
            rows = connection.execute(select(tables.postings.c.id, tables.postings.c.links))
            return {row.id: {link["id"] for link in row.links} for row in rows}


def _sighting(job: Job, now: datetime) -> Sighting:
    page = PageRead(address=job.key, url=job.url, status=200, at=now, body_hash="00")
    return Sighting(page=page, address=job.key, posting=job.posting, raw=json.dumps([job.url, repr(job.posting)]))


def by_rules(jobs: Sequence[Job], changed: Sequence[Job] | None) -> tuple[Score, int]:
    """The score of the second visit, or of the first alone; and how many jobs were split in the first."""
    with tempfile.TemporaryDirectory() as folder:
        engine = engines.connect(f"sqlite:///{folder}/hirewatch.sqlite")
        schema.upgrade(engine)
        try:
            watched = Watched(engine, f"{urls.origin(jobs[0].url)}/")
            watched.visit(jobs, FIRST)
            first = watched.held(jobs)
            split = sum(len(postings) > 1 for postings in first.values())
            if changed is None:
                return Score(again=0, lost=_shared(first)), split
            here = {job.key for job in changed}
            summary = watched.visit(changed, SECOND, [job for job in jobs if job.key not in here])
            second, links = watched.held(changed), watched.links()
        finally:
            engine.dispose()
    known = {posting: truth for truth, postings in first.items() for posting in postings}
    again = [truth for truth, postings in second.items() if not postings & known.keys()]
    swallowed = sum(
        any(known.get(posting, truth) != truth for posting in postings) for truth, postings in second.items()
    )
    linked = sum(any(links[posting] & first[truth] for posting in second[truth]) for truth in again)
    lost = max(swallowed, _shared(second))
    return Score(again=len(again), lost=lost, linked=linked, outcome=str(summary.outcome)), split


def _shared(held: dict[str, set[str]]) -> int:
    """Jobs that have to share their posting with another one, but for the one that keeps it."""
    holders = Counter(posting for postings in held.values() for posting in postings)
    return sum(number - 1 for number in holders.values())


# -- the simple rules


def by_key(jobs: Sequence[Job], changed: Sequence[Job] | None, key: Callable[[Job], object]) -> tuple[Score, int]:
    """The same by one key alone: what has the same value is the same posting."""
    first, of_truth = {key(job) for job in jobs}, defaultdict(set)
    for job in jobs:
        of_truth[job.truth].add(key(job))
    split = sum(len(values) > 1 for values in of_truth.values())
    visited = jobs if changed is None else changed
    truths: dict[object, set[str]] = defaultdict(set)
    for job in visited:
        truths[key(job)].add(job.truth)
    lost = sum(len(sharing) - 1 for sharing in truths.values())
    return Score(again=sum(value not in first for value in truths), lost=lost), split


def identifier(job: Job) -> object:
    """The identifier as the page has it."""
    return job.posting.identifier.value if job.posting.identifier else None


def address(job: Job) -> object:
    """The address, however it is written."""
    return job.key


# -- the tables


def main(arguments: argparse.Namespace) -> None:
    """Prints a table for one visit and one for the second visits."""
    collections = [mirror(arguments.collection / "dumps"), *answers(arguments.collection / "api")]
    collections = [one for one in collections if one.jobs]
    if not collections:
        raise SystemExit(f"there is no collection of real pages at {arguments.collection}: name it with --collection")
    print("One visit: jobs lost / split\n")
    print("| site | jobs | identifier | address | rules |\n| --- | --- | --- | --- | --- |")
    for one in collections:
        scores = [by_key(one.jobs, None, key) for key in (identifier, address)] + [by_rules(one.jobs, None)]
        row = " | ".join(f"{score.lost:,} / {split:,}" for score, split in scores)
        print(f"| {one.name} | {len({job.truth for job in one.jobs}):,} | {row} |")
    print("\nSecond visits: jobs opened again, by identifier / address / **rules**\n")
    print(f"| change | {' | '.join(f'{one.name}, {len(one.jobs):,}' for one in collections)} |")
    print(f"| --- |{' --- |' * len(collections)}")
    for name, change in CHANGES.items():
        cells = []
        for one in collections:
            changed = change(one.jobs)
            simple = [by_key(one.jobs, changed, key)[0] for key in (identifier, address)]
            score, _ = by_rules(one.jobs, changed)
            linked = f", {score.linked:,} linked" if score.again else ""
            doubt = "" if score.outcome == "complete" else f" ({score.outcome})"
            cells.append(f"{' / '.join(map(str, simple))} / **{score}**{linked}{doubt}")
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--collection", type=Path, default=COLLECTION, help="where `dumps` and `api` lie")
    main(parser.parse_args())
