"""What is already known of the postings that a batch of sightings may be: the reads behind the ledger.

Everything comes in batches: a handful of queries, whatever the number of sightings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Row, and_, bindparam, case, func, or_, select, update

from postings import record as records
from postings import trust as trusts
from postings.decisions import KnownPosting
from postings.elsewhere import Other
from postings.keys import KeyRow, keys_of_known
from postings.life import Life, Missing, State
from postings.likeness import unscoped
from postings.posting import Posting
from postings.trust import Holder
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
_OPEN = (
    select(*LIFE_COLUMNS)
    .where(postings.c.site_id == bindparam("of_site"), postings.c.state == "open")
    .order_by(postings.c.id)
)
_OPEN_OR_SEEN = select(
    postings.c.id,
    postings.c.page,
    postings.c.valid_until,
    and_(postings.c.state == "open", _SEEN, postings.c.missing_since.is_(None)).label("plain"),
    _SEEN.label("seen"),
).where(
    postings.c.site_id == bindparam("of_site"),
    or_(postings.c.state == "open", and_(postings.c.state == "closed", _SEEN)),
)
_KNOWN_BY = (
    select(
        posting_keys.c.posting_id,
        posting_keys.c.kind,
        posting_keys.c.value,
        # a content has the number of the event that told it, and a key the one of the event before
        (postings.c.content > posting_keys.c.since + 1).label("said_since"),
    )
    .join(postings, postings.c.id == posting_keys.c.posting_id)
    .where(
        postings.c.site_id == bindparam("of_site"),
        postings.c.state == "open",
        postings.c.last_visit == bindparam("visit"),
        posting_keys.c.kind.in_(("address", "identifier", "token")),
    )
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
_COUNT_OPEN = select(sites.c.open).where(sites.c.id == bindparam("of_site"))


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
    _keys: dict[str, set[KeyRow]] = field(default_factory=lambda: defaultdict(set))

    def add_key(self, posting_id: str, key: KeyRow) -> None:
        """Remember that the posting is known by this key."""
        if key not in self._keys[posting_id]:
            self._keys[posting_id].add(key)
            # many that are opened in one transaction may have one key, too
            if key[0] in OWN or len(self._by_key[key]) < 2 * MOST_ALIKE:
                self._by_key[key].append(posting_id)

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
            found[row.page, row.id] = _stored(row)
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
    found: dict[str, Row[Any]] = {}
    for row in conn.execute(_HOLDERS, {"of_site": site_id, "addresses": addresses}):
        before = found.get(row.value)
        if before is None or (row.since, row.id) > (before.since, before.id):
            found[row.value] = row
    return {address: _stored(row) for address, row in found.items()}


def known_at(conn: Connection, site_id: int, ids: Collection[str], addresses: Collection[str]) -> frozenset[str]:
    """Of these postings, the ones that are the last known by one of the addresses."""
    values = {row.value for row in _keys(conn, ids) if row.kind == "address" and row.value in addresses}
    wanted = frozenset(ids)
    return frozenset(
        stored.id
        for chunk in chunks(values)
        for stored in _last_holders(conn, site_id, chunk).values()
        if stored.id in wanted
    )


def candidates(conn: Connection, site_id: int, visit_id: str, rows: Collection[KeyRow]) -> Candidates:
    """The postings of the site that are known by one of the keys, each with its body and all its keys.

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
    found.stored = bodies(conn, ids)
    for row in _keys(conn, ids):
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
        row.id: _stored(row)
        for chunk in chunks(ids)
        for row in conn.execute(select(*LIFE_COLUMNS).where(postings.c.id.in_(chunk)))
    }


def bodies(conn: Connection, ids: Collection[str]) -> dict[str, Stored]:
    """The postings of these ids, with their bodies."""
    return {
        row.id: _stored(row, row.body)
        for chunk in chunks(ids)
        for row in conn.execute(select(*LIFE_COLUMNS, BODY).where(postings.c.id.in_(chunk)))
    }


def all_open(conn: Connection, site_id: int) -> list[Stored]:
    """The open postings of the site, without their bodies, by id."""
    return [_stored(row) for row in conn.execute(_OPEN, {"of_site": site_id})]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """How the open postings of a site stand at the end of a visit, and the closed ones that it saw."""

    #: the open ones that it saw and that were not missing: their pages, by id. They are nearly all
    plain: Mapping[str, str]
    #: of all that it saw: the ends of their last days
    ends: Sequence[datetime | None]
    #: by id, those that are not plain or whose last day is over, without their bodies
    in_question: Mapping[str, Stored]


def stand(conn: Connection, site_id: int, visit_id: str, now: datetime) -> Stand:
    """How a site stands at the end of a visit, at `now`."""
    rows = conn.execute(_OPEN_OR_SEEN, {"of_site": site_id, "visit": visit_id}).all()
    over = [row.id for row in rows if not row.plain or (row.valid_until is not None and row.valid_until <= now)]
    return Stand(
        plain={row.id: row.page for row in rows if row.plain},
        ends=[row.valid_until for row in rows if row.seen],
        in_question=lives(conn, over),
    )


