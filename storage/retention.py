"""What is no longer kept, and how it goes: a few hundred rows at a time, each batch a transaction of its own.

Events, postings and their keys are kept for ever. What goes by age is the raw evidence of events, visits in which
nothing happened, deliveries that were accepted, and whole responses. The tasks follow the log of events, or the visits
in their order, and remember in the database how far they have come; so each row is looked at once, a batch that was
cut off counts not at all, and several services share the work instead of repeating it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, CursorResult, Row, and_, delete, exists, func, or_, select, update
from sqlalchemy.engine import Engine

from postings.visits import MOST_SECONDS
from storage import responses
from storage.engine import reading, writing
from storage.tables import (
    deliveries,
    events,
    installation,
    kept_responses,
    kept_visits,
    maintenance,
    outlets,
    postings,
    raw_postings,
    robots,
    visits,
)
from storage.upserts import insert_missing

#: rows that one batch looks at: it takes some ten milliseconds, during which no visit can write to SQLite
BATCH: Final = 200

#: robots.txt answers count for at most 24 hours (RFC 9309 §2.4)
_ROBOTS: Final = timedelta(days=1)

#: a visit that has not ended by then never will: its process died
_NO_VISIT_LASTS: Final = timedelta(seconds=MOST_SECONDS, hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """How long things are kept. None = for ever."""

    #: JobPostings as they stood in their pages, after a newer one took their place or their posting closed
    evidence: timedelta | None = timedelta(days=365)
    #: visits in which nothing happened, since they began
    visits: timedelta | None = timedelta(days=365)
    #: deliveries that were accepted, after their posting closed
    deliveries: timedelta | None = timedelta(days=90)
    #: whole responses, after their visit began; no time at all = they are not kept any more, and all go
    responses: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one batch did."""

    #: what went, by the words for it
    gone: Mapping[str, int] = field(default_factory=dict)
    #: nothing is left to do
    done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """What one batch did, and where the next one goes on."""

    position: Any = None
    gone: Mapping[str, int] = field(default_factory=dict)
    done: bool


_Task = Callable[[Connection, Any, Keep, datetime], _Step]


def due(engine: Engine, now: datetime, every: timedelta) -> list[str]:
    """The tasks that have not been done for that long, in the order in which they are done."""
    with reading(engine) as conn:
        done = dict(conn.execute(select(maintenance.c.task, maintenance.c.done_at)).all())
    return [task for task in TASKS if not was_done(done.get(task), now, every)]


def was_done(at: datetime | None, now: datetime, every: timedelta) -> bool:
    """Whether a task that was last done at that time need not be done yet; a time to come is a clock that went back."""
    return at is not None and at <= now < at + every


def batch(engine: Engine, task: str, keep: Keep, now: datetime, *, every: timedelta) -> Batch:
    """The next batch of one of `TASKS`, if nobody else is at it or has done it since `every`. Raises DatabaseError."""
    with writing(engine) as conn:
        insert_missing(conn, maintenance, [{"task": task}])
        row = conn.execute(
            select(maintenance).where(maintenance.c.task == task).with_for_update(skip_locked=True)
        ).one_or_none()
        if row is None or was_done(row.done_at, now, every):
            return Batch(done=True)
        step = TASKS[task](conn, row.position, keep, now)
        values: dict[str, Any] = {"position": step.position}
        if step.done:
            values["done_at"] = now
        conn.execute(update(maintenance).where(maintenance.c.task == task).values(values))
    return Batch(gone=step.gone, done=step.done)


# --- along the log of events


def _drop_evidence(conn: Connection, position: Any, keep: Keep, now: datetime) -> _Step:
    """The JobPostings that old changes and closings have left behind.

    What a posting said last stays as long as it is open, and that long after it closed.
    """
    if keep.evidence is None:
        return _Step(position=position, done=True)
    # no event that needs a JobPosting comes in between
    last = conn.execute(select(installation.c.last_event).with_for_update()).scalar_one()
    until = now - keep.evidence
    moved, touched = _next_events(conn, position or 0, last, until)
    old = set(
        conn.scalars(
            select(events.c.raw_hash).where(
                events.c.posting_id.in_(touched), events.c.raw_hash.is_not(None), events.c.at < until
            )
        )
    )
    going = sorted(old - _needed(conn, old, until))
    gone = 0
    for start in range(0, len(going), BATCH):
        gone += conn.execute(delete(raw_postings).where(raw_postings.c.hash.in_(going[start : start + BATCH]))).rowcount
    return _Step(position=moved, gone=_counted("JobPostings", gone), done=not touched)


