"""What a suspect visit held back, and a person's word that it is true. For the command line and the pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Row, Select, or_, select, update
from sqlalchemy.engine import Engine

from postings.digests import may_be_among
from postings.errors import NotFoundError, UsageError
from postings.sites import Acceptance, Health
from postings.visits import Outcome, VisitSummary
from storage import site_rows
from storage.contents import BODY
from storage.engine import reading, writing
from storage.postings import BATCH, StoredPosting, from_row
from storage.tables import postings, sites, visits
from storage.visits import from_row as visit_from_row
from storage.visits import summaries


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """What the newest visit in a row saw, suspect or told that the site is gone, and nobody believes yet."""

    visit: VisitSummary
    #: the first of them
    since: datetime
    #: when a person accepted it; None if nobody did
    accepted_at: datetime | None
    #: the open postings that it did not find, by id: all, or the first of them
    postings: tuple[StoredPosting, ...]
    #: how many there are
    count: int
    #: the site itself says that it is gone
    whole_site: bool = False

    @property
    def suspicion(self) -> str:
        """Why it is not believed, without what follows from that."""
        return (self.visit.reason or "no reason was kept").partition("; looking again")[0]


def held_back(engine: Engine, site_id: int, *, most: int | None = None) -> HeldBack | None:
    """What is held back of a site; None if its visits are believed. `most`: with so many of the postings, not all."""
    with reading(engine) as connection:
        row = connection.execute(select(sites).where(sites.c.id == site_id)).one()
        return _held_back(connection, row, site_rows.read_health(row.health), most)


def accept(
    engine: Engine, site_id: int, now: datetime, *, dead: Callable[[str], bool] = lambda owner: False
) -> HeldBack:
    """A person accepts what the last visit saw, suspect or told that the site is gone; the site is due at once, unless
    it is paused.

    Nothing closes by it: the next complete visit that misses the same postings is believed, and closes them by the
    rules (C.5). One that finds them contradicts the person, and stands. Accepting twice is accepting once. Raises
    UsageError, which says what to do, where nothing is held back or while the site is being visited by an owner who
    is not `dead`.
    """
    with writing(engine) as connection:
        row = connection.execute(
            select(sites).where(sites.c.id == site_id, sites.c.removed_at.is_(None)).with_for_update()
        ).one_or_none()
        if row is None:
            raise NotFoundError(
                "no site of this number is watched",
                subject=f"site {site_id}",
                remedy="`hirewatch sites list` shows the sites that are",
            )
        if row.lease_owner is not None and row.lease_until > now and not dead(row.lease_owner):
            raise UsageError(
                "is being visited at this moment, and what this visit sees counts",
                subject=row.name,
                remedy=f"wait for its end, then look again with `hirewatch sites show {row.name}`",
            )
        health = site_rows.read_health(row.health)
        held = _held_back(connection, row, health)
        if held is None:
            raise _nothing_held_back(connection, row)
        if held.accepted_at is not None:
            return held
        accepted = Acceptance(at=now, gone_digest=None if held.whole_site else health.suspects[-1][1])
        connection.execute(
            update(sites)
            .where(sites.c.id == site_id)
            .values(
                health=site_rows.health_json(replace(health, accepted=accepted)),
                next_visit_at=None if row.paused_at is not None else now,
            )
        )
        return replace(held, accepted_at=now)


def _held_back(
    connection: Connection, row: Row[tuple[object, ...]], health: Health, most: int | None = None
) -> HeldBack | None:
    if health.gone_since is not None:
        return _gone(connection, row, health, health.gone_since, most)
    if not health.suspects:
        return None
    visit = _newest(connection, row.id, Outcome.SUSPECT)
    if visit is None:
        return None
    digest = health.suspects[-1][1]
    unseen = connection.scalars(
        _open(row.id).where(
            postings.c.last_seen < visit.started_at,
            or_(postings.c.valid_until.is_(None), postings.c.valid_until > visit.started_at),
        )
    )
    ids = [one for one in unseen if may_be_among(one, digest)]
    return HeldBack(
        visit=visit,
        since=health.suspects[0][0],
        accepted_at=health.accepted.at if health.accepted and health.accepted.gone_digest == digest else None,
        postings=_read(connection, ids[:most]),
        count=len(ids),
    )


def _gone(
    connection: Connection, row: Row[tuple[object, ...]], health: Health, since: datetime, most: int | None
) -> HeldBack | None:
    """A site whose visits are told that it is gone; all that is open would close."""
    visit = _newest(connection, row.id, Outcome.FAILED)
    if visit is None:
        return None
    ids = connection.scalars(_open(row.id)).all()
    return HeldBack(
        visit=visit,
        since=since,
        accepted_at=health.accepted.at if health.accepted and health.accepted.gone_digest is None else None,
        postings=_read(connection, ids[:most]),
        count=len(ids),
        whole_site=True,
    )


def _open(site_id: int) -> Select[str]:
    return (
        select(postings.c.id).where(postings.c.site_id == site_id, postings.c.state == "open").order_by(postings.c.id)
    )


def _read(connection: Connection, ids: Sequence[str]) -> tuple[StoredPosting, ...]:
    found: list[StoredPosting] = []
    for start in range(0, len(ids), BATCH):
        query = (
            select(postings, BODY, sites.c.name.label("site"))
            .join(sites, sites.c.id == postings.c.site_id)
            .where(postings.c.id.in_(ids[start : start + BATCH]))
            .order_by(postings.c.id)
        )
        found += [from_row(row) for row in connection.execute(query)]
    return tuple(found)


def _newest(connection: Connection, site_id: int, outcome: Outcome | None = None) -> VisitSummary | None:
    query = summaries().where(visits.c.site_id == site_id, visits.c.outcome.is_not(None))
    if outcome is not None:
        query = query.where(visits.c.outcome == str(outcome))
    row = connection.execute(query.order_by(visits.c.started_at.desc(), visits.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else visit_from_row(row)


def _nothing_held_back(connection: Connection, row: Row[tuple[object, ...]]) -> UsageError:
    visit = _newest(connection, row.id)
    if visit is None:
        return UsageError(
            "has not been visited yet, so there is nothing to accept",
            subject=row.name,
            remedy=f"visit it with `hirewatch visit {row.name}`",
        )
    why = f" ({visit.reason})" if visit.reason else ""
    if visit.outcome is Outcome.COMPLETE:
        return UsageError(
            "has nothing to accept: its last visit was complete and is believed",
            subject=row.name,
            remedy=f"`hirewatch sites show {row.name}` says how it stands",
        )
    return UsageError(
        f"has nothing to accept: its last visit was {visit.outcome}{why} and says nothing of what is gone",
        subject=row.name,
        remedy=f"visit it again with `hirewatch visit {row.name}`",
    )
