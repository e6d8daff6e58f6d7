"""Which sites are due, and who visits each of them now.

A claim is a row: the lease on a site with its fence, which every write of the visit shows. Asked by the scheduler.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Integer, Row, and_, bindparam, func, or_, select, update
from sqlalchemy.engine import Engine

from postings.errors import LeaseLost
from postings.sites import Site
from storage.engine import holding, reading
from storage.site_rows import from_row
from storage.tables import UtcDateTime, sites

#: the columns of a site that nobody visits
NO_LEASE: Final[Mapping[str, None]] = {"lease_owner": None, "lease_until": None}


# Making a statement costs more than running it on a few rows.

_DUE = and_(
    sites.c.next_visit_at <= bindparam("now", type_=UtcDateTime),
    sites.c.paused_at.is_(None),
    sites.c.removed_at.is_(None),
)
_ANY_DUE = select(sites.c.id).where(_DUE).limit(1)
_LEASED = sites.c.lease_until > bindparam("now", type_=UtcDateTime)
_VISITORS = select(sites.c.lease_owner).where(_LEASED).distinct()
_BUSY = select(sites.c.host_key).where(_LEASED, sites.c.lease_owner.not_in(bindparam("gone", expanding=True)))
_ORDERED = select(sites.c.host_key).where(sites.c.id.in_(bindparam("besides", expanding=True)))
_HOST_KEY = select(sites.c.host_key).where(sites.c.id == bindparam("of_site"))
#: a site, and those of its host that are being visited
_OF_HOST = (
    select(sites)
    .where(
        sites.c.host_key == bindparam("host"), or_(sites.c.id == bindparam("of_site"), sites.c.lease_owner.is_not(None))
    )
    .order_by(sites.c.id)
    .with_for_update()
)
_LEASE = (
    update(sites)
    .where(sites.c.id == bindparam("of_site"))
    .values(fence=bindparam("fence"), lease_owner=bindparam("owner"), lease_until=bindparam("until"))
)
_TO_VISIT = (
    select(sites.c.id, sites.c.name, sites.c.host_key, sites.c.next_visit_at)
    .where(_DUE, sites.c.host_key.not_in(_BUSY), sites.c.host_key.not_in(_ORDERED))
    .order_by(sites.c.next_visit_at, sites.c.id)
    .limit(bindparam("most", type_=Integer))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to visit a site until a time; each write of the visit shows the fence."""

    site_id: int
    #: the process that holds it, in a form by which others can tell whether it lives
    owner: str
    #: higher than that of every lease on this site before
    fence: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A site that was claimed, as it stands now."""

    site: Site
    lease: Lease


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A site to visit now: as much of it as an order needs."""

    id: int
    name: str
    host_key: str
    next_visit_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The watched sites in figures."""

    sites: int
    paused: int
    #: sites that are being visited
    visiting: int
    #: the earliest of those that are not paused; None = there is none
    next_visit_at: datetime | None


def outlook(engine: Engine, now: datetime) -> Outlook:
    """How many sites there are, and when the next visit is due."""
    watched = sites.c.removed_at.is_(None)
    with reading(engine) as connection:
        counts = connection.execute(select(func.count(), func.count(sites.c.paused_at)).where(watched)).one()
        visiting = connection.scalar(select(func.count()).where(sites.c.lease_until > now))
        earliest = connection.scalar(
            select(sites.c.next_visit_at)
            .where(watched, sites.c.paused_at.is_(None), sites.c.next_visit_at.is_not(None))
            .order_by(sites.c.next_visit_at)
            .limit(1)
        )
    return Outlook(sites=counts[0], paused=counts[1], visiting=visiting or 0, next_visit_at=earliest)


def due(
    engine: Engine,
    now: datetime,
    limit: int,
    *,
    dead: Callable[[str], bool] = lambda owner: False,
    besides: Collection[int] = (),
) -> list[Due]:
    """At most `limit` sites to visit now, the longest overdue first, at most one of each host.

    Left out are paused and removed sites, every site of a host that is being visited, unless its visitor is `dead`,
    and every site of the hosts of the sites `besides`, which are ordered already. Asking claims nothing: of several
    processes that get the same answer, one gets the claim.
    """
    with reading(engine) as connection:
        # a tick a second mostly finds nothing: that is told by one look at an index
        if connection.execute(_ANY_DUE, {"now": now}).first() is None:
            return []
        owners = connection.scalars(_VISITORS, {"now": now}).all()
        gone = [owner for owner in owners if owner is not None and dead(owner)]
        values = {"now": now, "gone": gone, "besides": sorted(besides)}
        chosen = _first_of_each_host(connection, values, limit)
    return [Due(id=row.id, name=row.name, host_key=row.host_key, next_visit_at=row.next_visit_at) for row in chosen]


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
    with holding(engine) as connection:
        claimed = take(connection, site_id, owner=owner, now=now, ttl=ttl, dead=dead, only_if_due=only_if_due)
    return None if claimed is None else claimed.lease


def take(
    connection: Connection,
    site_id: int,
    *,
    owner: str,
    now: datetime,
    ttl: timedelta,
    dead: Callable[[str], bool],
    only_if_due: bool,
) -> Claimed | None:
    """What `claim` does, within a transaction that writes."""
    host_key = connection.scalar(_HOST_KEY, {"of_site": site_id})
    if host_key is None:
        return None
    queue_for_host(connection, host_key)
    rows = connection.execute(_OF_HOST, {"host": host_key, "of_site": site_id}).all()
    site = next(row for row in rows if row.id == site_id)
    if site.removed_at is not None or (only_if_due and not _is_due(site, now)):
        return None
    if any(_is_held(row, now, dead) for row in rows):
        return None
    if others := [row.id for row in rows if row.id != site_id]:
        # a holder that was only asleep must not renew beside the new one
        connection.execute(update(sites).where(sites.c.id.in_(others)).values(fence=sites.c.fence + 1, **NO_LEASE))
    lease = Lease(site_id=site_id, owner=owner, fence=site.fence + 1, until=now + ttl)
    connection.execute(_LEASE, {"of_site": site_id, "fence": lease.fence, "owner": owner, "until": lease.until})
    return Claimed(site=from_row(site), lease=lease)


def until(engine: Engine, site_id: int, *, now: datetime, dead: Callable[[str], bool]) -> datetime:
    """When the site can be claimed: now, or at the end of the lease of a visitor that is not `dead`."""
    with reading(engine) as connection:
        row = connection.execute(
            select(sites.c.lease_owner, sites.c.lease_until).where(sites.c.id == site_id)
        ).one_or_none()
    if row is None or row.lease_owner is None or row.lease_until <= now or dead(row.lease_owner):
        return now
    end: datetime = row.lease_until
    return end


def renew(engine: Engine, lease: Lease, now: datetime, ttl: timedelta) -> Lease:
    """The same lease until `now + ttl`. Raises LeaseLost if it was taken over, released or the site removed."""
    renewed = replace(lease, until=now + ttl)
    with holding(engine) as connection:
        done = connection.execute(update(sites).where(*_is_lease(lease)).values(lease_until=renewed.until))
        if done.rowcount == 0:
            raise LeaseLost("the lease has passed to another worker", subject=f"site {lease.site_id}")
    return renewed


def release(engine: Engine, lease: Lease) -> None:
    """The site is free for the next claim. Nothing happens if the lease is lost already."""
    with holding(engine) as connection:
        connection.execute(update(sites).where(*_is_lease(lease)).values(**NO_LEASE))


def queue_for_host(connection: Connection, host_key: str) -> None:
    """Claims on one host, and additions to it, go one after the other. On SQLite all writes do anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(host_key, 0))))