def _needed(conn: Connection, hashes: Collection[str], until: datetime) -> set[str]:
    """Those that still prove something, or did until a time after `until`: of any posting, for two may say the same."""
    newer = events.alias()
    newest = (
        select(func.max(newer.c.number))
        .where(newer.c.posting_id == events.c.posting_id, newer.c.raw_hash.is_not(None), newer.c.at < until)
        .correlate(events)
        .scalar_subquery()
    )
    lives = or_(postings.c.state == "open", postings.c.closed_recorded_at >= until)
    says_it = or_(events.c.number == newest, postings.c.raw_hash == events.c.raw_hash)
    needed = select(events.c.raw_hash).join(postings, postings.c.id == events.c.posting_id)
    found: set[str] = set()
    every = sorted(hashes)
    for start in range(0, len(every), BATCH):
        some = every[start : start + BATCH]
        found |= set(
            conn.scalars(needed.where(events.c.raw_hash.in_(some), or_(events.c.at >= until, and_(lives, says_it))))
        )
    return found


def _drop_deliveries(conn: Connection, position: Any, keep: Keep, now: datetime) -> _Step:
    """What was accepted of postings that closed long ago. What was given up stays: a person may send it again.

    As long as a posting is open, its deliveries tell who has heard of the job.
    """
    if keep.deliveries is None:
        return _Step(position=position, done=True)
    until = now - keep.deliveries
    last = conn.execute(select(installation.c.last_event)).scalar_one()
    moved, touched = _next_events(conn, position or 0, last, until)
    closed = select(postings.c.id).where(
        postings.c.id.in_(touched), postings.c.state == "closed", postings.c.closed_recorded_at < until
    )
    over = select(events.c.number).where(events.c.posting_id.in_(closed)).scalar_subquery()
    gone = 0
    for outlet in conn.execute(select(outlets.c.id, outlets.c.cursor)).all():
        gone += conn.execute(
            delete(deliveries).where(
                deliveries.c.outlet_id == outlet.id,
                deliveries.c.event.in_(over),
                deliveries.c.event <= outlet.cursor,
                deliveries.c.status == "sent",
            )
        ).rowcount
    return _Step(position=moved, gone=_counted("deliveries", gone), done=not touched)


def _next_events(conn: Connection, position: int, last: int, until: datetime) -> tuple[int, set[str]]:
    """The postings of the next events that were recorded before `until`, and the number of the last of them.

    Events are numbered in the order in which they were recorded, so the first that is too young ends it.
    """
    rows = conn.execute(
        select(events.c.number, events.c.at, events.c.posting_id)
        .where(events.c.number > position, events.c.number <= min(position + BATCH, last))
        .order_by(events.c.number)
    ).all()
    touched: set[str] = set()
    for row in rows:
        if row.at >= until:
            break
        position = row.number
        touched.add(row.posting_id)
    return position, touched


# --- along the visits


def _drop_responses(conn: Connection, position: Any, keep: Keep, now: datetime) -> _Step:
    """Responses of old visits, but for the newest answer of each request: later visits rest on it."""
    if keep.responses is None:
        return _Step(position=position, done=True)
    if conn.execute(select(kept_responses.c.visit_id).limit(1)).first() is None:
        return _Step(done=True)
    if not keep.responses:
        return _drop_all_responses(conn, now)
    if position is None:
        position = _first_kept(conn)
    visit = _visits_after(conn, position, now - keep.responses, limit=1, unfinished=not position["whole"]).first()
    if visit is None or not _is_over(visit, now):
        return _Step(position=position, done=True)
    # a visit is kept whole or not at all
    conn.execute(delete(kept_visits).where(kept_visits.c.visit_id == visit.id))
    first = position["number"] if visit.id == position["visit"] and not position["whole"] else 0
    gone, number = responses.forget(conn, visit.id, first, BATCH)
    place = _place(visit) | {"whole": number is None, "number": number}
    return _Step(position=place, gone=_counted("responses", gone), done=False)


