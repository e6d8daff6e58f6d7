"""Answers whether a database is whole: run after everything that kills, cuts or starves hirewatch.

Everything is read from one snapshot: with one query after another, a commit of a dying process in between looks
like damage.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import DBAPIError

from postings import record as records
from postings.record import Standing
from storage import raws, tables
from storage.contents import BODY, TOLD, record_told
from storage.engine import reading

#: what may follow an event of a posting
_FOLLOWS = {
    None: {"opened"},
    "opened": {"changed", "closed"},
    "changed": {"changed", "closed"},
    "reopened": {"changed", "closed"},
    "closed": {"reopened"},
}
#: parts of the record that move without an event: being seen again, and links found later
_SILENT = ("last_seen", "duplicates")


def violations(engine: Engine) -> list[str]:
    """What is wrong with the database, in words; empty if it is whole."""
    with reading(engine) as connection:
        return [
            *_numbers(connection),
            *_lives(connection),
            *_contents(connection),
            *_state(connection),
            *_open(connection),
            *_deliveries(connection),
            *_kept(connection),
            *_integrity(connection),
        ]


def fold(connection: Connection) -> dict[str, Mapping[str, Any]]:
    """The postings as the event log alone tells them: id → the record after its last event."""
    events = connection.execute(
        select(tables.events.c.posting_id, tables.events.c.standing, TOLD).order_by(tables.events.c.number)
    )
    return {row.posting_id: record_told(row) for row in events}


def stored(connection: Connection) -> dict[str, Mapping[str, Any]]:
    """The postings as their table tells them: id → record."""
    postings, sites = tables.postings, tables.sites
    rows = connection.execute(
        select(postings, BODY, sites.c.name.label("site")).join(sites, sites.c.id == postings.c.site_id)
    )
    return {
        row.id: records.record(
            row.body,
            Standing(
                id=row.id,
                site=row.site,
                state=row.state,
                first_seen=row.first_seen,
                last_seen=row.last_seen,
                closed_at=row.closed_at,
                closed_reason=row.closed_reason,
            ),
        )
        for row in rows
    }


def _numbers(connection: Connection) -> Iterator[str]:
    numbers = list(connection.execute(select(tables.events.c.number).order_by(tables.events.c.number)).scalars())
    if numbers != list(range(1, len(numbers) + 1)):
        missing = sorted(set(range(1, max(numbers, default=0) + 1)) - set(numbers))
        yield f"event numbers are not 1 … {len(numbers)}: {missing[:10]} missing"
    counter = connection.execute(select(tables.installation.c.last_event)).scalar_one()
    if counter != len(numbers):
        yield f"the counter says {counter} events, the log has {len(numbers)}"


def _lives(connection: Connection) -> Iterator[str]:
    last: dict[str, str] = {}
    events = connection.execute(
        select(tables.events.c.number, tables.events.c.posting_id, tables.events.c.type).order_by(
            tables.events.c.number
        )
    )
    for number, posting, kind in events:
        before = last.get(posting)
        if kind not in _FOLLOWS[before]:
            yield f"event {number}: {kind} after {before} of {posting}"
        last[posting] = kind


def _contents(connection: Connection) -> Iterator[str]:
    """Each content is there because of the event that told it first, and all that is packed can be unpacked."""
    events, contents, raw_postings = tables.events, tables.contents, tables.raw_postings
    first = select(events.c.content, func.min(events.c.number).label("number")).group_by(events.c.content).subquery()
    for number, told in connection.execute(
        select(contents.c.number, first.c.number)
        .outerjoin(first, first.c.content == contents.c.number)
        .where(first.c.number.is_distinct_from(contents.c.number))
    ):
        yield f"content {number} was told first by {f'event {told}' if told else 'none'}"
    evidence = select(raw_postings.c.hash, raw_postings.c.content, contents.c.body)
    for digest, packed, body in connection.execute(
        evidence.outerjoin(contents, contents.c.number == raw_postings.c.packed_with)
    ):
        if raws.digest(raws.unpack(packed, body)) != digest:
            yield f"JobPosting {digest} is another one"


def _open(connection: Connection) -> Iterator[str]:
    postings, sites = tables.postings, tables.sites
    are_open = select(func.count()).where(postings.c.site_id == sites.c.id, postings.c.state == "open")
    found = are_open.correlate(sites).scalar_subquery()
    for name, said, count in connection.execute(
        select(sites.c.name, sites.c.open, found).where(sites.c.open != found).order_by(sites.c.id)
    ):
        yield f"{name} says that {said} of its postings are open; {count} are"


def _state(connection: Connection) -> Iterator[str]:
    told, kept = fold(connection), stored(connection)
    for posting in sorted(told.keys() | kept.keys()):
        if posting not in kept or posting not in told:
            yield f"{posting} is only in the {'log' if posting in told else 'table'}"
            continue
        differing = [
            name for name in kept[posting] if name not in _SILENT and kept[posting][name] != told[posting].get(name)
        ]
        if differing:
            yield f"{posting}: table and log differ in {', '.join(differing)}"


def _deliveries(connection: Connection) -> Iterator[str]:
    events, deliveries, outlets = tables.events, tables.deliveries, tables.outlets
    last = connection.execute(select(func.coalesce(func.max(events.c.number), 0))).scalar_one()
    for name, cursor in connection.execute(select(outlets.c.name, outlets.c.cursor)):
        if cursor > last:
            yield f"outlet {name}: its cursor {cursor} is past the last event {last}"
    outside = connection.execute(
        select(deliveries.c.outlet_id, deliveries.c.event)
        .outerjoin(events, events.c.number == deliveries.c.event)
        .where(events.c.number.is_(None))
    )
    for outlet, event in outside:
        yield f"outlet {outlet}: a delivery of event {event}, which is not in the log"
    forgotten = connection.execute(
        select(outlets.c.name, deliveries.c.event)
        .join(deliveries, deliveries.c.outlet_id == outlets.c.id)
        .where(deliveries.c.status == "retry", deliveries.c.event <= outlets.c.cursor)
    )
    for name, event in forgotten:
        yield f"outlet {name}: event {event} waits for another attempt behind the cursor"


def _kept(connection: Connection) -> Iterator[str]:
    """A visit that can be replayed has its responses, all of them and in their order."""
    visits, responses = tables.kept_visits, tables.kept_responses
    rows = connection.execute(
        select(visits.c.visit_id, func.count(responses.c.number), func.max(responses.c.number))
        .outerjoin(responses, responses.c.visit_id == visits.c.visit_id)
        .group_by(visits.c.visit_id)
    )
    for visit, count, last in rows:
        if count == 0 or last != count - 1:
            yield f"the kept visit {visit} has {count} responses, the last of them is number {last}"


def _integrity(connection: Connection) -> Iterator[str]:
    keyless = connection.execute(
        select(tables.postings.c.id)
        .outerjoin(tables.posting_keys, tables.posting_keys.c.posting_id == tables.postings.c.id)
        .where(tables.posting_keys.c.posting_id.is_(None))
    )
    for posting in keyless.scalars():
        yield f"{posting} has no key to be known by"
    yield from (_file if connection.dialect.name == "sqlite" else _indexes)(connection)


def _file(connection: Connection) -> Iterator[str]:
    for row in connection.execute(text("PRAGMA foreign_key_check")):
        yield f"a row of {row[0]} refers to a row of {row[2]} that is not there"
    for answer in connection.execute(text("PRAGMA integrity_check")).scalars():
        if answer != "ok":
            yield f"integrity: {answer}"


def _indexes(connection: Connection) -> Iterator[str]:
    """Every index of PostgreSQL against its table, where the extension `amcheck` is installed."""
    if connection.scalar(text("SELECT 1 FROM pg_extension WHERE extname = 'amcheck'")) is None:
        return
    btrees = text(
        "SELECT c.oid, c.relname FROM pg_class c JOIN pg_am a ON a.oid = c.relam "
        "WHERE a.amname = 'btree' AND c.relkind = 'i' AND c.relnamespace = 'public'::regnamespace"
    )
    for oid, name in connection.execute(btrees).all():
        try:
            with connection.begin_nested():
                connection.execute(text("SELECT bt_index_check(CAST(:index AS regclass), true)"), {"index": oid})
        except DBAPIError as error:
            yield f"index {name}: {error.orig}"
