"""A process that keeps two visits of three postings each, and says before and after each call whether it is kept.

`python -m tests.chaos.writer DATABASE` writes `begin CALL` and `kept CALL` to its standard output, a line at a time,
straight to the system: under strace, what reached the disk stands between the two. It goes on where one before it has
died. An error of the database ends it with one line and exit code 1.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Engine

from postings.errors import DatabaseError
from postings.posting import Posting
from postings.sightings import PageRead, Sighting
from postings.visits import Listing, VisitReport
from storage import leases, sites, visits
from storage.engine import connect
from storage.ledger import Ledger, Plan
from storage.schema import upgrade

T = TypeVar("T")

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
#: postings of a visit, and what their titles begin with in each one
POSTINGS = 3
TITLES = ("Welder", "Turner")


def sighting(number: int, title: str) -> Sighting:
    url = f"https://acme.example/jobs/{number}"
    page = PageRead(address=f"acme.example/jobs/{number}", url=url, status=200, at=NOW, body_hash=title)
    return Sighting(
        page=page, address=page.address, posting=Posting(url=url, title=title), raw=f'{{"title": "{title}"}}'
    )


def call(what: str, function: Callable[..., T], *arguments: Any, **options: Any) -> T:
    os.write(1, f"begin {what}\n".encode())
    result = function(*arguments, **options)
    os.write(1, f"kept {what}\n".encode())
    return result


def work(database: str) -> None:
    engine = connect(database)
    call("schema", upgrade, engine, now=NOW)
    if not sites.watched(engine):
        call("site", sites.add, engine, name="acme", start_url="https://acme.example/", every=None, now=NOW)
    concluded = [visit for visit in visits.recent(engine, None, 10) if visit.outcome is not None]
    for number in range(len(concluded), len(TITLES)):
        keep_a_visit(engine, TITLES[number], NOW + timedelta(hours=6 * number))


def keep_a_visit(engine: Engine, title: str, at: datetime) -> None:
    site, ledger = sites.find(engine, "acme"), Ledger(engine)
    owner, ttl = f"writer:1:{os.getpid()}", timedelta(seconds=90)
    lease = call("claim", leases.claim, engine, site.id, owner=owner, now=at, ttl=ttl, dead=lambda owner: True)
    assert lease is not None
    visit = call("begin", ledger.begin, site, lease, at)
    call("record", ledger.record, visit, [sighting(number, f"{title} {number}") for number in range(POSTINGS)], at)
    listing = Listing(whole=True, rows=POSTINGS)
    report = VisitReport(started_at=at, ended_at=at, source=None, listing=listing, start_status=200)
    call("conclude", ledger.conclude, visit, report, at, lambda _: Plan(next_visit_at=at + timedelta(hours=6)))
    call("release", leases.release, engine, lease)


if __name__ == "__main__":
    try:
        work(sys.argv[1])
    except DatabaseError as error:
        sys.exit(f"error: {error}")
