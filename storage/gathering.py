"""What is already known of the postings that a batch of sightings may be: the reads behind the ledger.

Everything comes in batches: a handful of queries, whatever the number of sightings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Row, bindparam, select

from postings import record as records
from postings.keys import KeyRow
from postings.life import Life, Missing, State
from postings.posting import Posting
from storage.contents import BODY
from storage.tables import events, posting_keys, postings, visits

#: values in one IN list; SQLite stops at 32,766 variables a statement
_CHUNK = 5_000

#: all that a row says but its content and its site
LIFE_COLUMNS: tuple[Column[Any], ...] = (
    postings.c.id,
    postings.c.page,
    postings.c.content,
    postings.c.raw_hash,
    postings.c.state,
    postings.c.first_seen,
    postings.c.last_seen,
    postings.c.last_visit,
    postings.c.last_read,
    postings.c.missing_since,
    postings.c.missing_how,
    postings.c.missing_looks,
    postings.c.closed_at,
    postings.c.closed_reason,
    postings.c.closed_recorded_at,
    postings.c.valid_until,
    postings.c.links,
)

# What every visit asks is made once: making a statement costs more than running it on a few rows.

_ON_PAGES = select(*LIFE_COLUMNS).where(
    postings.c.site_id == bindparam("of_site"), postings.c.page.in_(bindparam("pages", expanding=True))
)
_HOLDERS = (
    select(posting_keys.c.value, posting_keys.c.since, *LIFE_COLUMNS)
    .join(postings, postings.c.id == posting_keys.c.posting_id)
    .where(
        posting_keys.c.site_id == bindparam("of_site"),
        posting_keys.c.kind == "address",
        posting_keys.c.value.in_(bindparam("addresses", expanding=True)),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A posting as its row stands; `body` is None where the question did not need it."""

    id: str
    page: str
    content: int
    raw_hash: str
    life: Life
    last_visit: str
    last_read: datetime
    links: tuple[Mapping[str, str], ...]
    body: Mapping[str, Any] | None = None

    @property
    def open(self) -> bool:
        """Whether it is open now."""
        return self.life.state is State.OPEN

    def posting(self) -> Posting:
        """The posting of its last reading. Only where the body was asked for."""
        if self.body is None:
            raise ValueError(f"the body of {self.id} was not read")
        return records.posting(self.body)


def identical(conn: Connection, site_id: int, hashes: Mapping[str, str]) -> dict[str, Stored]:
    """Of addresses and the digest of the JobPosting seen there: the open postings that have it already."""
    return {
        address: stored
        for addresses in chunks(hashes)
        for address, stored in _last_holders(conn, site_id, addresses).items()
        if stored.open and stored.raw_hash == hashes[address]
    }


def on_pages(conn: Connection, site_id: int, pages: Collection[str]) -> list[tuple[str, Stored]]:
    """Each page with the postings that its last reading showed, and those known by its address (its last holder).

    One that is absent was last seen on the page, but a later reading shows others without it; so was one that had
    closed before the newest reading that showed any.
    """
    found: dict[tuple[str, str], Stored] = {}
    for chunk in chunks(pages):
        for row in conn.execute(_ON_PAGES, {"of_site": site_id, "pages": chunk}):
            found[row.page, row.id] = stored_of(row)
        for address, stored in _last_holders(conn, site_id, chunk).items():
            found[address, stored.id] = stored
    newest: dict[str, datetime] = {}
    for stored in found.values():
        newest[stored.page] = max(newest.get(stored.page, stored.last_read), stored.last_read)
    shown = ((page, found[page, one]) for page, one in sorted(found))
    return [
        (page, stored)
        for page, stored in shown
        if stored.life.closed_reason != "replaced" and not (stored.page == page and _left(stored, newest[page]))
    ]


def _left(stored: Stored, newest: datetime) -> bool:
    """Whether a posting has left its page, the newest reading of which that showed any is known."""
    if Missing.ABSENT in (stored.life.missing_how, stored.life.closed_reason):
        return True
    return not stored.open and stored.last_read < newest


def _last_holders(conn: Connection, site_id: int, addresses: Sequence[str]) -> dict[str, Stored]:
    """By address: the posting that was known by it last."""
    return {address: stored_of(row) for address, row in _last_held(conn, site_id, addresses).items()}


