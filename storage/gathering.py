"""What is already known of the postings that a batch of sightings may be: the reads behind the ledger.

Everything comes in batches: a handful of queries, whatever the number of sightings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Row, and_, case, func, select, update

from postings import record as records
from postings.identity import KnownPosting
from postings.keys import KeyRow, keys_of_known
from postings.life import Life, Missing, State
from postings.posting import Posting
from postings.trust import Holder
from storage.tables import events, posting_keys, postings

#: values in one IN list; SQLite stops at 32,766 variables a statement
_CHUNK = 5_000

_LIFE_COLUMNS: tuple[Column[Any], ...] = (
    postings.c.id,
    postings.c.page,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A posting as its row stands; `body` is None where the question did not need it."""

    id: str
    page: str
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


@dataclass(slots=True)
class Candidates:
    """The known postings of a batch, by each key that they are known by."""

    stored: dict[str, Stored] = field(default_factory=dict)
    _by_key: dict[KeyRow, list[str]] = field(default_factory=lambda: defaultdict(list))
    _keys: dict[str, set[KeyRow]] = field(default_factory=lambda: defaultdict(set))

    def add_key(self, posting_id: str, key: KeyRow) -> None:
        """Remember that the posting is known by this key."""
        if key not in self._keys[posting_id]:
            self._keys[posting_id].add(key)
            self._by_key[key].append(posting_id)

    def keys_of(self, posting_id: str) -> frozenset[KeyRow]:
        """Every key that the posting is known by."""
        return frozenset(self._keys[posting_id])

    def matching(self, rows: Iterable[KeyRow]) -> list[str]:
        """Ids of the postings known by any of the keys."""
        return sorted({posting_id for row in rows for posting_id in self._by_key.get(row, ())})


def identical(conn: Connection, site_id: int, hashes: Mapping[str, str]) -> dict[str, Stored]:
    """Of addresses and the digest of the JobPosting seen there: the open postings that have it already."""
    found: dict[str, tuple[int, Stored]] = {}
    for addresses in chunks(hashes):
        rows = conn.execute(
            select(posting_keys.c.value, posting_keys.c.since, *_LIFE_COLUMNS)
            .join(postings, postings.c.id == posting_keys.c.posting_id)
            .where(
                posting_keys.c.site_id == site_id,
                posting_keys.c.kind == "address",
                posting_keys.c.value.in_(addresses),
            )
        )
        for row in rows:
            if row.value not in found or row.since > found[row.value][0]:
                found[row.value] = (row.since, _stored(row))
    return {
        address: stored for address, (_, stored) in found.items() if stored.open and stored.raw_hash == hashes[address]
    }


def on_pages(conn: Connection, site_id: int, pages: Collection[str]) -> list[tuple[str, Stored]]:
    """Each page with the postings last seen on it, and those known by its address (its last holder)."""
    found: set[tuple[str, str]] = set()
    for chunk in chunks(pages):
        found.update(
            (row.page, row.id)
            for row in conn.execute(
                select(postings.c.page, postings.c.id).where(postings.c.site_id == site_id, postings.c.page.in_(chunk))
            )
        )
        holders: dict[str, tuple[int, str]] = {}
        for row in conn.execute(
            select(posting_keys.c.value, posting_keys.c.since, posting_keys.c.posting_id).where(
                posting_keys.c.site_id == site_id,
                posting_keys.c.kind == "address",
                posting_keys.c.value.in_(chunk),
            )
        ):
            holders[row.value] = max(holders.get(row.value, (-1, "")), (row.since, row.posting_id))
        found.update((address, posting_id) for address, (_, posting_id) in holders.items())
    stored = lives(conn, {posting_id for _, posting_id in found})
    return [
        (address, stored[posting_id])
        for address, posting_id in sorted(found)
        if stored[posting_id].life.closed_reason != "replaced"
    ]


def candidates(conn: Connection, site_id: int, rows: Collection[KeyRow]) -> Candidates:
    """Every posting of the site that is known by one of the keys, with its body and all its keys."""
    by_kind: dict[str, list[str]] = defaultdict(list)
    for kind, value in rows:
        by_kind[kind].append(value)
    ids: set[str] = set()
    for kind, values in by_kind.items():
        for chunk in chunks(values):
            ids.update(
                conn.scalars(
                    select(posting_keys.c.posting_id).where(
                        posting_keys.c.site_id == site_id,
                        posting_keys.c.kind == kind,
                        posting_keys.c.value.in_(chunk),
                    )
                )
            )
    found = Candidates()
    found.stored = bodies(conn, ids)
    for row in _keys(conn, ids):
        found.add_key(row.posting_id, (row.kind, row.value))
    return found


def lives(conn: Connection, ids: Collection[str]) -> dict[str, Stored]:
    """The postings of these ids, without their bodies."""
    return {
        row.id: _stored(row)
        for chunk in chunks(ids)
        for row in conn.execute(select(*_LIFE_COLUMNS).where(postings.c.id.in_(chunk)))
    }


