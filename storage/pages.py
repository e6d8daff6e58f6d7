"""What is remembered of a site's pages and of robots.txt: what a visit may know before it begins.

The ledger writes both.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, func, or_, select
from sqlalchemy.engine import Engine

from postings import urls
from postings.sites import Known, KnownPage, RobotsAnswer
from storage.engine import reading
from storage.tables import pages, posting_keys, postings, robots, sites

#: RFC 9309 §2.4: a robots.txt is used for at most 24 hours
ROBOTS_LIFE: Final = timedelta(hours=24)

# not EXISTS: SQLite would look through all postings again for each page
_CARRIED = pages.c.address.in_(select(postings.c.page).where(postings.c.site_id == bindparam("site")))
_PAGES = select(pages, _CARRIED.label("carried")).where(pages.c.site_id == bindparam("site"))
_STANDING = (
    select(
        postings.c.page,
        func.count(postings.c.missing_since).label("missing"),
        func.min(postings.c.valid_until).label("valid_until"),
    )
    .where(postings.c.site_id == bindparam("site"), postings.c.state == "open")
    .group_by(postings.c.page)
)
_OTHERS = (
    select(posting_keys.c.value, postings.c.page)
    .join(postings, postings.c.id == posting_keys.c.posting_id)
    .where(
        posting_keys.c.site_id == bindparam("site"),
        posting_keys.c.kind == "address",
        postings.c.state == "open",
        postings.c.page != posting_keys.c.value,
    )
    .order_by(posting_keys.c.since)
)


def known(engine: Engine, site_id: int, now: datetime | None = None) -> Known:
    """The pages that are remembered of a site, and the robots.txt answers for its host and theirs.

    With `now`, answers of 24 hours and older are left out; without it, their age is the caller's to judge.
    """
    with reading(engine) as connection:
        rows = connection.execute(_PAGES, {"site": site_id}).all()
        standing = _standing(connection, site_id)
        others = _other_addresses(connection, site_id)
        seen = {urls.origin(row.url) for row in rows}
        of_host = [start + sites.c.host_key for start in ("https://", "http://", "https://www.", "http://www.")]
        query = (
            select(robots)
            .join(sites, sites.c.id == site_id)
            .where(or_(robots.c.origin.in_(sorted(seen)), robots.c.origin.in_(of_host)))
        )
        if now is not None:
            query = query.where(robots.c.fetched_at > now - ROBOTS_LIFE)
        answers = connection.execute(query).all()
    return Known(
        pages={row.address: _known_page(row, standing.get(row.address), others.get(row.address)) for row in rows},
        robots={
            row.origin: RobotsAnswer(status=row.status, body=row.body, fetched_at=row.fetched_at) for row in answers
        },
    )


def robots_answer(engine: Engine, origin: str) -> RobotsAnswer | None:
    """The robots.txt of an origin as any visit was answered last; its age is the caller's to judge."""
    with reading(engine) as connection:
        row = connection.execute(select(robots).where(robots.c.origin == origin)).one_or_none()
    return None if row is None else RobotsAnswer(status=row.status, body=row.body, fetched_at=row.fetched_at)


def _standing(connection: Connection, site_id: int) -> dict[str, Row[Any]]:
    """By page: whether one of the open postings on it is missing, and when the first of them is past its date."""
    return {row.page: row for row in connection.execute(_STANDING, {"site": site_id})}


def _other_addresses(connection: Connection, site_id: int) -> dict[str, str]:
    """Addresses of open postings that are read from another page, with that page."""
    return {row.value: row.page for row in connection.execute(_OTHERS, {"site": site_id})}


def _known_page(row: Row[Any], standing: Row[Any] | None, stands_on: str | None) -> KnownPage:
    return KnownPage(
        url=row.url,
        etag=row.etag,
        last_modified=row.last_modified,
        body_hash=row.body_hash,
        open=standing is not None,
        last_read_at=row.last_read_at,
        lastmod=row.lastmod,
        missing=standing is not None and bool(standing.missing),
        valid_until=standing.valid_until if standing is not None else None,
        barren=not row.carried and stands_on is None,
        stands_on=stands_on if standing is None else None,
        via=row.via,
    )
