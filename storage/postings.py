"""The postings as they stand, with their lives. Read by the command line, the pages and exports.

The ledger writes them; nothing here does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select, text
from sqlalchemy.engine import Engine

from postings import record as records
from postings import trust as trusts
from postings.errors import NotFoundError, UsageError
from postings.trust import Measured
from storage.contents import BODY
from storage.engine import can_hold, reading
from storage.holders import open_holders
from storage.tables import posting_keys, postings, sites

#: postings that are read in one transaction; a slow reader of the rest holds no lock and no snapshot
BATCH: Final = 500

#: ids that an ambiguous beginning is answered with
_EXAMPLES: Final = 5

_PREFIX: Final = "p_"

#: keys of others, the newest, whose postings are looked at for links: some jobs are posted thousands of times
_MOST_KIN: Final = 200

#: as its index has it: databases look for the very words
_MISSING: Final = text("postings.state = 'open' AND postings.missing_since IS NOT NULL")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPosting:
    """A posting as it stands: its public record, and what the record does not show."""

    id: str
    #: the whole public record
    record: dict[str, Any]
    #: name of its site
    site: str
    #: address key of the page it was last seen on
    page: str
    #: since when it has not been seen where it should be; None while it is
    missing_since: datetime | None
    missing_how: str | None
    #: looks that confirmed that it is missing
    missing_looks: int
    #: digest of the JobPosting as it stood in the page
    raw_hash: str
    #: the instant after which its validThrough has passed in every zone
    valid_until: datetime | None


def find(engine: Engine, posting_id: str) -> StoredPosting:
    """The posting of that id, or the only one whose id begins so (with or without `p_`).

    Raises NotFoundError; UsageError if several begin so.
    """
    with reading(engine) as connection:
        ids = _beginning_with(connection, posting_id) if can_hold(posting_id) else []
        if len(ids) == 1:
            return from_row(connection.execute(_stored().where(postings.c.id == ids[0])).one())
    if not ids:
        raise NotFoundError(
            "there is no posting of this id", subject=posting_id, remedy="`hirewatch postings` shows those that are"
        )
    more = ", …" if len(ids) > _EXAMPLES else ""
    raise UsageError(
        f"several postings have an id that begins so ({', '.join(ids[:_EXAMPLES])}{more})",
        subject=posting_id,
        remedy="give more of the id",
    )


def get(engine: Engine, posting_id: str) -> StoredPosting | None:
    """The posting of exactly that id; None if there is none."""
    if not can_hold(posting_id):
        return None
    with reading(engine) as connection:
        row = connection.execute(_stored().where(postings.c.id == posting_id)).one_or_none()
    return None if row is None else from_row(row)


def search(
    engine: Engine,
    *,
    state: Literal["open", "closed", "all"],
    site_id: int | None = None,
    condition: ColumnElement[bool] | None = None,
    limit: int | None = None,
) -> Iterator[StoredPosting]:
    """The postings in that state, the last found first, at most `limit` of them.

    `condition` is what a query asks (`storage.searching.condition`). Each posting is shown as it stands when it is
    reached; what is found after the first one is shown is not among them.
    """
    fits = _fitting(state, site_id, condition)
    seen, order = postings.c.first_seen, (postings.c.first_seen.desc(), postings.c.id)
    behind: list[ColumnElement[bool]] = []
    left = limit
    while left is None or left > 0:
        size = BATCH if left is None else min(BATCH, left)
        ids = select(postings.c.id).where(*fits, *behind).order_by(*order).limit(size)
        with reading(engine) as connection:
            rows = connection.execute(
                _stored().where(postings.c.id.in_(ids.subquery().select())).order_by(*order)
            ).all()
        yield from map(from_row, rows)
        if len(rows) < size:
            return
        last = rows[-1]
        # the first part is what the index answers
        behind = [seen <= last.first_seen, or_(seen < last.first_seen, postings.c.id > last.id)]
        left = None if left is None else left - size


def count(
    engine: Engine,
    *,
    state: Literal["open", "closed", "all"],
    site_id: int | None = None,
    condition: ColumnElement[bool] | None = None,
) -> int:
    """How many postings `search` would find."""
    with reading(engine) as connection:
        query = select(func.count()).select_from(postings).where(*_fitting(state, site_id, condition))
        return connection.execute(query).scalar_one()


def _fitting(state: str, site_id: int | None, condition: ColumnElement[bool] | None) -> list[ColumnElement[bool]]:
    fits = [] if state == "all" else [postings.c.state == state]
    if site_id is not None:
        fits.append(postings.c.site_id == site_id)
    if condition is not None:
        fits.append(condition)
    return fits


def counts(engine: Engine) -> dict[int, dict[str, int]]:
    """How many postings each site has in each state (`open`, `closed`), by the site's id."""
    query = select(postings.c.site_id, postings.c.state, func.count()).group_by(postings.c.site_id, postings.c.state)
    found: dict[int, dict[str, int]] = {}
    with reading(engine) as connection:
        for site_id, state, number in connection.execute(query):
            found.setdefault(site_id, {"open": 0, "closed": 0})[state] = number
    return found