def bodies(conn: Connection, ids: Collection[str]) -> dict[str, Stored]:
    """The postings of these ids, with their bodies."""
    return {
        row.id: _stored(row, row.body)
        for chunk in chunks(ids)
        for row in conn.execute(select(*_LIFE_COLUMNS, postings.c.body).where(postings.c.id.in_(chunk)))
    }


def open_lives(conn: Connection, site_id: int) -> list[Stored]:
    """All open postings of the site, without their bodies, by id."""
    rows = conn.execute(
        select(*_LIFE_COLUMNS).where(postings.c.site_id == site_id, postings.c.state == "open").order_by(postings.c.id)
    )
    return [_stored(row) for row in rows]


def unlisted(conn: Connection, site_id: int, visit_id: str) -> list[Stored]:
    """The postings that closed as unlisted and whose pages this visit saw, with bodies, by id."""
    query = select(*_LIFE_COLUMNS, postings.c.body).where(
        postings.c.site_id == site_id,
        postings.c.state == "closed",
        postings.c.last_visit == visit_id,
        postings.c.closed_reason == "unlisted",
    )
    return [_stored(row, row.body) for row in conn.execute(query.order_by(postings.c.id))]


def count_open(conn: Connection, site_id: int) -> int:
    """How many postings of the site are open."""
    query = select(func.count()).where(postings.c.site_id == site_id, postings.c.state == "open")
    return conn.execute(query).scalar_one()


def holders(conn: Connection, site_id: int, visit_id: str) -> list[Holder]:
    """What trust is learnt from: the open postings that a visit saw, with what they are known by."""
    seen = and_(postings.c.site_id == site_id, postings.c.state == "open", postings.c.last_visit == visit_id)
    bodies_seen = {row.id: row.body for row in conn.execute(select(postings.c.id, postings.c.body).where(seen))}
    keys: dict[str, set[KeyRow]] = defaultdict(set)
    for row in _keys(conn, bodies_seen):
        keys[row.posting_id].add((row.kind, row.value))
    seen_postings = {posting_id: records.posting(body) for posting_id, body in sorted(bodies_seen.items())}
    return [
        Holder(keys=keys_of_known(posting, keys[posting_id]), posting=posting)
        for posting_id, posting in seen_postings.items()
    ]


def see_listed(conn: Connection, site_id: int, visit_id: str, pages: Collection[str], at: datetime) -> int:
    """Marks the open postings on these pages as seen by a visit whose list names them; returns how many they are.

    Nothing is read of them, so the time of their last reading stays. One that is missing is not brought back by a list.
    """
    seen = 0
    for chunk in chunks(pages):
        seen += conn.execute(
            update(postings)
            .where(
                postings.c.site_id == site_id,
                postings.c.page.in_(chunk),
                postings.c.state == "open",
                postings.c.missing_since.is_(None),
            )
            .values(
                last_visit=visit_id,
                last_seen=case((postings.c.last_seen < at, at), else_=postings.c.last_seen),
            )
        ).rowcount
    return seen


def recent_changes(
    conn: Connection, ids: Collection[str], since: datetime
) -> dict[str, list[tuple[datetime, Mapping[str, Any]]]]:
    """The `changed` events of these postings since then: time and changes by field, in order."""
    found: dict[str, list[tuple[datetime, Mapping[str, Any]]]] = defaultdict(list)
    for chunk in chunks(ids):
        query = select(events.c.posting_id, events.c.at, events.c.changes).where(
            events.c.posting_id.in_(chunk), events.c.type == "changed", events.c.at >= since
        )
        for row in conn.execute(query.order_by(events.c.number)):
            found[row.posting_id].append((row.at, row.changes))
    return found


def past(conn: Connection, now: datetime) -> dict[int, list[Stored]]:
    """The open postings whose validThrough has passed, by site."""
    found: dict[int, list[Stored]] = defaultdict(list)
    query = (
        select(postings.c.site_id, *_LIFE_COLUMNS)
        .where(postings.c.state == "open", postings.c.valid_until <= now)
        .order_by(postings.c.site_id, postings.c.id)
    )
    for row in conn.execute(query):
        found[row.site_id].append(_stored(row))
    return found


def known_posting(stored: Stored, keys: frozenset[KeyRow], *, seen: bool, vanished: bool) -> KnownPosting:
    """A stored posting as identity looks at it."""
    return KnownPosting(
        id=stored.id,
        posting=stored.posting(),
        open=stored.open,
        seen=seen,
        missing_since=stored.life.missing_since,
        closed_at=stored.life.closed_at,
        page=stored.page,
        keys=keys,
        vanished=vanished,
    )


def _keys(conn: Connection, ids: Collection[str]) -> Iterator[Row[str, str, str, int]]:
    for chunk in chunks(ids):
        yield from conn.execute(
            select(posting_keys.c.posting_id, posting_keys.c.kind, posting_keys.c.value, posting_keys.c.since).where(
                posting_keys.c.posting_id.in_(chunk)
            )
        )


def _stored(row: Row[*tuple[Any, ...]], body: Mapping[str, Any] | None = None) -> Stored:
    return Stored(
        id=row.id,
        page=row.page,
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
