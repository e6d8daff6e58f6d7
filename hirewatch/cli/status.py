"""`hirewatch status`: a line a site; its exit code says whether a person has to look."""

from __future__ import annotations

import rich_click as click

from hirewatch import wiring
from hirewatch.cli import wording
from hirewatch.cli.failures import DONE, NEEDS_A_PERSON
from hirewatch.cli.front import Front, command, pass_front
from hirewatch.cli.tables import Column, show
from postings.record import instant
from postings.sites import Site
from postings.visits import VisitSummary


@command("status")
@click.pass_context
@pass_front
def status(front: Front, context: click.Context) -> None:
    """Say how each site stands; exit 1 if one needs you."""
    from storage import postings, sites, visits

    engine = wiring.open_database(front.settings)
    watched = sites.watched(engine)
    latest = visits.latest(engine)
    counts = postings.counts(engine)
    needs = {site.id: wording.attention(site, latest.get(site.id)) for site in watched}
    if front.json:
        front.print_json(
            [_as_json(site, latest.get(site.id), counts.get(site.id, {}), needs[site.id]) for site in watched]
        )
    elif watched:
        _show(front, watched, latest, counts, needs)
    else:
        front.say("No site is watched yet.\nAdd one:  hirewatch add URL")
    context.exit(NEEDS_A_PERSON if any(needs.values()) else DONE)


def _show(
    front: Front,
    watched: list[Site],
    latest: dict[int, VisitSummary],
    counts: dict[int, dict[str, int]],
    needs: dict[int, str | None],
) -> None:
    now = front.now()
    columns = (
        Column("SITE", keep=True),
        Column("OPEN", keep=True, right=True),
        Column("LAST VISIT", keep=True),
        Column("WHEN", keep=True),
        Column("NEXT", keep=True),
        Column("NOTE"),
    )
    rows = []
    for site in watched:
        visit = latest.get(site.id)
        rows.append(
            (
                site.name,
                counts.get(site.id, {}).get("open", 0),
                wording.outcome(visit, now) if visit else "none",
                wording.ago(visit.started_at, now) if visit else "-",
                "paused" if site.paused_at else wording.ago(site.next_visit_at, now),
                needs[site.id] or (_note(visit) if visit else ""),
            )
        )
    show(front, columns, rows)
    for site in watched:
        if needs[site.id]:
            front.say(f"{site.name} needs you: {needs[site.id]}.  Look:  hirewatch sites show {site.name}")


def _note(visit: VisitSummary) -> str:
    """What a visit met first; where it met nothing, why it ended as it did."""
    return visit.notes[0] if visit.notes else visit.reason or ""


def _as_json(site: Site, visit: VisitSummary | None, counts: dict[str, int], needs: str | None) -> dict[str, object]:
    return {
        "site": site.name,
        "url": site.start_url,
        "open": counts.get("open", 0),
        "closed": counts.get("closed", 0),
        "paused": site.paused_at is not None,
        "baseline_done": site.baseline_done,
        "last_visit": visit
        and {
            "visit": visit.id,
            "outcome": visit.outcome and str(visit.outcome),
            "reason": visit.reason,
            "started_at": instant(visit.started_at),
            "ended_at": visit.ended_at and instant(visit.ended_at),
            "notes": list(visit.notes),
        },
        "next_visit_at": site.next_visit_at and instant(site.next_visit_at),
        "needs_person": needs is not None,
        "attention": needs,
    }
