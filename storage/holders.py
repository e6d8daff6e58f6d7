"""What the trust of a site is learnt from: its open postings, with what each is known by; and whether it has to be."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select, union

from postings import record as records
from postings import trust as trusts
from postings.keys import KeyRow, keys_of_known
from postings.likeness import unscoped
from postings.trust import Holder, Trust
from storage.contents import BODY
from storage.gathering import chunks, keys_of_all
from storage.tables import events, posting_keys, postings

_OPEN = (postings.c.site_id == bindparam("of_site"), postings.c.state == "open")
_UNSEEN = select(func.count()).where(*_OPEN, postings.c.last_visit != bindparam("visit"))
_TOUCHED = union(
    select(events.c.posting_id).where(events.c.site_id == bindparam("of_site"), events.c.number > bindparam("as_of")),
    # a second address is no event
    select(posting_keys.c.posting_id)
    .join(postings, postings.c.id == posting_keys.c.posting_id)
    .where(
        *_OPEN,
        postings.c.last_visit == bindparam("visit"),
        posting_keys.c.kind.in_(("address", "identifier")),
        posting_keys.c.since >= bindparam("as_of"),
    ),
).subquery()
_MAY_DIFFER = select(select(func.count()).select_from(_TOUCHED).scalar_subquery() + _UNSEEN.scalar_subquery())
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
        *_OPEN,
        postings.c.last_visit == bindparam("visit"),
        posting_keys.c.kind.in_(("address", "identifier", "token")),
    )
)


def learn(conn: Connection, site_id: int, visit_id: str, previous: Trust, newest: int) -> Trust:
    """The trust of a site after a complete visit (C.3); `newest` is the number of the newest event.

    Where no more postings than its margin can be others than when it was learnt, it is not learnt again. What has
    become of them stands in the rows, whatever processes and visits wrote them.
    """
    asked = {"of_site": site_id, "visit": visit_id}
    if previous.margin and _count(conn, _MAY_DIFFER, asked | {"as_of": previous.as_of}) <= previous.margin:
        return previous
    trust = trusts.learn(previous, seen_holders(conn, site_id, visit_id))
    if not trust.margin:
        return trust
    # what is not seen is not among them, and may come back without an event
    return replace(trust, margin=trust.margin - _count(conn, _UNSEEN, asked), as_of=newest)


def _count(conn: Connection, query: Select[int], asked: Mapping[str, Any]) -> int:
    return conn.execute(query, asked).scalar_one()


def open_holders(conn: Connection, site_id: int, *, newest: int | None = None) -> list[Holder]:
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
    addresses: Counter[str] = Counter()
    identifiers: dict[str, str] = {}
    tokens: dict[str, dict[str, str]] = defaultdict(dict)
    #: whose last reading may not carry the identifier
    in_doubt: set[str] = set()
    for posting_id, kind, value, said_since in conn.execute(_KNOWN_BY, {"of_site": site_id, "visit": visit_id}).all():
        if kind == "address":
            addresses[posting_id] += 1
        elif kind == "identifier":
            # a digest is compared with no identifier that was read
            if said_since or posting_id in identifiers or not unscoped(value):
                in_doubt.add(posting_id)
            identifiers[posting_id] = value
        elif not value.startswith("*="):
            place, _, token = value.rpartition("=")
            tokens[posting_id][place] = token
    # these rows are those of its last reading
    found = {
        one: Holder(identifier=identifiers.get(one), tokens=tokens[one], addressed=True, posting=None)
        for one, count in addresses.items()
        if count == 1 and one not in in_doubt
    }
    found |= _holders(conn, (addresses.keys() | identifiers.keys() | tokens.keys()) - found.keys())
    found |= _holders(conn, [one for one in trusts.to_compare(found) if found[one].posting is None])
    return [found[one] for one in sorted(found)]


def _holders(conn: Connection, ids: Collection[str]) -> dict[str, Holder]:
    """The same by the postings' last readings."""
    found: dict[str, Holder] = {}
    keys: dict[str, set[KeyRow]] = defaultdict(set)
    for row in keys_of_all(conn, ids):
        keys[row.posting_id].add((row.kind, row.value))
    for chunk in chunks(ids):
        for posting_id, body in conn.execute(select(postings.c.id, BODY).where(postings.c.id.in_(chunk))):
            posting = records.posting(body)
            found[posting_id] = Holder.of(keys_of_known(posting, keys[posting_id]), posting)
    return dict(sorted(found.items()))
