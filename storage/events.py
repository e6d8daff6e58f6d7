"""The event log, read in order. Every output is a cursor over it; the ledger writes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, Text, case, cast, func, select
from sqlalchemy.engine import Engine

from postings.events import Event, EventType, Evidence, Significance
from storage.contents import TOLD, record_told
from storage.engine import reading
from storage.tables import events, installation, sites

#: the highest number that the column can hold
HIGHEST: Final = 2**63 - 1

#: as many values as go into one statement (SQLite's oldest limit is 999)
_CHUNK: Final = 500


def after(engine: Engine, number: int, limit: int, *, site_id: int | None = None) -> list[Event]:
    """The next `limit` events after `number` (0 = from the first), in order; of one site if `site_id` is given."""
    query = _log().where(events.c.number > min(number, HIGHEST)).limit(limit)
    if site_id is not None:
        query = query.where(events.c.site_id == site_id)
    with reading(engine) as connection:
        return [from_row(row) for row in connection.execute(query)]


def before(
    engine: Engine,
    number: int,
    limit: int,
    *,
    down_to: int = 0,
    types: Sequence[EventType] = (),
    site_id: int | None = None,
) -> list[Event]:
    """The `limit` newest events before `number`, newest first, but none up to `down_to`.

    Of some types and of one site only, if they are given.
    """
    wanted = [events.c.number < min(number, HIGHEST), events.c.number > down_to]
    if types:
        wanted.append(events.c.type.in_(types))
    if site_id is not None:
        wanted.append(events.c.site_id == site_id)
    query = _log().where(*wanted).order_by(None).order_by(events.c.number.desc()).limit(limit)
    with reading(engine) as connection:
        return [from_row(row) for row in connection.execute(query)]


def of_numbers(engine: Engine, numbers: Sequence[int]) -> list[Event]:
    """The events of these numbers, in order; those that are not there are left out."""
    found: list[Event] = []
    with reading(engine) as connection:
        for start in range(0, len(numbers), _CHUNK):
            query = _log().where(events.c.number.in_(numbers[start : start + _CHUNK]))
            found += [from_row(row) for row in connection.execute(query)]
    return sorted(found, key=lambda event: event.number)


def last(engine: Engine) -> int:
    """The number of the newest event; 0 if there is none."""
    with reading(engine) as connection:
        number: int = connection.execute(select(installation.c.last_event)).scalar_one()
    return number


def last_until(engine: Engine, site_id: int, at: datetime) -> int:
    """The number of the newest event of a site that was recorded by then; 0 if there is none."""
    query = select(func.max(events.c.number)).where(events.c.site_id == site_id, events.c.at <= at)
    with reading(engine) as connection:
        number: int | None = connection.execute(query).scalar_one()
    return number or 0


def of_posting(engine: Engine, posting_id: str, *, newest: int | None = None, before: int | None = None) -> list[Event]:
    """The life of a posting, in order: all of it, or its `newest` events, before event number `before` if that is
    given."""
    query = _log().where(events.c.posting_id == posting_id)
    if before is not None:
        query = query.where(events.c.number < min(before, HIGHEST))
    if newest is not None:
        query = query.order_by(None).order_by(events.c.number.desc()).limit(newest)
    with reading(engine) as connection:
        found = [from_row(row) for row in connection.execute(query)]
    return found if newest is None else found[::-1]


def count_of_posting(engine: Engine, posting_id: str, before: int) -> int:
    """How many events a posting has before number `before`."""
    query = select(func.count()).where(events.c.posting_id == posting_id, events.c.number < before)
    with reading(engine) as connection:
        return int(connection.execute(query).scalar_one())


def versions_of_posting(engine: Engine, posting_id: str, before: int) -> int:
    """How many versions (`postings.versions`) a posting has before event number `before`."""
    # only of what came back is it looked up whether that changed anything: changes are long
    changed = case((events.c.type == "reopened", cast(events.c.changes, Text) != "{}"), else_=events.c.type != "closed")
    query = select(func.count()).where(events.c.posting_id == posting_id, events.c.number < before, changed)
    with reading(engine) as connection:
        return int(connection.execute(query).scalar_one())


def from_row(row: Row[Any]) -> Event:
    """The event that a row of `events` with its `site` (the name) describes."""
    proof = row.evidence
    return Event(
        number=row.number,
        type=EventType(row.type),
        site=row.site,
        visit=row.visit_id,
        posting_id=row.posting_id,
        at=row.at,
        record=record_told(row),
        baseline=row.baseline,
        reason=row.reason,
        changes=row.changes,
        significance=Significance(row.significance),
        evidence=Evidence(
            url=proof["url"], status=proof["status"], at=datetime.fromisoformat(proof["at"]), rule=proof["rule"]
        ),
    )


def _log() -> Select[Any]:
    # outer, though each has a site: SQLite would else read the log of one site after the other, and sort them all
    return (
        select(events, TOLD, sites.c.name.label("site"))
        .outerjoin(sites, sites.c.id == events.c.site_id)
        .order_by(events.c.number)
    )