def _last_held(conn: Connection, site_id: int, addresses: Sequence[str]) -> dict[str, Row[Any]]:
    found: dict[str, Row[Any]] = {}
    for row in conn.execute(_HOLDERS, {"of_site": site_id, "addresses": addresses}):
        before = found.get(row.value)
        if before is None or (row.since, row.id) > (before.since, before.id):
            found[row.value] = row
    return found


def known_at(
    conn: Connection,
    site_id: int,
    ids: Collection[str],
    addresses: Collection[str],
    added: Iterable[tuple[KeyRow, str, int]] = (),
) -> frozenset[str]:
    """Of these postings, the ones that are the last known by one of the addresses.

    `added`: keys that are not written yet, each with the id of its posting and the number of the event before.
    """
    wanted = frozenset(ids)
    values = {row.value for row in keys_of_all(conn, wanted) if row.kind == "address" and row.value in addresses}
    fresh = [(value, (since, one)) for (kind, value), one, since in added if kind == "address" and value in addresses]
    values.update(value for value, (_, one) in fresh if one in wanted)
    last = {
        address: (row.since, row.id)
        for chunk in chunks(values)
        for address, row in _last_held(conn, site_id, chunk).items()
    }
    for value, holder in fresh:
        last[value] = max(last.get(value, holder), holder)
    return wanted.intersection(one for _, one in last.values())


def lives(conn: Connection, ids: Collection[str]) -> dict[str, Stored]:
    """The postings of these ids, without their bodies."""
    return {
        row.id: stored_of(row)
        for chunk in chunks(ids)
        for row in conn.execute(select(*LIFE_COLUMNS).where(postings.c.id.in_(chunk)))
    }


def bodies(conn: Connection, ids: Collection[str]) -> dict[str, Stored]:
    """The postings of these ids, with their bodies."""
    return {
        row.id: stored_of(row, row.body)
        for chunk in chunks(ids)
        for row in conn.execute(select(*LIFE_COLUMNS, BODY).where(postings.c.id.in_(chunk)))
    }


def others_answer(conn: Connection, site_id: int, since: datetime) -> bool:
    """Whether a visit to any other site has got an answer since then."""
    query = select(visits.c.id).where(
        visits.c.site_id != site_id,
        visits.c.started_at >= since,
        visits.c.outcome.is_not(None),
        visits.c.outcome != "failed",
    )
    return conn.execute(query.limit(1)).first() is not None


def recent_changes(
    conn: Connection, ids: Collection[str], since: datetime
) -> dict[str, list[tuple[datetime, Mapping[str, Any]]]]:
    """The events since then that changed these postings: time and changes by field, in order."""
    found: dict[str, list[tuple[datetime, Mapping[str, Any]]]] = defaultdict(list)
    for chunk in chunks(ids):
        query = select(events.c.posting_id, events.c.at, events.c.changes).where(
            events.c.posting_id.in_(chunk), events.c.type.in_(("changed", "reopened")), events.c.at >= since
        )
        for row in conn.execute(query.order_by(events.c.number)):
            found[row.posting_id].append((row.at, row.changes))
    return found


def keys_of_all(conn: Connection, ids: Collection[str]) -> Iterator[Row[str, str, str, int]]:
    """What these postings are known by: id, kind, value, and the number of the event before each was added."""
    for chunk in chunks(ids):
        yield from conn.execute(
            select(posting_keys.c.posting_id, posting_keys.c.kind, posting_keys.c.value, posting_keys.c.since).where(
                posting_keys.c.posting_id.in_(chunk)
            )
        )


def stored_of(row: Row[*tuple[Any, ...]], body: Mapping[str, Any] | None = None) -> Stored:
    """A posting of a row with `LIFE_COLUMNS`."""
    return Stored(
        id=row.id,
        page=row.page,
        content=row.content,
        raw_hash=row.raw_hash,
        life=Life(
            state=State(row.state),
            first_seen=row.first_seen,
            last_seen=row.last_seen,
            missing_since=row.missing_since,
            missing_how=Missing(row.missing_how) if row.missing_how else None,
            missing_looks=row.missing_looks,
            closed_at=row.closed_at,
            closed_reason=row.closed_reason,
            closed_recorded_at=row.closed_recorded_at,
            valid_through=row.valid_until,
        ),
        last_visit=row.last_visit,
        last_read=row.last_read,
        links=tuple(row.links),
        body=body,
    )


def chunks(values: Collection[str]) -> Iterator[Sequence[str]]:
    """The values in order, in pieces that fit one IN list."""
    ordered = sorted(values)
    for start in range(0, len(ordered), _CHUNK):
        yield ordered[start : start + _CHUNK]
