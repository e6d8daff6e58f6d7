"""The watched sites, their schedule, and who visits each of them now.

Asked by the command line and the pages (`add`, `find`, `watched`), by the scheduler (`due`, `claim`) and before each
visit (`known`). A claim is a row: the lease on a site with its fence. What a visit learnt of its site is written by
the ledger, in the columns that `state_columns` makes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any, Final

from sqlalchemy import Connection, Row, func, or_, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from postings import urls
from postings.errors import LeaseLost, NotFoundError, UsageError
from postings.sites import Health, Known, KnownPage, RobotsAnswer, Site
from postings.trust import Trust
from storage.engine import can_hold, reading, writing
from storage.site_rows import from_row, health_json, read_health, state_columns
from storage.tables import pages, posting_keys, postings, robots, sites, visits

__all__ = [
    "Lease",
    "add",
    "claim",
    "due",
    "find",
    "from_row",
    "known",
    "last_visited",
    "pause",
    "release",
    "remove",
    "renew",
    "request_visit",
    "resume",
    "set_every",
    "state_columns",
    "watched",
]

#: RFC 9309 §2.4: a robots.txt is used for at most 24 hours
ROBOTS_LIFE: Final = timedelta(hours=24)

#: characters of a name; it is a word on the command line and in every message
NAME_LIMIT: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to visit a site until a time; each write of the visit shows the fence."""

    site_id: int
    #: the process that holds it, in a form by which others can tell whether it lives
    owner: str
    #: higher than that of every lease on this site before
    fence: int
    until: datetime


# -- what a person does


def add(engine: Engine, *, name: str, start_url: str, every: timedelta | None, now: datetime) -> Site:
    """Watches a site from now on; its first visit is due at once.

    A site that was watched before under the same address comes back with its postings. Raises UsageError if the name
    or the address is watched already, or cannot be one.
    """
    address = urls.parse(start_url)
    if address is None:
        raise UsageError(
            "this is no address that can be watched",
            # it may hold a password
            subject=None if "@" in start_url else start_url,
            remedy="give an http or https address without user and password",
        )
    _require_name(name)
    values = {"name": name, "start_url": address, "every": _seconds(every), "next_visit_at": now}
    try:
        with writing(engine) as connection:
            _queue_for_host(connection, urls.host_key(address))
            twin = _by_address(connection, address)
            if twin is not None and twin.removed_at is None:
                raise UsageError(
                    f"is watched already as `{twin.name}`",
                    subject=start_url,
                    remedy=f"visit it with `hirewatch visit {twin.name}`",
                )
            row = _insert(connection, values, now) if twin is None else _revive(connection, twin, values)
            return from_row(row)
    except IntegrityError as error:
        raise UsageError(
            "another site has this name",
            subject=name,
            remedy=f"choose another with --name; `hirewatch sites show {name}` shows the one that has it",
        ) from error


def find(engine: Engine, name_or_url: str) -> Site:
    """The watched site of that name or start address. Raises NotFoundError, with the nearest name if one is near."""
    with reading(engine) as connection:
        row = _by_name(connection, name_or_url) if can_hold(name_or_url) else None
        if row is None:
            address = urls.parse(name_or_url) or urls.parse(f"https://{name_or_url}")
            row = _by_address(connection, address) if address else None
        if row is not None and row.removed_at is None:
            return from_row(row)
        names = connection.scalars(select(sites.c.name).where(sites.c.removed_at.is_(None))).all()
    near = get_close_matches(name_or_url, names, n=1)
    raise NotFoundError(
        "no site of this name or address is watched",
        subject=name_or_url,
        remedy=f"did you mean `{near[0]}`?" if near else "`hirewatch sites list` shows the sites that are",
    )


def watched(engine: Engine) -> list[Site]:
    """All sites that are not removed, by name."""
    with reading(engine) as connection:
        rows = connection.execute(select(sites).where(sites.c.removed_at.is_(None)).order_by(sites.c.name))
        return sorted(map(from_row, rows), key=lambda site: site.name)


def pause(engine: Engine, site_id: int, now: datetime) -> None:
    """No visit is due until `resume`; one that runs goes on to its end. Raises NotFoundError."""
    _set(engine, site_id, {"paused_at": func.coalesce(sites.c.paused_at, now), "next_visit_at": None})


def resume(engine: Engine, site_id: int, now: datetime) -> None:
    """Visits go on, the next one at once. Raises NotFoundError."""
    _set(engine, site_id, {"paused_at": None, "next_visit_at": now})


def remove(engine: Engine, site_id: int, now: datetime) -> None:
    """The site is watched no longer; its postings and events stay. A running visit loses its lease.

    Raises NotFoundError.
    """
    _set(engine, site_id, {"removed_at": now, "next_visit_at": None, **_NO_LEASE, "fence": sites.c.fence + 1})


def set_every(engine: Engine, site_id: int, every: timedelta | None) -> None:
    """The time between two visits from the next one on; None = worked out. Raises NotFoundError."""
    _set(engine, site_id, {"every": _seconds(every)})


