"""What visits report, and what the verdict says of it, for the tests of both."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from postings.digests import gone_digest
from postings.sites import Acceptance, Health
from postings.verdicts import judge
from postings.visits import Absence, Count, Listing, Look, Verdict, VisitReport
from tests.postings.making import NOW

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
IDS = [f"p_{number}" for number in range(5000)]

WELL = VisitReport(
    started_at=NOW - HOUR,
    ended_at=NOW,
    source=None,
    listing=Listing(addresses=frozenset({"acme.example/jobs/1"}), whole=True, rows=1),
    asked=100,
    answered=100,
    read=100,
    requests=102,
    start_status=200,
)

NO_ROWS = replace(WELL, listing=Listing(whole=True))


def count(
    before: int = 100, gone: int = 0, *, seen: int | None = None, new: int = 0, ids: list[str] | None = None
) -> Count:
    return Count(
        open_before=before,
        seen=before - gone if seen is None else seen,
        unexplained_gone=gone,
        new=new,
        gone_digest=gone_digest(ids if ids is not None else IDS[:gone]),
    )


def looks(absence: Absence, many: int, *, first: int = 0) -> tuple[Look, ...]:
    return tuple(
        Look(
            address=f"acme.example/jobs/{number}",
            url=f"https://acme.example/jobs/{number}",
            absence=absence,
            status=200,
            at=NOW,
        )
        for number in range(first, first + many)
    )


def verdict(
    report: VisitReport = WELL, counted: Count | None = None, health: Health | None = None, *, baseline: bool = False
) -> Verdict:
    return judge(report, counted or count(), health or Health(), baseline=baseline)


def suspects(*hours_ago: float, ids: list[str]) -> Health:
    return Health(suspects=tuple((NOW - hours * HOUR, gone_digest(ids)) for hours in hours_ago))


def accepted(number: int) -> Health:
    return Health(accepted=Acceptance(at=NOW - HOUR, gone_digest=gone_digest(IDS[:number])))