def _first_of_each_host(
    connection: Connection, values: Mapping[str, Any], limit: int
) -> Sequence[Row[*tuple[Any, ...]]]:
    """The first site to visit of each host; reads further only as far as it must."""
    size = 4 * limit
    while True:
        rows = connection.execute(_TO_VISIT, {**values, "most": size}).all()
        chosen = _first_by_host(rows)[:limit]
        if len(chosen) == limit or len(rows) < size:
            return chosen
        size *= 4


def _first_by_host(rows: Iterable[Row[*tuple[Any, ...]]]) -> list[Row[*tuple[Any, ...]]]:
    first: dict[str, Row[*tuple[Any, ...]]] = {}
    for row in rows:
        first.setdefault(row.host_key, row)
    return list(first.values())


def _is_due(row: Row[Any], now: datetime) -> bool:
    return row.paused_at is None and row.next_visit_at is not None and bool(row.next_visit_at <= now)


def _is_held(row: Row[Any], now: datetime, dead: Callable[[str], bool]) -> bool:
    return row.lease_owner is not None and bool(row.lease_until > now) and not dead(row.lease_owner)


def _is_lease(lease: Lease) -> tuple[Any, ...]:
    return sites.c.id == lease.site_id, sites.c.fence == lease.fence, sites.c.lease_owner == lease.owner
