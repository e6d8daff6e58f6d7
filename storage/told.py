"""What an outlet was told about the jobs behind postings. Asked by the dispatcher before it alerts a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.engine import Engine

from storage.engine import reading
from storage.tables import deliveries, events, postings

#: as many values as go into one statement (SQLite's oldest limit is 999)
_CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """The posting of an event, and the postings that it is linked to."""

    number: int
    posting_id: str
    first_seen: datetime
    #: [{"id": "p_…", "link": "translation", "evidence": "…"}]
    links: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A posting that the outlet has heard of."""

    posting_id: str
    closed_at: datetime | None


def kin(engine: Engine, numbers: Sequence[int]) -> list[Kin]:
    """The postings of these events that are linked to others, in the order of the log."""
    found: list[Kin] = []
    with reading(engine) as connection:
        for start in range(0, len(numbers), _CHUNK):
            query = (
                select(events.c.number, postings.c.id, postings.c.first_seen, postings.c.links)
                .join(postings, postings.c.id == events.c.posting_id)
                .where(events.c.number.in_(numbers[start : start + _CHUNK]))
                .order_by(events.c.number)
            )
            found += [
                Kin(number=row.number, posting_id=row.id, first_seen=row.first_seen, links=tuple(row.links))
                for row in connection.execute(query)
                if row.links
            ]
    return found


def numbers(engine: Engine, wanted: Sequence[int]) -> dict[str, int]:
    """The first of these events of each posting, by posting."""
    found: dict[str, int] = {}
    with reading(engine) as connection:
        for start in range(0, len(wanted), _CHUNK):
            query = (
                select(events.c.posting_id, events.c.number)
                .where(events.c.number.in_(wanted[start : start + _CHUNK]))
                .order_by(events.c.number)
            )
            for row in connection.execute(query):
                found.setdefault(row.posting_id, row.number)
    return found


def told(engine: Engine, outlet_id: int, posting_ids: Sequence[str]) -> dict[str, Told]:
    """Those of these postings of which the outlet has accepted an event."""
    found: dict[str, Told] = {}
    with reading(engine) as connection:
        for start in range(0, len(posting_ids), _CHUNK):
            query = (
                select(postings.c.id, postings.c.closed_at)
                .join(events, events.c.posting_id == postings.c.id)
                .join(deliveries, deliveries.c.event == events.c.number)
                .where(
                    deliveries.c.outlet_id == outlet_id,
                    deliveries.c.status == "sent",
                    postings.c.id.in_(posting_ids[start : start + _CHUNK]),
                )
                .distinct()
            )
            for row in connection.execute(query):
                found[row.id] = Told(posting_id=row.id, closed_at=row.closed_at)
    return found


def kept_quiet(engine: Engine, outlet_id: int, posting_ids: Sequence[str]) -> frozenset[str]:
    """Those of these postings of which the outlet has heard only under others: their own events were settled unsent."""
    found: set[str] = set()
    with reading(engine) as connection:
        for start in range(0, len(posting_ids), _CHUNK):
            query = (
                select(events.c.posting_id)
                .join(deliveries, deliveries.c.event == events.c.number)
                .where(
                    deliveries.c.outlet_id == outlet_id,
                    deliveries.c.status == "sent",
                    events.c.posting_id.in_(posting_ids[start : start + _CHUNK]),
                )
                .group_by(events.c.posting_id)
                .having(func.count() == func.count(deliveries.c.error))
            )
            found |= set(connection.execute(query).scalars())
    return frozenset(found)


def told_alone(engine: Engine, outlet_id: int, posting_id: str) -> bool:
    """Whether the outlet has accepted the opening of this posting in a message about nothing else."""
    first = (
        select(deliveries.c.last_attempt_at)
        .join(events, events.c.number == deliveries.c.event)
        .where(
            deliveries.c.outlet_id == outlet_id,
            deliveries.c.status == "sent",
            deliveries.c.error.is_(None),
            events.c.posting_id == posting_id,
        )
        .order_by(events.c.number)
        .limit(1)
    )
    with reading(engine) as connection:
        at = connection.execute(first).scalar()
        if at is None:
            return False
        # what goes out in one message is settled at one time
        together = select(func.count()).where(
            deliveries.c.outlet_id == outlet_id,
            deliveries.c.status == "sent",
            deliveries.c.error.is_(None),
            deliveries.c.last_attempt_at == at,
        )
        return int(connection.execute(together).scalar_one()) == 1
