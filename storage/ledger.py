"""The ledger: the only writer of postings and events.

The visit runner opens a visit, hands over sightings in batches and concludes it. Each call is one transaction
that counts whole or not at all: gather what is known, ask the rules of `postings`, apply what they say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, bindparam, func, select, update

from postings import life as lives
from postings.errors import LeaseLost
from postings.events import EventType, Evidence
from postings.sightings import Seen
from postings.sites import Health, Site
from postings.visits import Listing, Outcome, Verdict, VisitReport, VisitSummary
from storage import budget, days, gathering, leases, open_postings, site_rows, visit_rows
from storage.absences import close_all
from storage.budget import House, Spending
from storage.concluding import learn, settle
from storage.engine import holding, instance, reading, writing
from storage.entries import Entries
from storage.leases import Lease
from storage.open_visit import OpenVisit
from storage.recording import Recording
from storage.tables import sites as sites_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """How many events a batch, or a whole visit, has recorded."""

    opened: int = 0
    changed: int = 0
    closed: int = 0
    reopened: int = 0
    #: number of the last of them; None if there is none, and for a whole visit
    last_event: int | None = field(default=None, compare=False)

    @classmethod
    def of(cls, counts: Counter[EventType], last_event: int | None = None) -> Totals:
        """The counts by type, as fields; `last_event` is the number of the newest event then."""
        totals = cls(**{str(kind): counts[kind] for kind in EventType})
        return replace(totals, last_event=last_event) if counts.total() else totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A visit that is being concluded, for whoever decides when the next one is."""

    #: with the rhythm that this visit has taught
    site: Site
    verdict: Verdict
    #: with this visit counted in
    health: Health
    #: what a request is worth
    house: House


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What becomes of a site after a visit."""

    next_visit_at: datetime
    #: requests a day that it asks for; None = as before
    spending: Spending | None = None


#: says when the site is visited next
NextVisit = Callable[[Ended], Plan]

#: with what a request is worth: the end of a visit asks for both at once
_FENCE = (
    select(sites_table.c.fence, *budget.HOUSE)
    .where(sites_table.c.id == bindparam("site"))
    .with_for_update(of=sites_table)
)
_OF_SITE = sites_table.c.id == bindparam("of_site")
_LEARNT = ("source", "trust", "health", "baseline_done", "rhythm", "next_visit_at", "come_back_at")
_CONCLUDE = (
    update(sites_table).where(_OF_SITE).values({**{name: bindparam(name) for name in _LEARNT}, **leases.NO_LEASE})
)
_SPENDING = ("demand", "least_requests", "most_requests")
_CONCLUDE_AND_SPEND = _CONCLUDE.values({name: bindparam(name) for name in _SPENDING})


class Ledger:
    """Writes what visits see."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        #: of the database: it never changes
        self._instance: str | None = None

    def claim(
        self,
        site_id: int,
        *,
        owner: str,
        now: datetime,
        ttl: timedelta,
        dead: Callable[[str], bool],
        only_if_due: bool,
    ) -> tuple[Lease, OpenVisit] | None:
        """The lease on a site and a visit that starts now, at once; None where `leases.claim` gives none."""
        with holding(self._engine) as conn:
            claimed = leases.take(conn, site_id, owner=owner, now=now, ttl=ttl, dead=dead, only_if_due=only_if_due)
            if claimed is None:
                return None
            return claimed.lease, self._begin(conn, claimed.site, claimed.lease, now)

    def begin(self, site: Site, lease: Lease, now: datetime) -> OpenVisit:
        """A visit that starts now. Raises LeaseLost if another worker has taken over the site."""
        with writing(self._engine) as conn:
            _hold(conn, site, lease.fence)
            return self._begin(conn, site, lease, now)

    def _begin(self, conn: Connection, site: Site, lease: Lease, now: datetime) -> OpenVisit:
        self._instance = self._instance or instance(conn)
        before = visit_rows.before(conn, site.id)
        visit = OpenVisit(
            id=visit_rows.new_id(self._instance, site.id, lease.fence),
            site=site,
            fence=lease.fence,
            baseline=not site.baseline_done,
            started_at=now,
            open_before=before.open,
            visited_before_at=before.began_at,
            complete_before_at=before.complete_at,
        )
        visit_rows.begin(conn, visit)
        return visit

    def record(self, visit: OpenVisit, batch: Sequence[Seen], now: datetime) -> Totals:
        """Sightings of a running visit, all of one page in one batch. Raises LeaseLost."""
        with writing(self._engine) as conn:
            _hold(conn, visit.site, visit.fence)
            entries = Entries(conn, site_id=visit.site.id, site=visit.site.name, visit_id=visit.id, now=now)
            recording = Recording(conn, entries, visit, ignore_expiry=not visit.site.health.believes_dates)
            recording.take(batch)
            entries.write()
        recording.absorbed()
        return Totals.of(entries.counts, entries.last_event)

    def conclude(self, visit: OpenVisit, report: VisitReport, now: datetime, next_visit: NextVisit) -> VisitSummary:
        """The end of a visit: what waited for it, verdict, closings, trust and schedule at once. Raises LeaseLost."""
        with writing(self._engine) as conn:
            house = _hold(conn, visit.site, visit.fence)
            stands = settle(conn, visit, report, now)
            verdict = stands.verdict
            learnt = learn(conn, visit, report, stands, now)
            site = replace(visit.site, rhythm=learnt.rhythm)
            plan = next_visit(Ended(site=site, verdict=verdict, health=learnt.health, house=house))
            summary = visit_rows.summary(visit, report, verdict, now, stands.notes)
            visit_rows.end(conn, summary)
            days.add(conn, site.id, now, {str(verdict.outcome): 1})
            visit_rows.keep_answers(conn, site, report, now, believed=verdict.outcome is Outcome.COMPLETE)
            conn.execute(
                _CONCLUDE if plan.spending is None else _CONCLUDE_AND_SPEND,
                {
                    "of_site": site.id,
                    **site_rows.state_columns(report.source or site.source, learnt.trust, learnt.health),
                    "baseline_done": verdict.outcome is Outcome.COMPLETE or (site.baseline_done and not stands.refound),
                    "rhythm": learnt.rhythm.to_json(),
                    "next_visit_at": plan.next_visit_at,
                    **_spending(plan.spending),
                    "come_back_at": report.come_back_at,
                },
            )
        return summary

    def fail(self, visit: OpenVisit, now: datetime, reason: str, next_visit: NextVisit) -> VisitSummary:
        """The end of a visit whose crawler crashed: what it handed over stands, its absence says nothing."""
        report = VisitReport(
            started_at=visit.started_at,
            ended_at=now,
            source=visit.site.source,
            listing=Listing(doubts=(reason,)),
            cut_short=reason,
            problems=(reason,),
        )
        return self.conclude(visit, report, now, next_visit)

    def expire(self, now: datetime) -> int:
        """Closes what has passed its validThrough; returns how many postings.

        A page whose last reading is old is asked first (C.5), for a renewal may be why the posting
        still stands: its site becomes due, and the end of that visit closes what was not renewed. Paused and
        removed sites are not asked. One that asked to be left alone is asked when it said, and the posting stands until
        then: it has not failed to answer yet.
        """
        with reading(self._engine) as conn:
            due = open_postings.sites_with_past(conn, now)
        return sum(self._expire(site_id, now) for site_id in due)

    def _expire(self, site_id: int, now: datetime) -> int:
        with writing(self._engine) as conn:
            # the site's row first, as every writer of its postings does: what a visit has just renewed does not close
            query = select(sites_table).where(sites_table.c.id == site_id).with_for_update()
            site = conn.execute(query).one()
            if not site_rows.read_health(site.health).believes_dates:
                return 0
            known = open_postings.past(conn, site_id, now)
            asked = site.paused_at is None and site.removed_at is None
            closing = [one for one in known if not asked or not lives.look_first(one.last_read, now=now)]
            closed = _expire(conn, site_id, site.name, closing, now) if closing else 0
            if len(closing) < len(known):
                conn.execute(
                    update(sites_table)
                    .where(
                        sites_table.c.id == site_id,
                        sites_table.c.next_visit_at > now,
                        func.coalesce(sites_table.c.come_back_at, now) <= now,
                    )
                    .values(next_visit_at=now)
                )
        return closed


def _hold(conn: Connection, site: Site, fence: int) -> House:
    """Refuses the write of a visit whose lease has passed on, and keeps it from passing until the commit."""
    row = conn.execute(_FENCE, {"site": site.id}).one()
    if row.fence != fence:
        raise LeaseLost("another worker has taken over the visit", subject=site.name)
    return budget.house(row)


def _spending(spending: Spending | None) -> dict[str, float]:
    if spending is None:
        return {}
    return {
        "demand": spending.demand,
        "least_requests": spending.least,
        "most_requests": spending.most,
    }


def _expire(conn: Connection, site_id: int, name: str, known: Sequence[gathering.Stored], now: datetime) -> int:
    entries = Entries(conn, site_id=site_id, site=name, visit_id=None, now=now)
    steps = ((stored, lives.expire(stored.life, now=now)) for stored in known)
    close_all(
        entries,
        [
            (stored, step, Evidence(url=None, status=None, at=now, rule=step.rule))
            for stored, step in steps
            if step is not None
        ],
    )
    entries.write()
    return entries.counts[EventType.CLOSED]
