"""The postings that appeared last and are still open, and those that closed last: what feeds show. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, func, literal, or_, select, text
from sqlalchemy.engine import Engine

from storage.contents import BODY
from storage.engine import reading
from storage.postings import StoredPosting, from_row
from storage.tables import events, postings, sites

#: openings and closings that are looked at: where something rare is asked for, what is older is not found
LOOKED_AT: Final = 1_500
#: how many of these are looked at first for each posting that is shown
_FEW: Final = 3

#: as SQLite needs it said to use the index on news: without parameters
APPEARED: Final = text("events.type = 'opened' AND events.baseline IS FALSE")


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
    looked_at: int = LOOKED_AT,
) -> list[Latest]:
    """The open postings that appeared last, newest first, at most `limit`, among the `looked_at` that did.

    `condition` is one on `postings`. What was there before anyone watched did not appear: it is left out unless
    `baseline`.
    """
    newest = _newest_open(site_id) if baseline else _newest_openings(site_id)
    with reading(engine) as connection:
        ids = _open_among(connection, newest.limit(min(_FEW * limit, looked_at)), limit, condition)
        if len(ids) < limit:
            ids = _open_among(connection, newest.limit(looked_at), limit, condition)
        shown = (
            select(postings, BODY, sites.c.name.label("site"))
            .join(sites, sites.c.id == postings.c.site_id)
            .where(postings.c.id.in_(ids))
        )
        rows = {row.id: row for row in connection.execute(shown)}
        touched = _touched(connection, ids)
    return [Latest(posting=from_row(rows[one]), updated=touched.get(one, rows[one].first_seen)) for one in ids]


def _open_among(
    connection: Connection, newest: Select[Any], limit: int, condition: ColumnElement[bool] | None
) -> Sequence[str]:
    """The ids of those that are open and meet the condition, in the order of `newest`."""
    few = newest.subquery()
    query = select(few.c.posting_id).join(postings, postings.c.id == few.c.posting_id).where(postings.c.state == "open")
    if condition is not None:
        query = query.where(condition)
    query = query.order_by(few.c.at.desc(), few.c.number.desc(), few.c.posting_id).limit(limit)
    return connection.scalars(query).all()


def _newest_openings(site_id: int | None) -> Select[Any]:
    """What appeared while someone watched, the last first."""
    query = select(events.c.posting_id, events.c.at, events.c.number).where(APPEARED)
    if site_id is not None:
        return query.where(events.c.site_id == site_id).order_by(events.c.number.desc())
    return query.order_by(events.c.at.desc(), events.c.number.desc())


def _newest_open(site_id: int | None) -> Select[Any]:
    """The open postings, the last found first."""
    query = select(
        postings.c.id.label("posting_id"), postings.c.first_seen.label("at"), literal(0).label("number")
    ).where(postings.c.state == "open")
    if site_id is not None:
        query = query.where(postings.c.site_id == site_id)
    return query.order_by(postings.c.first_seen.desc(), postings.c.id)


def closed(
    engine: Engine,
    limit: int,
    *,
    since: datetime,
    site_id: int | None = None,
    condition: ColumnElement[bool] | None = None,
    looked_at: int = LOOKED_AT,
) -> list[Closed]:
    """The postings that closed since then, the last first, at most `limit`, among the `looked_at` that did last.

    `condition` is one on `postings`.
    """
    everything = site_id is None and condition is None
    last = (
        select(postings.c.id, postings.c.site_id, postings.c.closed_recorded_at)
        .where(postings.c.state == "closed", postings.c.closed_recorded_at >= since)
        .order_by(postings.c.closed_recorded_at.desc(), postings.c.id)
        .limit(limit if everything else looked_at)
        .subquery()
    )
    query = (
        select(last.c.id, last.c.closed_recorded_at).order_by(last.c.closed_recorded_at.desc(), last.c.id).limit(limit)
    )
    if site_id is not None:
        query = query.where(last.c.site_id == site_id)
    if condition is not None:
        query = query.join(postings, postings.c.id == last.c.id).where(condition)
    with reading(engine) as connection:
        return [Closed(posting_id=row.id, at=row.closed_recorded_at) for row in connection.execute(query)]


def _touched(connection: Connection, ids: Sequence[str]) -> dict[str, datetime]:
    """When each posting last had an event that people are told of."""
    query = (
        select(events.c.posting_id, func.max(events.c.at).label("at"))
        .where(events.c.posting_id.in_(ids), or_(events.c.significance == "material", events.c.type != "changed"))
        .group_by(events.c.posting_id)
    )
    return {row.posting_id: row.at for row in connection.execute(query)}
