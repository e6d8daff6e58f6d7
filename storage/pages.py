"""What is remembered of a site's pages and of robots.txt: what a visit may know before it begins.

The ledger writes both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
_PAGES = select(
    pages.c.address,
    pages.c.url,
    pages.c.etag,
    pages.c.last_modified,
    pages.c.body_hash,
    pages.c.last_read_at,
    pages.c.lastmod,
    pages.c.via,
    _CARRIED.label("carried"),
).where(pages.c.site_id == bindparam("site"))
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
_ROBOTS = (
    select(robots)
    .join(sites, sites.c.id == bindparam("site"))
    .where(
        or_(
            robots.c.origin.in_(bindparam("origins", expanding=True)),
            robots.c.origin.in_(
                [start + sites.c.host_key for start in ("https://", "http://", "https://www.", "http://www.")]
            ),
        )
    )
)
_FRESH_ROBOTS = _ROBOTS.where(robots.c.fetched_at > bindparam("after"))


def known(engine: Engine, site_id: int, now: datetime | None = None) -> Known:
    """The pages that are remembered of a site, and the robots.txt answers for its host and theirs.

    With `now`, answers of 24 hours and older are left out; without it, their age is the caller's to judge.
    """
    with reading(engine) as connection:
        rows = connection.execute(_PAGES, {"site": site_id}).all()
        standing = _standing(connection, site_id)
        others = _other_addresses(connection, site_id)
        # rows of one answer have its address
        origins = {urls.origin(url) for url in {row.url for row in rows}}
        asked: dict[str, Any] = {"site": site_id, "origins": sorted(origins)}
        if now is None:
            answers = connection.execute(_ROBOTS, asked).all()
        else:
            answers = connection.execute(_FRESH_ROBOTS, asked | {"after": now - ROBOTS_LIFE}).all()
    return Known(
        pages=_known_pages(rows, standing, others),
        robots={
            row.origin: RobotsAnswer(status=row.status, body=row.body, fetched_at=row.fetched_at) for row in answers
        },
    )


def robots_answer(engine: Engine, origin: str) -> RobotsAnswer | None:
    """The robots.txt of an origin as any visit was answered last; its age is the caller's to judge."""
    with reading(engine) as connection:
        row = connection.execute(select(robots).where(robots.c.origin == origin)).one_or_none()
    return None if row is None else RobotsAnswer(status=row.status, body=row.body, fetched_at=row.fetched_at)


def _standing(connection: Connection, site_id: int) -> dict[str, tuple[bool, datetime | None]]:
    """By page: whether one of the open postings on it is missing, and when the first of them is past its date."""
    rows = connection.execute(_STANDING, {"site": site_id}).all()
    return {page: (bool(missing), valid_until) for page, missing, valid_until in rows}


def _other_addresses(connection: Connection, site_id: int) -> dict[str, str]:
    """Addresses of open postings that are read from another page, with that page."""
    return dict(connection.execute(_OTHERS, {"site": site_id}).all())


def _known_pages(
    rows: Iterable[Row[*tuple[Any, ...]]],
    standing: Mapping[str, tuple[bool, datetime | None]],
    others: Mapping[str, str],
) -> dict[str, KnownPage]:
    found: dict[str, KnownPage] = {}
    # unpacked: to ask for each column by its name costs twice as much
    for address, url, etag, last_modified, body_hash, last_read_at, lastmod, via, carried in rows:
        is_open = address in standing
        missing, valid_until = standing[address] if is_open else (False, None)
        stands_on = others.get(address)
        found[address] = KnownPage(
            url=url,
            etag=etag,
            last_modified=last_modified,
            body_hash=body_hash,
            open=is_open,
            last_read_at=last_read_at,
            lastmod=lastmod,
            missing=missing,
            valid_until=valid_until,
            barren=not carried and stands_on is None,
            stands_on=None if is_open else stands_on,
            via=via,
        )
    return found