def request_visit(engine: Engine, site_id: int, now: datetime) -> None:
    """The site is due now. Raises NotFoundError."""
    _set(engine, site_id, {"next_visit_at": now})


# -- what is due, and who visits it


def due(engine: Engine, now: datetime, limit: int, *, dead: Callable[[str], bool] = lambda owner: False) -> list[Site]:
    """At most `limit` sites to visit now, the longest overdue first, at most one of each host.

    Left out are paused and removed sites, and every site of a host that is being visited, unless its visitor is
    `dead`. Asking claims nothing: of several processes that get the same answer, one gets the claim.
    """
    with reading(engine) as connection:
        owners = connection.scalars(select(sites.c.lease_owner).where(sites.c.lease_until > now).distinct()).all()
        gone = [owner for owner in owners if owner is not None and dead(owner)]
        busy = select(sites.c.host_key).where(sites.c.lease_until > now, sites.c.lease_owner.not_in(gone))
        query = (
            select(sites.c.id, sites.c.host_key)
            .where(
                sites.c.next_visit_at <= now,
                sites.c.paused_at.is_(None),
                sites.c.removed_at.is_(None),
                sites.c.host_key.not_in(busy),
            )
            .order_by(sites.c.next_visit_at, sites.c.id)
        )
        chosen = _first_of_each_host(connection, query, limit)
        rows = connection.execute(select(sites).where(sites.c.id.in_(chosen))).all()
    order = {site_id: place for place, site_id in enumerate(chosen)}
    return sorted(map(from_row, rows), key=lambda site: order[site.id])


def claim(
    engine: Engine,
    site_id: int,
    *,
    owner: str,
    now: datetime,
    ttl: timedelta,
    dead: Callable[[str], bool],
    only_if_due: bool = False,
) -> Lease | None:
    """The lease on a site for `owner` until `now + ttl`; None if the site or another of its host is being visited.

    A lease that has run out, or whose owner is `dead`, is taken over: its holder's next write is refused.
    `only_if_due` also refuses a site that somebody else has visited since `due` named it, or that was paused.
    """
    with writing(engine) as connection:
        host_key = connection.scalar(select(sites.c.host_key).where(sites.c.id == site_id))
        if host_key is None:
            return None
        _queue_for_host(connection, host_key)
        rows = connection.execute(
            select(sites)
            .where(sites.c.host_key == host_key, or_(sites.c.id == site_id, sites.c.lease_owner.is_not(None)))
            .order_by(sites.c.id)
            .with_for_update()
        ).all()
        site = next(row for row in rows if row.id == site_id)
        if site.removed_at is not None or (only_if_due and not _is_due(site, now)):
            return None
        if any(_is_held(row, now, dead) for row in rows):
            return None
        # a holder that was only asleep must not renew beside the new one
        connection.execute(
            update(sites)
            .where(sites.c.id.in_([row.id for row in rows if row.id != site_id]))
            .values(fence=sites.c.fence + 1, **_NO_LEASE)
        )
        lease = Lease(site_id=site_id, owner=owner, fence=site.fence + 1, until=now + ttl)
        connection.execute(
            update(sites)
            .where(sites.c.id == site_id)
            .values(fence=lease.fence, lease_owner=owner, lease_until=lease.until)
        )
        return lease


def renew(engine: Engine, lease: Lease, now: datetime, ttl: timedelta) -> Lease:
    """The same lease until `now + ttl`. Raises LeaseLost if it was taken over, released or the site removed."""
    renewed = replace(lease, until=now + ttl)
    with writing(engine) as connection:
        done = connection.execute(update(sites).where(*_is_lease(lease)).values(lease_until=renewed.until))
        if done.rowcount == 0:
            raise LeaseLost("the lease has passed to another worker", subject=f"site {lease.site_id}")
    return renewed


def release(engine: Engine, lease: Lease) -> None:
    """The site is free for the next claim. Nothing happens if the lease is lost already."""
    with writing(engine) as connection:
        connection.execute(update(sites).where(*_is_lease(lease)).values(**_NO_LEASE))


def last_visited(engine: Engine, host_key: str, now: datetime) -> datetime | None:
    """When the last request to a host may have been: the end of the newest visit to any of its sites.

    A visit that began in the last day and never ended was killed, or runs: it may have asked just now. None if there was
    no visit.
    """
    of_host = select(visits.c.started_at, visits.c.ended_at).join(sites).where(sites.c.host_key == host_key)
    with reading(engine) as connection:
        open_since = of_host.where(visits.c.ended_at.is_(None), visits.c.started_at > now - timedelta(days=1))
        if connection.execute(open_since.limit(1)).first() is not None:
            return now
        ended: datetime | None = connection.scalar(
            select(func.max(visits.c.ended_at)).join(sites).where(sites.c.host_key == host_key)
        )
    return ended


# -- what a visit may know beforehand


def known(engine: Engine, site_id: int, now: datetime | None = None) -> Known:
    """The pages that are remembered of a site, and the robots.txt answers for its host and theirs.

    With `now`, answers of 24 hours and older are left out; without it, their age is the caller's to judge.
    """
    # not EXISTS: SQLite would look through all postings again for each page
    carried = pages.c.address.in_(select(postings.c.page).where(postings.c.site_id == site_id))
    with reading(engine) as connection:
        rows = connection.execute(select(pages, carried.label("carried")).where(pages.c.site_id == site_id)).all()
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


