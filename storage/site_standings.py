"""How the watched sites stand, for `hirewatch status`: a few queries whatever their number, or a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, or_, select
from sqlalchemy.engine import Engine

from postings.sites import Site
from postings.visits import VisitSummary
from storage.engine import reading
from storage.site_pages import needs_a_person, newest_visits
from storage.site_rows import from_row
from storage.tables import hosts, postings, sites

#: sites that are read at a time
_BATCH: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteStanding:
    """How a site stands."""

    site: Site
    #: its newest one, which may be running; None if it was never visited
    visit: VisitSummary | None
    #: its postings by state
    open: int
    closed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """How many there are."""

    #: sites that are watched; `paused` of them are paused, and `visited` have had a complete visit
    sites: int
    paused: int
    visited: int
    #: numbers of those that a person has to look at (`postings.wording.attention`), by name
    needing: tuple[int, ...]
    #: postings that are open on them
    open: int


def totals(engine: Engine) -> Totals:
    """The numbers of this moment."""
    watched = sites.c.removed_at.is_(None)
    with reading(engine) as connection:
        row = connection.execute(
            select(
                func.count().label("sites"),
                func.count(sites.c.paused_at).label("paused"),
                func.count().filter(sites.c.baseline_done).label("visited"),
                func.coalesce(func.sum(sites.c.open), 0).label("open"),
            ).where(watched)
        ).one()
        needing = connection.scalars(select(sites.c.id).where(watched, needs_a_person()).order_by(sites.c.name))
        return Totals(
            sites=row.sites,
            paused=row.paused,
            visited=row.visited,
            needing=tuple(needing),
            open=row.open,
        )


def every(engine: Engine, *, batch: int = _BATCH) -> Iterator[SiteStanding]:
    """All watched sites by name, `batch` at a time; each batch is a snapshot of its own."""
    watched = select(sites).where(sites.c.removed_at.is_(None)).order_by(sites.c.name).limit(batch)
    after = ""
    while True:
        with reading(engine) as connection:
            found = [from_row(row) for row in connection.execute(watched.where(sites.c.name > after))]
            standings = _standings(connection, found)
        yield from standings
        if len(found) < batch:
            return
        after = found[-1].name


def of(engine: Engine, ids: Sequence[int]) -> list[SiteStanding]:
    """These sites, in this order; one that is not watched any more is left out."""
    query = select(sites).where(sites.c.id.in_(ids), sites.c.removed_at.is_(None))
    with reading(engine) as connection:
        found = {row.id: from_row(row) for row in connection.execute(query)}
        return _standings(connection, [found[id_] for id_ in ids if id_ in found])


def overdue(engine: Engine, now: datetime) -> timedelta:
    """For how long the first of the visits has been due that could have begun: nobody paused its site or is there, and
    its host does not rest. Zero if there is none."""
    resting = select(hosts.c.name).where(hosts.c.rests_until > now)
    query = select(func.min(sites.c.next_visit_at)).where(
        sites.c.next_visit_at <= now,
        sites.c.removed_at.is_(None),
        sites.c.paused_at.is_(None),
        or_(sites.c.lease_until.is_(None), sites.c.lease_until <= now),
        sites.c.host_key.not_in(resting),
    )
    with reading(engine) as connection:
        first = connection.execute(query).scalar_one()
    return timedelta(0) if first is None else now - first


def _standings(connection: Connection, found: Sequence[Site]) -> list[SiteStanding]:
    ids = [site.id for site in found]
    newest = newest_visits(connection, ids)
    query = (
        select(postings.c.site_id, postings.c.state, func.count())
        .where(postings.c.site_id.in_(ids))
        .group_by(postings.c.site_id, postings.c.state)
    )
    counts = {(site_id, state): int(count) for site_id, state, count in connection.execute(query)}
    return [
        SiteStanding(
            site=site,
            visit=newest.get(site.id),
            open=counts.get((site.id, "open"), 0),
            closed=counts.get((site.id, "closed"), 0),
        )
        for site in found
    ]
