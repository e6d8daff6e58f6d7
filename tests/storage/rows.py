"""Rows as the ledger would write them, for tests of the modules that only read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.engine import Engine

from postings import record as records
from postings.posting import Location, Organization, Posting
from postings.query.subject import looked_at
from postings.record import instant
from postings.sites import Site
from storage import sites
from storage.engine import writing
from storage.tables import contents, events, folded_postings, pages, postings, robots, visits
from storage.tables import sites as site_rows

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)

WELDER = Posting(
    title="Welder",
    url="https://acme.example/jobs/1",
    organization=Organization(name="Acme GmbH"),
    locations=(Location(locality="Düsseldorf", country="DE"),),
)


def add_site(engine: Engine, name: str = "acme", url: str | None = None, *, now: datetime = NOW) -> Site:
    return sites.add(engine, name=name, start_url=url or f"https://{name}.example/jobs", every=None, now=now)


def add_visit(engine: Engine, site: Site, visit_id: str, started_at: datetime = NOW, **values: Any) -> None:
    row = {
        "id": visit_id,
        "site_id": site.id,
        "fence": 1,
        "started_at": started_at,
        "baseline": False,
        "notes": [],
        **dict.fromkeys(("listed", "read", "unreadable", "opened", "changed", "closed", "reopened"), 0),
        **dict.fromkeys(("requests", "not_modified", "bytes"), 0),
        **values,
    }
    with writing(engine) as connection:
        connection.execute(insert(visits).values(row))


def posting_row(site: Site, posting_id: str, posting: Posting = WELDER, **values: Any) -> dict[str, Any]:
    row = {
        "id": posting_id,
        "site_id": site.id,
        "body": records.body(posting),
        "raw_hash": "0",
        "state": "open",
        "page": "acme.example/jobs/1",
        "first_seen": NOW,
        "last_seen": NOW,
        "last_visit": "v_1",
        "last_read": NOW,
        "missing_looks": 0,
        "links": [],
        **dict.fromkeys(("missing_since", "missing_how", "closed_at", "closed_reason"), None),
        **values,
    }
    if row["state"] == "closed":
        row["closed_at"] = row["closed_at"] or NOW
    return row


def add_posting(engine: Engine, site: Site, posting_id: str, posting: Posting = WELDER, **values: Any) -> None:
    row = posting_row(site, posting_id, posting, **values)
    with writing(engine) as connection:
        insert_postings(connection, [row])
        connection.execute(insert(folded_postings).values(posting_id=posting_id, **looked_at(row["body"])))
        if row["state"] == "open":
            connection.execute(update(site_rows).where(site_rows.c.id == site.id).values(open=site_rows.c.open + 1))


def insert_postings(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows of `posting_row`, each with a content of its own."""
    numbers = add_contents(connection, [row["body"] for row in rows])
    plain = [{name: value for name, value in row.items() if name != "body"} for row in rows]
    connection.execute(
        insert(postings), [{**row, "content": number} for row, number in zip(plain, numbers, strict=True)]
    )


def index_words(connection: Connection) -> None:
    """The index of words takes in what SQLite has only noted down for it, as it does once there are 250 texts."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("INSERT INTO unindexed_postings (place, number) VALUES (250, 0)")


def add_contents(connection: Connection, bodies: Sequence[Mapping[str, Any]]) -> list[int]:
    """Contents, with numbers that no event has."""
    last: int = connection.execute(select(func.coalesce(func.max(contents.c.number), 1_000_000))).scalar_one()
    numbers = list(range(last + 1, last + 1 + len(bodies)))
    rows = [{"number": number, "body": body} for number, body in zip(numbers, bodies, strict=True)]
    connection.execute(insert(contents), rows)
    return numbers


def add_event(engine: Engine, site: Site, number: int, posting_id: str, **values: Any) -> None:
    row = {
        "number": number,
        "type": "opened",
        "site_id": site.id,
        "visit_id": None,
        "posting_id": posting_id,
        "at": NOW,
        "body": records.body(WELDER),
        "standing": {"site": site.name, "state": "open", "first_seen": instant(NOW), "last_seen": instant(NOW)},
        "baseline": False,
        "changes": {},
        "significance": "material",
        "evidence": {"url": "https://acme.example/jobs/1", "status": 200, "at": instant(NOW), "rule": "C.4"},
        **values,
    }
    with writing(engine) as connection:
        (content,) = add_contents(connection, [row.pop("body")])
        connection.execute(insert(events).values({**row, "content": content}))


def add_pages(engine: Engine, site: Site, urls: Mapping[str, str]) -> None:
    """Pages by address key."""
    with writing(engine) as connection:
        connection.execute(
            insert(pages),
            [
                {"site_id": site.id, "address": address, "url": url, "etag": '"1"', "last_read_at": NOW}
                for address, url in urls.items()
            ],
        )


def add_robots(engine: Engine, origin: str, fetched_at: datetime = NOW) -> None:
    with writing(engine) as connection:
        connection.execute(insert(robots).values(origin=origin, status=200, body=b"Allow: /", fetched_at=fetched_at))