# -- private


def _standing(connection: Connection, site_id: int) -> dict[str, Row[Any]]:
    """By page: whether one of the open postings on it is missing, and when the first of them is past its date."""
    query = (
        select(
            postings.c.page,
            func.count(postings.c.missing_since).label("missing"),
            func.min(postings.c.valid_until).label("valid_until"),
        )
        .where(postings.c.site_id == site_id, postings.c.state == "open")
        .group_by(postings.c.page)
    )
    return {row.page: row for row in connection.execute(query)}


def _other_addresses(connection: Connection, site_id: int) -> dict[str, str]:
    """Addresses of open postings that are read from another page, with that page."""
    query = (
        select(posting_keys.c.value, postings.c.page)
        .join(postings, postings.c.id == posting_keys.c.posting_id)
        .where(
            posting_keys.c.site_id == site_id,
            posting_keys.c.kind == "address",
            postings.c.state == "open",
            postings.c.page != posting_keys.c.value,
        )
        .order_by(posting_keys.c.since)
    )
    return {row.value: row.page for row in connection.execute(query)}


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
    )


_NO_LEASE: Final[Mapping[str, None]] = {"lease_owner": None, "lease_until": None}


def _require_name(name: str) -> None:
    if not name.strip() or not name.isprintable() or len(name) > NAME_LIMIT:
        raise UsageError(
            "is no name for a site",
            subject=repr(name[:NAME_LIMIT]),
            remedy=f"choose one of 1 to {NAME_LIMIT} visible characters with --name",
        )


def _seconds(every: timedelta | None) -> int | None:
    return None if every is None else round(every.total_seconds())


def _queue_for_host(connection: Connection, host_key: str) -> None:
    """Claims on one host, and additions to it, go one after the other. On SQLite all writes do anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(host_key, 0))))


def _by_name(connection: Connection, name: str) -> Row[Any] | None:
    return connection.execute(select(sites).where(sites.c.name == name, sites.c.removed_at.is_(None))).one_or_none()


def _by_address(connection: Connection, address: str) -> Row[Any] | None:
    """The site whose start address is the same page; a watched one before a removed one."""
    rows = connection.execute(select(sites).where(sites.c.host_key == urls.host_key(address)).order_by(sites.c.id))
    twins = [row for row in rows if urls.key(row.start_url) == urls.key(address)]
    return min(twins, key=lambda row: row.removed_at is not None, default=None)


def _insert(connection: Connection, values: Mapping[str, Any], now: datetime) -> Row[Any]:
    return connection.execute(
        sites.insert()
        .values(
            **values,
            host_key=urls.host_key(values["start_url"]),
            added_at=now,
            baseline_done=False,
            fence=0,
            **state_columns(None, Trust(), Health()),
        )
        .returning(sites)
    ).one()


def _revive(connection: Connection, row: Row[Any], values: Mapping[str, Any]) -> Row[Any]:
    # what its last visits looked like says nothing of today; how patient it made us does
    health = replace(read_health(row.health), suspects=(), failures=0, first_failure_at=None, attention=None)
    return connection.execute(
        update(sites)
        .where(sites.c.id == row.id)
        .values(**values, removed_at=None, paused_at=None, health=health_json(health))
        .returning(sites)
    ).one()


def _set(engine: Engine, site_id: int, values: Mapping[str, Any]) -> None:
    with writing(engine) as connection:
        done = connection.execute(
            update(sites).where(sites.c.id == site_id, sites.c.removed_at.is_(None)).values(**values)
        )
        if done.rowcount == 0:
            raise NotFoundError(
                "no site of this number is watched",
                subject=f"site {site_id}",
                remedy="`hirewatch sites list` shows the sites that are",
            )


def _first_of_each_host(connection: Connection, query: Any, limit: int) -> Sequence[int]:
    """Ids of the first site of each host in the order of `query`; reads further only as far as it must."""
    size = 4 * limit
    while True:
        rows = connection.execute(query.limit(size)).all()
        chosen = _first_by_host(rows)[:limit]
        if len(chosen) == limit or len(rows) < size:
            return chosen
        size *= 4


def _first_by_host(rows: Iterable[Row[Any]]) -> list[int]:
    first: dict[str, int] = {}
    for row in rows:
        first.setdefault(row.host_key, row.id)
    return list(first.values())


def _is_due(row: Row[Any], now: datetime) -> bool:
    return row.paused_at is None and row.next_visit_at is not None and bool(row.next_visit_at <= now)


def _is_held(row: Row[Any], now: datetime, dead: Callable[[str], bool]) -> bool:
    return row.lease_owner is not None and bool(row.lease_until > now) and not dead(row.lease_owner)


def _is_lease(lease: Lease) -> tuple[Any, ...]:
    return sites.c.id == lease.site_id, sites.c.fence == lease.fence, sites.c.lease_owner == lease.owner
