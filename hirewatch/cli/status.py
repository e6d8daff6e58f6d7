"""`hirewatch status`: a line a site; its exit code says whether a person has to look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

import rich_click as click

from delivery.attention import outlet_attention
from hirewatch import wiring
from hirewatch.cli.failures import DONE, NEEDS_A_PERSON
from hirewatch.cli.front import Front, command, pass_front
from hirewatch.cli.tables import Column, show
from postings import wording
from postings.record import instant
from postings.sites import Site
from postings.visits import VisitSummary

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from scheduler.advice import Standing
    from storage.freshness import Fresh, Freshness

#: sites of which is told what would make them fresher
_MOST_ADVICE: Final = 3


@command("status")
@click.pass_context
@pass_front
def status(front: Front, context: click.Context) -> None:
    """Say how each site stands; exit 1 if one, or an outlet, needs you."""
    from storage import freshness, postings, sites, visits

    engine = wiring.open_database(front.settings)
    now = front.now()
    watched = sites.watched(engine)
    latest = visits.latest(engine)
    counts = postings.counts(engine)
    fresh = freshness.every(engine, now - freshness.LOOKED_BACK)
    needs = {site.id: wording.attention(site, latest.get(site.id)) for site in watched}
    standings = _standings(front, engine, watched, latest, now)
    if front.json:
        queue = _of_queue(standings)
        front.print_json(
            [
                _as_json(one.site, one.visit, counts.get(one.site.id, {}), needs[one.site.id])
                | _freshness_json(one, fresh, queue)
                for one in standings
            ]
        )
    elif watched:
        _show(front, watched, latest, counts, needs, fresh)
        for line in _on_freshness(standings, fresh):
            front.say(line)
    else:
        front.say("No site is watched yet.\nAdd one:  hirewatch add URL")
    troubled = _say_of_outlets(front, engine)
    context.exit(NEEDS_A_PERSON if troubled or any(needs.values()) else DONE)


def _say_of_outlets(front: Front, engine: Engine) -> bool:
    """Says which outlets need a person; False if none does."""
    from storage import deliveries

    needs = {one.outlet.name: outlet_attention(one) for one in deliveries.status(engine)}
    for name, why in needs.items():
        if why:
            front.say(f"outlet {name} needs you: {why}.  Look:  hirewatch outlets list")
    return any(needs.values())


def _standings(
    front: Front, engine: Engine, watched: Sequence[Site], latest: Mapping[int, VisitSummary], now: datetime
) -> list[Standing]:
    from scheduler.advice import Standing
    from storage import budget, hosts

    bounds, house, resting = wiring.bounds(front.settings), budget.current(engine), hosts.resting(engine, now)
    return [
        Standing(
            site=site,
            visit=latest.get(site.id),
            now=now,
            resting=resting.get(site.host_key),
            bounds=bounds,
            house=house,
        )
        for site in watched
    ]


def _of_queue(standings: Sequence[Standing]) -> str | None:
    from scheduler import advice

    return advice.of_queue(standings)


def _on_freshness(standings: Sequence[Standing], fresh: Fresh) -> Iterator[str]:
    """How fresh events are over all, and what would help the sites that are least so."""
    from scheduler import advice

    if figures := fresh.over_all:
        yield (
            f"Fresh: half of what appeared in 30 days ({figures.count}) was recorded within {wording.span(figures.p50)} at "
            f"most, 95 of 100 within {wording.span(figures.p95)}."
        )
    if queue := advice.of_queue(standings):
        yield f"Fresher: {queue}"
    measured = [one for one in standings if one.site.id in fresh.by_site]
    told = 0
    for one in sorted(measured, key=lambda one: fresh.by_site[one.site.id].p95, reverse=True):
        if told == _MOST_ADVICE:
            yield "Fresher: what would help the other sites:  hirewatch status --json"
            break
        if improvement := advice.of_site(one):
            yield f"Fresher: {one.site.name}: {improvement}"
            told += 1


def _freshness_json(standing: Standing, fresh: Fresh, queue: str | None) -> dict[str, object]:
    from scheduler import advice

    return {
        "freshness": _figures_json(fresh.by_site.get(standing.site.id)),
        "freshness_over_all": _figures_json(fresh.over_all),
        "fresher": [one for one in (queue, advice.of_site(standing)) if one],
    }


def _figures_json(figures: Freshness | None) -> dict[str, object] | None:
    if figures is None:
        return None
    return {
        "count": figures.count,
        "p50_seconds": figures.p50.total_seconds(),
        "p95_seconds": figures.p95.total_seconds(),
    }


def _show(
    front: Front,
    watched: list[Site],
    latest: dict[int, VisitSummary],
    counts: dict[int, dict[str, int]],
    needs: dict[int, str | None],
    fresh: Fresh,
) -> None:
    now = front.now()
    columns = (
        Column("SITE", keep=True),
        Column("OPEN", keep=True, right=True),
        Column("LAST VISIT", keep=True),
        Column("WHEN", keep=True),
        Column("NEXT", keep=True),
        Column("FRESH", keep=True, optional=True),
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
                _fresh(fresh.by_site.get(site.id)),
                needs[site.id] or (_note(visit) if visit else ""),
            )
        )
    show(front, columns, rows)
    for site in watched:
        if needs[site.id]:
            front.say(f"{site.name} needs you: {needs[site.id]}.  Look:  hirewatch sites show {site.name}")


def _fresh(figures: Freshness | None) -> str:
    """Half of what appeared was recorded within the first span, 95 of 100 within the second, at most."""
    return f"{wording.span(figures.p50)} / {wording.span(figures.p95)}" if figures else "-"


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