def missing(engine: Engine, site_id: int) -> int:
    """How many open postings of a site are missing: they close if another look confirms it (C.5)."""
    query = select(func.count()).select_from(postings).where(postings.c.site_id == site_id, _MISSING)
    with reading(engine) as connection:
        return connection.execute(query).scalar_one()


def measured(engine: Engine, site_id: int, *, newest: int | None = None) -> Measured:
    """What the open postings of a site, or the `newest` of them, show of its keys: the figures behind its trust
    (C.3)."""
    with reading(engine) as connection:
        return trusts.measure(open_holders(connection, site_id, newest=newest))


def keys(engine: Engine, posting_id: str) -> list[tuple[str, str]]:
    """What a posting is known by, as (kind, value), in order."""
    query = select(posting_keys.c.kind, posting_keys.c.value).where(posting_keys.c.posting_id == posting_id)
    with reading(engine) as connection:
        return sorted((row.kind, row.value) for row in connection.execute(query))


def linked_from(engine: Engine, posting_id: str) -> list[dict[str, str]]:
    """The links that later postings carry to this one, as `duplicates` has them, by the id of the later one."""
    own, theirs = posting_keys.alias(), posting_keys.alias()
    # who links to it shares a key with it
    kin = (
        select(theirs.c.posting_id)
        .join(own, and_(own.c.kind == theirs.c.kind, own.c.value == theirs.c.value))
        .where(own.c.posting_id == posting_id, theirs.c.posting_id != posting_id)
        .order_by(theirs.c.since.desc())
        .limit(_MOST_KIN)
    )
    query = select(postings.c.id, postings.c.links).where(postings.c.id.in_(kin)).order_by(postings.c.id)
    with reading(engine) as connection:
        return [
            {**link, "id": row.id}
            for row in connection.execute(query)
            for link in row.links
            if link["id"] == posting_id
        ]


def from_row(row: Row[Any]) -> StoredPosting:
    """The posting that a row of `postings` with its `site` (the name) describes."""
    standing = records.Standing(
        id=row.id,
        site=row.site,
        state=row.state,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        closed_at=row.closed_at,
        closed_reason=row.closed_reason,
        duplicates=tuple(row.links),
    )
    return StoredPosting(
        id=row.id,
        record=records.record(row.body, standing),
        site=row.site,
        page=row.page,
        missing_since=row.missing_since,
        missing_how=row.missing_how,
        missing_looks=row.missing_looks,
        raw_hash=row.raw_hash,
        valid_until=row.valid_until,
    )


def _beginning_with(connection: Connection, start: str) -> Sequence[str]:
    """The posting of exactly that id, else those whose id begins so, a few of them."""
    if not start.startswith(_PREFIX):
        start = _PREFIX + start
    exact = connection.scalars(select(postings.c.id).where(postings.c.id == start)).all()
    if exact:
        return exact
    begins_so = func.substr(postings.c.id, 1, len(start)) == start
    query = select(postings.c.id).where(begins_so).order_by(postings.c.id).limit(_EXAMPLES + 1)
    if connection.dialect.name == "sqlite":
        # in the order of bytes, which a server's locale may not keep: a run of the index; ids are ASCII
        query = query.where(postings.c.id >= start, postings.c.id < f"{start}\x7f")
    return connection.scalars(query).all()


def _stored() -> Select[Any]:
    return select(postings, BODY, sites.c.name.label("site")).join(sites, sites.c.id == postings.c.site_id)
