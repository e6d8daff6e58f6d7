"""What is already known of the postings that a batch of sightings may be: the reads behind the ledger.

Everything comes in batches: a handful of queries, whatever the number of sightings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Row, bindparam, func, select

from postings import record as records
from postings.decisions import KnownPosting
from postings.elsewhere import Other
from postings.keys import KeyRow
from postings.life import Life, Missing, State
from postings.posting import Posting
from storage.contents import BODY
from storage.tables import events, posting_keys, postings, sites, visits

#: values in one IN list; SQLite stops at 32,766 variables a statement
_CHUNK = 5_000
#: postings of other sites that are looked at for one key
_MOST_ELSEWHERE = 20
#: keys that only one posting has, but for a mistake; what else a posting is known by, thousands may share
OWN = frozenset({"address", "board"})
#: postings of one site that are looked at for one key, of those that the visit has seen and of the others
MOST_ALIKE = 100

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
_SEEN = postings.c.last_visit == bindparam("visit")
_LEFT = (
    select(postings.c.id, postings.c.page)
    .where(
        postings.c.site_id == bindparam("of_site"),
        postings.c.page.in_(bindparam("pages", expanding=True)),
        postings.c.state == "open",
        postings.c.last_visit != bindparam("visit"),
    )
    .order_by(postings.c.id)
)
_KNOWN_BY_OWN = select(posting_keys.c.posting_id).where(
    posting_keys.c.site_id == bindparam("of_site"),
    posting_keys.c.kind == bindparam("kind"),
    posting_keys.c.value.in_(bindparam("values", expanding=True)),
)
_SHARED = (
    select(
        posting_keys.c.value,
        posting_keys.c.posting_id,
        _SEEN.label("seen"),
        func.row_number()
        .over(partition_by=(posting_keys.c.value, _SEEN), order_by=(postings.c.last_seen.desc(), postings.c.id))
        .label("place"),
    )
    .join(postings, postings.c.id == posting_keys.c.posting_id)
    .where(
        posting_keys.c.site_id == bindparam("of_site"),
        posting_keys.c.kind == bindparam("kind"),
        posting_keys.c.value.in_(bindparam("values", expanding=True)),
    )
    .subquery()
)
_KNOWN_BY_SHARED = select(_SHARED).where(_SHARED.c.place <= MOST_ALIKE + 1)


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


@dataclass(slots=True)
class Candidates:
    """The known postings of a batch, by each key that they are known by."""

    stored: dict[str, Stored] = field(default_factory=dict)
    #: keys of more postings that the visit has not seen than are looked at
    crowded: set[KeyRow] = field(default_factory=set)
    _by_key: dict[KeyRow, list[str]] = field(default_factory=lambda: defaultdict(list))
    _left_on: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _keys: dict[str, set[KeyRow]] = field(default_factory=lambda: defaultdict(set))

    def add_key(self, posting_id: str, key: KeyRow) -> None:
        """Remember that the posting is known by this key."""
        if key not in self._keys[posting_id]:
            self._keys[posting_id].add(key)
            # many that are opened in one transaction may have one key, too
            if key[0] in OWN or len(self._by_key[key]) < 2 * MOST_ALIKE:
                self._by_key[key].append(posting_id)

    def leave_on(self, page: str, posting_id: str) -> None:
        """Remember that the posting stood on the page, which holds several, and was not seen there so far."""
        self._left_on[page].append(posting_id)

    def left_on(self, page: str) -> Sequence[str]:
        """Ids of the postings that stood on the page; none where they are too many to compare."""
        ids = self._left_on.get(page, ())
        return ids if len(ids) <= MOST_ALIKE else ()

    def keys_of(self, posting_id: str) -> frozenset[KeyRow]:
        """Every key that the posting is known by."""
        return frozenset(self._keys[posting_id])

    def matching(self, rows: Iterable[KeyRow]) -> list[str]:
        """Ids of the postings known by any of the keys."""
        return sorted({posting_id for row in rows for posting_id in self._by_key.get(row, ())})


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

    One that is absent was last seen on the page, but a later reading shows others without it.
    """
    found: dict[tuple[str, str], Stored] = {}
    for chunk in chunks(pages):
        for row in conn.execute(_ON_PAGES, {"of_site": site_id, "pages": chunk}):
            found[row.page, row.id] = stored_of(row)
        for address, stored in _last_holders(conn, site_id, chunk).items():
            found[address, stored.id] = stored
    shown = ((page, found[page, one]) for page, one in sorted(found))
    return [
        (page, stored) for page, stored in shown if stored.life.closed_reason != "replaced" and not _left(page, stored)
    ]


