"""The visits as they are kept and shown. Read by the command line and the pages; written by the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, or_, select
from sqlalchemy.engine import Engine

from postings.errors import NotFoundError
from postings.visits import Outcome, VisitSummary
from storage.engine import can_hold, reading
from storage.tables import sites, visits


def find(engine: Engine, visit_id: str) -> VisitSummary:
    """The visit of that id. Raises NotFoundError."""
    if can_hold(visit_id):
        with reading(engine) as connection:
            row = connection.execute(summaries().where(visits.c.id == visit_id)).one_or_none()
        if row is not None:
            return from_row(row)
    raise NotFoundError("there is no visit of this id", subject=visit_id)


def recent(
    engine: Engine, site_id: int | None, limit: int, *, before: tuple[datetime, str] | None = None
) -> list[VisitSummary]:
    """The last `limit` visits of a site, or of all sites; the newest first.

    `before` is when a visit began, and its id: only older ones than that.
    """
    query = summaries().order_by(visits.c.started_at.desc(), visits.c.id.desc()).limit(limit)
    if before is not None:
        began, visit_id = before
        query = query.where(visits.c.started_at <= began, or_(visits.c.started_at < began, visits.c.id < visit_id))
    if site_id is not None:
        query = query.where(visits.c.site_id == site_id)
    with reading(engine) as connection:
        return [from_row(row) for row in connection.execute(query)]


def last_begun(engine: Engine) -> datetime | None:
    """When the newest of all visits began; None if there was none."""
    with reading(engine) as connection:
        began: datetime | None = connection.execute(select(func.max(visits.c.started_at))).scalar_one()
    return began


def from_row(row: Row[Any]) -> VisitSummary:
    """The visit that a row of `visits` with its `site` (the name) describes."""
    return VisitSummary(
        id=row.id,
        site=row.site,
        started_at=row.started_at,
        ended_at=row.ended_at,
        outcome=None if row.outcome is None else Outcome(row.outcome),
        reason=row.reason,
        baseline=row.baseline,
        listed=row.listed,
        read=row.read,
        unreadable=row.unreadable,
        opened=row.opened,
        changed=row.changed,
        closed=row.closed,
        reopened=row.reopened,
        requests=row.requests,
        answers=row.answers,
        not_modified=row.not_modified,
        bytes=row.bytes,
        seconds=0.0 if row.ended_at is None else (row.ended_at - row.started_at).total_seconds(),
        notes=tuple(row.notes),
    )


def summaries() -> Select[Any]:
    """The rows that `from_row` takes."""
    return select(visits, sites.c.name.label("site")).join(sites, sites.c.id == visits.c.site_id)
