"""The checker finds what it is there to find: each kind of damage is done to a whole database, and named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Engine

from delivery.outlets import webhook
from postings.posting import Posting
from postings.sightings import PageRead, Sighting
from postings.visits import Listing, VisitReport
from scheduler.protocol import WorkerSettings
from storage import leases, outlets, sites
from storage.engine import connect, writing
from storage.ledger import Ledger, Plan
from storage.packed import PackedJson
from storage.schema import upgrade
from tests.chaos import checker

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def sighting(number: int) -> Sighting:
    url = f"https://acme.example/jobs/{number}"
    page = PageRead(address=f"acme.example/jobs/{number}", url=url, status=200, at=NOW, body_hash=f"{number:032x}")
    return Sighting(
        page=page,
        address=page.address,
        posting=Posting(url=url, title=f"Welder {number}"),
        raw=f'{{"title": {number}}}',
    )


@pytest.fixture
def engine(settings: WorkerSettings) -> Iterator[Engine]:
    """A database after one visit that opened three postings, with an outlet."""
    engine = connect(settings.database)
    upgrade(engine)
    site = sites.add(engine, name="acme", start_url="https://acme.example/", every=None, now=NOW)
    lease = leases.claim(
        engine, site.id, owner="test:1:1", now=NOW, ttl=timedelta(seconds=90), dead=lambda owner: False
    )
    assert lease is not None
    ledger = Ledger(engine)
    visit = ledger.begin(site, lease, NOW)
    ledger.record(visit, [sighting(number) for number in range(3)], NOW)
    report = VisitReport(
        started_at=NOW, ended_at=NOW, source=None, listing=Listing(whole=True, rows=3), start_status=200
    )
    ledger.conclude(visit, report, NOW, lambda _: Plan(next_visit_at=NOW + timedelta(hours=6)))
    address, options = webhook.prepare("https://acme.example/hook", {})
    outlets.add(engine, name="hook", kind="webhook", address=address, options=options, now=NOW)
    yield engine
    engine.dispose()


def as_text(packed: bytes) -> str:
    """A packed value as SQLite's own functions read it."""
    return json.dumps(PackedJson().process_result_value(packed, sqlite.dialect()))


def test_a_database_after_a_visit_is_whole(engine: Engine) -> None:
    assert checker.violations(engine) == []


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("DELETE FROM events WHERE number = 2", "event numbers are not 1 … 2: [2] missing"),
        ("UPDATE installation SET last_event = 7", "the counter says 7 events, the log has 3"),
        ("UPDATE events SET type = 'changed' WHERE number = 1", "event 1: changed after None"),
        (
            "INSERT INTO contents SELECT 99, json_set(expand(body), '$.title', 'Turner') FROM contents WHERE number = 1;"
            "UPDATE postings SET content = 99",
            "table and log differ in title",
        ),
        (
            "UPDATE postings SET state = 'closed', closed_at = first_seen, closed_reason = 'gone'",
            "table and log differ in state, closed_at, closed_reason",
        ),
        ("UPDATE outlets SET cursor = 4", "outlet hook: its cursor 4 is past the last event 3"),
        (
            "INSERT INTO deliveries (outlet_id, event, status, attempts, first_attempt_at, last_attempt_at) "
            "SELECT id, 9, 'sent', 1, created_at, created_at FROM outlets",
            "a delivery of event 9, which is not in the log",
        ),
        (
            "INSERT INTO deliveries "
            "(outlet_id, event, status, attempts, first_attempt_at, last_attempt_at, next_attempt_at) "
            "SELECT id, 3, 'retry', 1, created_at, created_at, created_at FROM outlets",
            "event 3 waits for another attempt behind the cursor",
        ),
        (
            "INSERT INTO kept_visits (visit_id, asked_from, thorough, site) SELECT id, started_at, 1, '{}' FROM visits",
            "has 0 responses",
        ),
        ("UPDATE events SET content = 1 WHERE number = 2", "content 2 was told first by none"),
        ("UPDATE raw_postings SET hash = 'x' || hash", " is another one"),
        ("UPDATE sites SET open = 2", "acme says that 2 of its postings are open; 3 are"),
        ("DELETE FROM posting_keys", "has no key to be known by"),
        ("DELETE FROM visits", "a row of events refers to a row of visits that is not there"),
    ],
)
def test_damage_is_found(engine: Engine, damage: str, words: str) -> None:
    with engine.connect() as connection:
        connection.execute(text("ROLLBACK"))
        connection.execute(text("PRAGMA foreign_keys = OFF"))
        connection.connection.dbapi_connection.create_function("expand", 1, as_text)  # type: ignore[union-attr]
        for statement in damage.split(";"):
            connection.execute(text(statement))

    found = checker.violations(engine)

    assert any(words in violation for violation in found), found


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_an_index_that_lacks_a_row_is_found(engine: Engine) -> None:
    function = "CREATE OR REPLACE FUNCTION shown(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS"
    with writing(engine) as connection:
        connection.execute(text(f"{function} 'BEGIN RETURN $1; END'"))
        connection.execute(text("CREATE INDEX broken ON postings (shown(id))"))
    assert checker.violations(engine) == []
    with writing(engine) as connection:
        connection.execute(text(f"{function} 'BEGIN RETURN upper($1); END'"))

    found = checker.violations(engine)

    assert any("index broken" in violation and "lacks matching index tuple" in violation for violation in found), found