def _first_kept(conn: Connection) -> dict[str, Any]:
    kept = select(kept_responses.c.visit_id).distinct()
    query = select(visits.c.id, visits.c.started_at).where(visits.c.id.in_(kept))
    first = conn.execute(query.order_by(visits.c.started_at, visits.c.id).limit(1)).one()
    return {"at": first.started_at.isoformat(), "visit": first.id, "whole": False, "number": 0}


def _drop_all_responses(conn: Connection, now: datetime) -> _Step:
    """They are not kept any more."""
    rows = conn.execute(
        select(kept_responses.c.visit_id, kept_responses.c.number)
        .join(visits, visits.c.id == kept_responses.c.visit_id)
        .where(or_(visits.c.ended_at.is_not(None), visits.c.started_at < now - _NO_VISIT_LASTS))
        .order_by(kept_responses.c.visit_id, kept_responses.c.number)
        .limit(BATCH)
    ).all()
    conn.execute(delete(kept_visits).where(kept_visits.c.visit_id.in_({row.visit_id for row in rows})))
    gone = responses.drop(conn, [(row.visit_id, row.number) for row in rows])
    return _Step(gone=_counted("responses", gone), done=len(rows) < BATCH)


def _drop_visits(conn: Connection, position: Any, keep: Keep, now: datetime) -> _Step:
    """Old visits that no event and no kept response names, but for what the next visit of their site looks back to."""
    if keep.visits is None:
        return _Step(position=position, done=True)
    until = now - max(keep.visits, keep.responses or timedelta(0), _NO_VISIT_LASTS)
    rows = _visits_after(conn, position, until, limit=BATCH).all()
    if not rows:
        return _Step(position=position, done=True)
    later = visits.alias()
    newer = exists().where(later.c.site_id == visits.c.site_id, later.c.started_at > visits.c.started_at)
    going = delete(visits).where(
        visits.c.id.in_([row.id for row in rows]),
        newer.where(later.c.ended_at.is_not(None)),
        or_(visits.c.outcome.is_(None), visits.c.outcome != "complete", newer.where(later.c.outcome == "complete")),
        ~exists().where(events.c.visit_id == visits.c.id),
        ~exists().where(kept_responses.c.visit_id == visits.c.id),
        ~exists().where(kept_visits.c.visit_id == visits.c.id),
    )
    gone = conn.execute(going).rowcount
    return _Step(position=_place(rows[-1]), gone=_counted("visits", gone), done=False)


def _visits_after(
    conn: Connection, position: Any, until: datetime, *, limit: int, unfinished: bool = False
) -> CursorResult[Any]:
    """The next visits in the order of their beginnings, those before `until`; with the last one if `unfinished`."""
    query = select(visits.c.id, visits.c.started_at, visits.c.ended_at).where(visits.c.started_at < until)
    if position is not None:
        at, here = datetime.fromisoformat(position["at"]), visits.c.id
        rest = here >= position["visit"] if unfinished else here > position["visit"]
        query = query.where(visits.c.started_at >= at, or_(visits.c.started_at > at, rest))
    return conn.execute(query.order_by(visits.c.started_at, visits.c.id).limit(limit))


def _place(visit: Row[Any]) -> dict[str, Any]:
    return {"at": visit.started_at.isoformat(), "visit": visit.id}


def _is_over(visit: Row[Any], now: datetime) -> bool:
    return visit.ended_at is not None or bool(visit.started_at < now - _NO_VISIT_LASTS)


# --- answers of robots.txt


def _drop_robots(conn: Connection, position: Any, _keep: Keep, now: datetime) -> _Step:
    """Answers that count no more."""
    query = select(robots.c.origin).where(robots.c.origin > (position or "")).order_by(robots.c.origin).limit(BATCH)
    origins = conn.scalars(query).all()
    gone = conn.execute(
        delete(robots).where(robots.c.origin.in_(origins), robots.c.fetched_at < now - _ROBOTS)
    ).rowcount
    done = len(origins) < BATCH
    return _Step(position=None if done else origins[-1], gone=_counted("robots.txt answers", gone), done=done)


def _counted(what: str, number: int) -> dict[str, int]:
    return {what: number} if number else {}


#: what is done, in this order: a visit whose responses are kept is kept too
TASKS: Final[Mapping[str, _Task]] = {
    "responses": _drop_responses,
    "visits": _drop_visits,
    "evidence": _drop_evidence,
    "deliveries": _drop_deliveries,
    "robots": _drop_robots,
}