def _left(page: str, stored: Stored) -> bool:
    absent = Missing.ABSENT in (stored.life.missing_how, stored.life.closed_reason)
    return stored.page == page and absent


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


def candidates(
    conn: Connection, site_id: int, visit_id: str, rows: Collection[KeyRow], shared: Collection[str] = ()
) -> Candidates:
    """The postings of the site that are known by one of the keys, each with its body and all its keys; and the open
    ones of the `shared` pages, which hold several, as far as this visit has not seen them.

    Of a key that many share, those that were seen last: so many that this visit has seen, and as many that it has not.
    """
    by_kind: dict[str, list[str]] = defaultdict(list)
    for kind, value in rows:
        by_kind[kind].append(value)
    ids: set[str] = set()
    found = Candidates()
    for kind, values in by_kind.items():
        for chunk in chunks(values):
            asked = {"of_site": site_id, "visit": visit_id, "kind": kind, "values": chunk}
            if kind in OWN:
                ids.update(conn.scalars(_KNOWN_BY_OWN, asked))
                continue
            for row in conn.execute(_KNOWN_BY_SHARED, asked):
                if row.place <= MOST_ALIKE:
                    ids.add(row.posting_id)
                elif not row.seen:
                    found.crowded.add((kind, row.value))
    for chunk in chunks(shared):
        for row in conn.execute(_LEFT, {"of_site": site_id, "visit": visit_id, "pages": chunk}):
            found.leave_on(row.page, row.id)
            ids.add(row.id)
    found.stored = bodies(conn, ids)
    for row in keys_of_all(conn, ids):
        found.add_key(row.posting_id, (row.kind, row.value))
    return found


def on_other_sites(conn: Connection, site_id: int, rows: Collection[KeyRow]) -> list[Other]:
    """The postings of other sites that are known by one of the keys; of a key that many have, the newest twenty."""
    by_kind: dict[str, list[str]] = defaultdict(list)
    for kind, value in rows:
        by_kind[kind].append(value)
    found: dict[KeyRow, list[tuple[int, str]]] = defaultdict(list)
    for kind, values in by_kind.items():
        for chunk in chunks(values):
            query = select(posting_keys.c.value, posting_keys.c.since, posting_keys.c.posting_id).where(
                posting_keys.c.kind == kind, posting_keys.c.value.in_(chunk), posting_keys.c.site_id != site_id
            )
            for row in conn.execute(query):
                found[kind, row.value].append((row.since, row.posting_id))
    keys: dict[str, set[KeyRow]] = defaultdict(set)
    for key, holders in found.items():
        for _, posting_id in sorted(holders, reverse=True)[:_MOST_ELSEWHERE]:
            keys[posting_id].add(key)
    return [
        Other(
            id=row.id,
            site=row.site,
            posting=records.posting(row.body),
            closed_at=row.closed_at,
            keys=frozenset(keys[row.id]),
        )
        for chunk in chunks(keys)
        for row in conn.execute(
            select(postings.c.id, BODY, postings.c.closed_at, sites.c.name.label("site"))
            .join(sites, sites.c.id == postings.c.site_id)
            .where(postings.c.id.in_(chunk))
            .order_by(postings.c.id)
        )
    ]


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


def known_posting(
    stored: Stored, keys: frozenset[KeyRow], *, posting: Posting, seen: bool, vanished: bool, unlisted: bool
) -> KnownPosting:
    """A stored posting as identity looks at it; `posting` is what it says now."""
    return KnownPosting(
        id=stored.id,
        posting=posting,
        open=stored.open,
        seen=seen,
        missing_since=stored.life.missing_since,
        closed_at=stored.life.closed_at,
        page=stored.page,
        keys=keys,
        vanished=vanished,
        unlisted=unlisted,
    )


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
