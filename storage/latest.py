"""The postings that appeared last and are still open, and those that closed last: what feeds show. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select, text
from sqlalchemy.engine import Engine

from storage.engine import reading
from storage.postings import StoredPosting, from_row
from storage.tables import events, postings, sites

#: as SQLite needs it said to use the index on news: without parameters
_APPEARED = text("events.type = 'opened' AND events.baseline IS FALSE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """An open posting, and when what a person sees of it changed last."""

    posting: StoredPosting
    updated: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A posting that is closed."""

    posting_id: str
    at: datetime


def newest_event(engine: Engine, site_id: int | None = None) -> tuple[int, datetime] | None:
    """The number and the time of the newest event, of one site if `site_id` is given; None if there is none."""
    query = select(events.c.number, events.c.at).order_by(events.c.number.desc()).limit(1)
    if site_id is not None:
        query = query.where(events.c.site_id == site_id)
    with reading(engine) as connection:
        row = connection.execute(query).one_or_none()
    return (row.number, row.at) if row else None


def appeared(
    engine: Engine,
    limit: int,
    *,
    site_id: int | None = None,
    condition: ColumnElement[bool] | None = None,
    baseline: bool = False,
) -> list[Latest]:
    """The open postings that appeared last, newest first, at most `limit`.

    `condition` is one on `postings`. What was there before anyone watched did not appear: it is left out unless
    `baseline`.
    """
    query = (
        select(postings, sites.c.name.label("site"))
        .join(sites, sites.c.id == postings.c.site_id)
        .where(postings.c.state == "open")
        .limit(limit)
    )
    if baseline:
        query = query.order_by(postings.c.first_seen.desc(), postings.c.id)
    else:
        query = (
            query.join(events, events.c.posting_id == postings.c.id).where(_APPEARED).order_by(events.c.number.desc())
        )
    with reading(engine) as connection:
        rows = connection.execute(_only(query, site_id, condition)).all()
        touched = _touched(connection, [row.id for row in rows])
    return [Latest(posting=from_row(row), updated=touched.get(row.id, row.first_seen)) for row in rows]


def closed(
    engine: Engine,
    limit: int,
    *,
    since: datetime,
    site_id: int | None = None,
    condition: ColumnElement[bool] | None = None,
) -> list[Closed]:
    """The postings that closed since then, the last first, at most `limit`; `condition` is one on `postings`."""
    query = (
        select(postings.c.id, postings.c.closed_recorded_at)
        .where(postings.c.state == "closed", postings.c.closed_recorded_at >= since)
        .order_by(postings.c.closed_recorded_at.desc(), postings.c.id)
        .limit(limit)
    )
    with reading(engine) as connection:
        return [
            Closed(posting_id=row.id, at=row.closed_recorded_at)
            for row in connection.execute(_only(query, site_id, condition))
        ]


def _only(query: Select[Any], site_id: int | None, condition: ColumnElement[bool] | None) -> Select[Any]:
    if site_id is not None:
        query = query.where(postings.c.site_id == site_id)
    return query if condition is None else query.where(condition)


def _touched(connection: Connection, ids: Sequence[str]) -> dict[str, datetime]:
    """When each posting last had an event that people are told of."""
    query = (
        select(events.c.posting_id, func.max(events.c.at).label("at"))
        .where(events.c.posting_id.in_(ids), or_(events.c.significance == "material", events.c.type != "changed"))
        .group_by(events.c.posting_id)
    )
    return {row.posting_id: row.at for row in connection.execute(query)}
