"""An event log written row by row: delivery does not care how the ledger decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Engine

from delivery.outlets import Batch
from postings.events import Event, EventType, Evidence, Significance
from postings.posting import Location, Organization, Posting
from postings.record import Standing, body, instant, record
from storage import tables
from storage.engine import writing

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def posting_record(number: int, **fields: Any) -> dict[str, Any]:
    """The record of an invented posting."""
    posting = Posting(
        title=f"Welder {number}",
        url=f"https://acme.example/jobs/{number}",
        organization=Organization(name="Acme"),
        locations=(Location(locality="Berlin", country="DE"),),
        employment_types=("FULL_TIME",),
        description_text="Weld things.",
        description_html="<p>Weld things.</p>",
    )
    standing = Standing(id=f"p_{number}", site="acme", state="open", first_seen=NOON, last_seen=NOON)
    return record(body(posting), standing) | fields


def event(number: int, type: EventType = EventType.OPENED, **fields: Any) -> Event:
    """An event that stands in no log."""
    wanted: dict[str, Any] = {
        "site": "acme",
        "visit": "v_1",
        "posting_id": f"p_{number}",
        "at": NOON,
        "record": posting_record(number),
        "evidence": Evidence(url=None, status=200, at=NOON, rule="C.4 new"),
    } | fields
    return Event(number=number, type=type, **wanted)


def single(event: Event) -> Batch:
    """One event on its own."""
    return Batch(events=(event,), numbers=(event.number,), counts={event.type: 1})


@dataclass
class EventLog:
    """A log that grows by its verbs."""

    engine: Engine
    now: datetime = NOON

    def site(self, name: str = "acme") -> int:
        with writing(self.engine) as connection:
            known = connection.execute(select(tables.sites.c.id).where(tables.sites.c.name == name)).scalar()
            if known is not None:
                return int(known)
            return int(
                connection.execute(
                    insert(tables.sites)
                    .values(
                        name=name, start_url=f"https://{name}.example/", host_key=f"{name}.example", added_at=NOON,
                        baseline_done=True, trust={}, health={}, fence=0,
                    )
                    .returning(tables.sites.c.id)
                ).scalar_one()
            )  # fmt: skip

    def visit(self, site: str = "acme", *, ended: bool = True) -> str:
        site_id = self.site(site)
        zeros = (
            "listed",
            "read",
            "unreadable",
            "opened",
            "changed",
            "closed",
            "reopened",
            "requests",
            "not_modified",
            "bytes",
        )
        with writing(self.engine) as connection:
            ids = list(connection.execute(select(tables.visits.c.id)).scalars())
            visit = f"v_{len(ids) + 1}"
            connection.execute(
                insert(tables.visits).values(
                    id=visit, site_id=site_id, fence=0, started_at=self.now, baseline=False, notes=[],
                    ended_at=self.now if ended else None, outcome="complete" if ended else None,
                    **dict.fromkeys(zeros, 0),
                )
            )  # fmt: skip
        return visit

    def end(self, visit: str) -> None:
        with writing(self.engine) as connection:
            connection.execute(
                update(tables.visits).where(tables.visits.c.id == visit).values(ended_at=self.now, outcome="complete")
            )

    def link(self, number: int, to: int, kind: str) -> None:
        """Links the posting of one event to that of another."""
        with writing(self.engine) as connection:
            connection.execute(
                update(tables.postings)
                .where(tables.postings.c.id == f"p_{number}")
                .values(links=[{"id": f"p_{to}", "link": kind, "evidence": "the same words"}])
            )

    def close(self, number: int, at: datetime) -> None:
        """Closes the posting of an event, without an event of its own."""
        with writing(self.engine) as connection:
            site_id = connection.execute(
                update(tables.postings)
                .where(tables.postings.c.id == f"p_{number}")
                .values(state="closed", closed_at=at, closed_reason="gone")
                .returning(tables.postings.c.site_id)
            ).scalar_one()
            of_site = update(tables.sites).where(tables.sites.c.id == site_id)
            connection.execute(of_site.values(open=tables.sites.c.open - 1))

    def add(
        self,
        count: int = 1,
        *,
        type: EventType = EventType.OPENED,
        visit: str | None = None,
        site: str = "acme",
        baseline: bool = False,
        significance: Significance = Significance.MATERIAL,
        at: datetime | None = None,
        changes: Mapping[str, Any] | None = None,
        of: int | None = None,
        **fields: Any,
    ) -> list[int]:
        """That many events more, in one transaction; their numbers. `of` is the number of a posting's first event."""
        site_id = self.site(site)
        with writing(self.engine) as connection:
            last = connection.execute(
                update(tables.installation)
                .values(last_event=tables.installation.c.last_event + count)
                .returning(tables.installation.c.last_event)
            ).scalar_one()
            numbers = list(range(last - count + 1, last + 1))
            postings = [
                {
                    "id": f"p_{number}", "site_id": site_id, "content": number, "raw_hash": "", "page": "", "state": "open",
                    "first_seen": NOON, "last_seen": NOON, "last_visit": "", "last_read": NOON, "missing_looks": 0,
                    "links": [],
                }
                for number in numbers
            ]  # fmt: skip
            told = {number: posting_record(of or number, **fields) for number in numbers}
            connection.execute(
                insert(tables.contents), [{"number": number, "body": _said(record)} for number, record in told.items()]
            )
            if of is None:
                connection.execute(insert(tables.postings), postings)
                of_site = update(tables.sites).where(tables.sites.c.id == site_id)
                connection.execute(of_site.values(open=tables.sites.c.open + count))
            connection.execute(
                insert(tables.events),
                [
                    {
                        "number": number, "type": str(type), "site_id": site_id, "visit_id": visit,
                        "posting_id": f"p_{of or number}", "at": at or self.now,
                        "content": number, "standing": _standing(told[number]), "baseline": baseline,
                        "changes": dict(changes or {}), "significance": str(significance),
                        "evidence": {"url": None, "status": 200, "at": instant(NOON), "rule": "C.4 new"},
                    }
                    for number in numbers
                ],
            )  # fmt: skip
        return numbers


#: what a record says of the posting's life, but for its id
_LIFE = ("site", "state", "first_seen", "last_seen", "closed_at", "closed_reason", "duplicates")


def _said(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in ("id", *_LIFE)}


def _standing(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: record[name] for name in _LIFE if record[name]}


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)