def count_open(conn: Connection, site_id: int) -> int:
    """How many postings of the site are open."""
    return int(conn.execute(_COUNT_OPEN, {"of_site": site_id}).scalar_one())


def others_answer(conn: Connection, site_id: int, since: datetime) -> bool:
    """Whether a visit to any other site has got an answer since then."""
    query = select(visits.c.id).where(
        visits.c.site_id != site_id,
        visits.c.started_at >= since,
        visits.c.outcome.is_not(None),
        visits.c.outcome != "failed",
    )
    return conn.execute(query.limit(1)).first() is not None


def holders(conn: Connection, site_id: int, *, newest: int | None = None) -> list[Holder]:
    """The open postings of a site, or no more than `newest`, the last found, with what they are known by: for the
    figures behind its trust."""
    query = select(postings.c.id).where(postings.c.site_id == site_id, postings.c.state == "open")
    if newest is not None:
        query = query.order_by(postings.c.first_seen.desc()).limit(newest)
    return list(_holders(conn, conn.scalars(query).all()).values())


def seen_holders(conn: Connection, site_id: int, visit_id: str) -> list[Holder]:
    """What trust is learnt from: the open postings that a visit saw, with what they are known by.

    Postings are unpacked only where the answer depends on their content.
    """
    rows: dict[str, _Rows] = defaultdict(_Rows)
    for posting_id, kind, value, said_since in conn.execute(_KNOWN_BY, {"of_site": site_id, "visit": visit_id}):
        rows[posting_id].add(kind, value, said_since=said_since)
    found = {one: known.holder() for one, known in rows.items() if known.plain}
    found |= _holders(conn, rows.keys() - found.keys())
    found |= _holders(conn, [one for one in trusts.to_compare(found) if found[one].posting is None])
    return [found[one] for one in sorted(found)]


@dataclass(slots=True)
class _Rows:
    """What a posting is known by, as far as trust is about it."""

    addresses: list[str] = field(default_factory=list)
    identifiers: list[str] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    #: the last reading may not carry the identifier
    in_doubt: bool = False

    def add(self, kind: str, value: str, *, said_since: bool) -> None:
        """Takes in one row; `said_since`: the posting says something else since it was added."""
        if kind == "address":
            self.addresses.append(value)
        elif kind == "identifier":
            self.identifiers.append(value)
            # a digest is compared with no identifier that was read
            self.in_doubt |= said_since or not unscoped(value)
        elif not value.startswith("*="):
            place, _, token = value.rpartition("=")
            self.tokens[place] = token

    @property
    def plain(self) -> bool:
        """Whether these rows are those of its last reading."""
        return len(self.addresses) == 1 and len(self.identifiers) <= 1 and not self.in_doubt

    def holder(self) -> Holder:
        """The posting by these rows alone."""
        identifier = self.identifiers[0] if self.identifiers else None
        return Holder(identifier=identifier, tokens=self.tokens, addressed=bool(self.addresses), posting=None)


def _holders(conn: Connection, ids: Collection[str]) -> dict[str, Holder]:
    """The same by the postings' last readings."""
    found: dict[str, Holder] = {}
    keys: dict[str, set[KeyRow]] = defaultdict(set)
    for row in _keys(conn, ids):
        keys[row.posting_id].add((row.kind, row.value))
    for chunk in chunks(ids):
        for posting_id, body in conn.execute(select(postings.c.id, BODY).where(postings.c.id.in_(chunk))):
            posting = records.posting(body)
            found[posting_id] = Holder.of(keys_of_known(posting, keys[posting_id]), posting)
    return dict(sorted(found.items()))


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
    """The events since then that changed these postings: time and changes by field, in order."""
    found: dict[str, list[tuple[datetime, Mapping[str, Any]]]] = defaultdict(list)
    for chunk in chunks(ids):
        query = select(events.c.posting_id, events.c.at, events.c.changes).where(
            events.c.posting_id.in_(chunk), events.c.type.in_(("changed", "reopened")), events.c.at >= since
        )
        for row in conn.execute(query.order_by(events.c.number)):
            found[row.posting_id].append((row.at, row.changes))
    return found


def sites_with_past(conn: Connection, now: datetime) -> list[int]:
    """The ids of the sites with open postings whose validThrough has passed."""
    query = select(postings.c.site_id).where(postings.c.state == "open", postings.c.valid_until <= now).distinct()
    return sorted(conn.execute(query).scalars())


def past(conn: Connection, site_id: int, now: datetime) -> list[Stored]:
    """The open postings of a site whose validThrough has passed."""
    query = (
        select(*LIFE_COLUMNS)
        .where(postings.c.site_id == site_id, postings.c.state == "open", postings.c.valid_until <= now)
        .order_by(postings.c.id)
    )
    return [_stored(row) for row in conn.execute(query)]


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
