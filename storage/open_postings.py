"""The open postings of a site as the end of a visit finds them, and those whose time is over."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, case, or_, select, update

from storage.gathering import LIFE_COLUMNS, Stored, chunks, lives, stored_of
from storage.tables import postings

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


def all_open(conn: Connection, site_id: int) -> list[Stored]:
    """The open postings of the site, without their bodies, by id."""
    return [stored_of(row) for row in conn.execute(_OPEN, {"of_site": site_id})]


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
    plain: dict[str, str] = {}
    ends: list[datetime | None] = []
    over: list[str] = []
    for posting_id, page, until, is_plain, seen in conn.execute(
        _OPEN_OR_SEEN, {"of_site": site_id, "visit": visit_id}
    ).all():
        if is_plain:
            plain[posting_id] = page
        if seen:
            ends.append(until)
        if not is_plain or (until is not None and until <= now):
            over.append(posting_id)
    return Stand(plain=plain, ends=ends, in_question=lives(conn, over))


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
    return [stored_of(row) for row in conn.execute(query)]
