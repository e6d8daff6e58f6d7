"""The known postings that a batch of sightings may be, by the keys that they share: here and on other sites.

Everything comes in batches: a handful of queries, whatever the number of sightings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, func, select

from postings import record as records
from postings.decisions import KnownPosting
from postings.elsewhere import Other
from postings.keys import KeyRow
from postings.posting import Posting
from storage.contents import BODY
from storage.gathering import Stored, bodies, chunks, keys_of_all
from storage.tables import posting_keys, postings, sites

#: postings of other sites that are looked at for one key
_MOST_ELSEWHERE = 20
#: keys that only one posting has, but for a mistake; what else a posting is known by, thousands may share
OWN = frozenset({"address", "board"})
#: postings of one site that are looked at for one key, of those that the visit has seen and of the others
MOST_ALIKE = 100
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
