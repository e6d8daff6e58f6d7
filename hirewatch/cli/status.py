"""`hirewatch status`: a line a site; its exit code says whether a person has to look.

Where there are very many sites, it is a line for each of those that a person has to look at, and the numbers of all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

import rich_click as click

from delivery.attention import outlet_attention
from hirewatch import wiring
from hirewatch.cli.failures import DONE, NEEDS_A_PERSON
from hirewatch.cli.front import NO_SITE, Front, command, pass_front
from hirewatch.cli.tables import Column, show, show_json
from postings import wording
from postings.hosts import Host
from postings.record import instant
from postings.sites import Site
from postings.visits import VisitSummary

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from scheduler.advice import Standing
    from scheduler.cadence import Bounds
    from storage.budget import House
    from storage.freshness import Fresh, Freshness
    from storage.site_standings import SiteStanding, Totals

#: where more sites are watched, only those that need a person have a line, and at most so many of them
MANY: Final = 200
_MOST_NEEDING: Final = 100
#: sites of which is told what would make them fresher, and how many are looked at for that
_MOST_ADVICE: Final = 3
_MOST_ADVISED: Final = 100


@command("status")
@click.option("--all", "show_all", is_flag=True, help=f"A line for each site, also where there are more than {MANY}.")
@click.pass_context
@pass_front
def status(front: Front, context: click.Context, show_all: bool) -> None:
    """Say how each site stands; exit 1 if one, or an outlet, needs you.

    Where more than 200 sites are watched, those that need you have a line, and the others are counted: --all shows them
    too. --json always holds every site.
    """
    from scheduler import advice
    from storage import freshness, site_standings

    engine = wiring.open_database(front.settings)
    now = front.now()
    totals = site_standings.totals(engine)
    fresh = freshness.every(engine, now - freshness.LOOKED_BACK)
    queue = advice.of_queue(site_standings.overdue(engine, now))
    advise = _Advice(front, engine, now)
    if front.json:
        show_json(_as_json(one) | advise.to_json(one, fresh, queue) for one in site_standings.every(engine))
    elif totals.sites:
        few = show_all or totals.sites <= MANY
        shown = site_standings.every(engine) if few else site_standings.of(engine, totals.needing[:_MOST_NEEDING])
        needing = _show(front, shown, fresh)
        if not few:
            _say_totals(front, totals)
        for name, why in needing[:_MOST_NEEDING]:
            front.say(f"{name} needs you: {why}.  Look:  hirewatch sites show {name}")
        for line in advise.lines(fresh, queue):
            front.say(line)
    else:
        front.say(NO_SITE)
    troubled = _say_of_outlets(front, engine)
    context.exit(NEEDS_A_PERSON if troubled or totals.needing else DONE)


def _say_totals(front: Front, totals: Totals) -> None:
    needing, paused = len(totals.needing), f", {totals.paused:,} paused" if totals.paused else ""
    need = "1 needs" if needing == 1 else f"{needing:,} need"
    front.say(
        f"{totals.sites:,} sites: {need} you{paused}, {totals.sites - totals.visited:,} had no complete visit yet; "
        f"{totals.open:,} open postings."
    )
    left = f" and {needing - _MOST_NEEDING:,} more that need you" if needing > _MOST_NEEDING else ""
    front.say(f"All of them{left}:  hirewatch status --all")


def _say_of_outlets(front: Front, engine: Engine) -> bool:
    """Says which outlets need a person; False if none does."""
    from storage import deliveries

    needs = {one.outlet.name: outlet_attention(one) for one in deliveries.status(engine)}
    for name, why in needs.items():
        if why:
            front.say(f"outlet {name} needs you: {why}.  Look:  hirewatch outlets list")
    return any(needs.values())


class _Advice:
    """What would make sites fresher."""

    def __init__(self, front: Front, engine: Engine, now: datetime) -> None:
        from storage import budget, hosts

        self._engine, self._now = engine, now
        self._bounds: Bounds = wiring.bounds(front.settings)
        self._house: House = budget.current(engine)
        self._resting: Mapping[str, Host] = hosts.resting(engine, now)

    def lines(self, fresh: Fresh, queue: str | None) -> Iterator[str]:
        """How fresh events are over all, and what would help the sites that are least so."""
        from scheduler import advice
        from storage import site_standings

        if figures := fresh.over_all:
            yield (
                f"Fresh: half of what appeared in 30 days ({figures.count}) was recorded within "
                f"{wording.span(figures.p50)} at most, 95 of 100 within {wording.span(figures.p95)}."
            )
        if queue:
            yield f"Fresher: {queue}"
        measured = sorted(fresh.by_site, key=lambda site_id: fresh.by_site[site_id].p95, reverse=True)
        told = 0
        for one in site_standings.of(self._engine, measured[:_MOST_ADVISED]):
            if told == _MOST_ADVICE:
                yield "Fresher: what would help the other sites:  hirewatch status --json"
                break
            if improvement := advice.of_site(self._standing(one)):
                yield f"Fresher: {one.site.name}: {improvement}"
                told += 1

    def to_json(self, one: SiteStanding, fresh: Fresh, queue: str | None) -> dict[str, object]:
        """The same of one site, for programs."""
        from scheduler import advice

        return {
            "freshness": _figures_json(fresh.by_site.get(one.site.id)),
            "freshness_over_all": _figures_json(fresh.over_all),
            "fresher": [said for said in (queue, advice.of_site(self._standing(one))) if said],
        }

    def _standing(self, one: SiteStanding) -> Standing:
        from scheduler.advice import Standing

        return Standing(
            site=one.site,
            visit=one.visit,
            now=self._now,
            resting=self._resting.get(one.site.host_key),
            bounds=self._bounds,
            house=self._house,
        )


def _figures_json(figures: Freshness | None) -> dict[str, object] | None:
    if figures is None:
        return None
    return {
        "count": figures.count,
        "p50_seconds": figures.p50.total_seconds(),
        "p95_seconds": figures.p95.total_seconds(),
    }


def _show(front: Front, shown: Iterable[SiteStanding], fresh: Fresh) -> list[tuple[str, str]]:
    """Shows the sites; returns those that need a person, and why."""
    now = front.now()
    needing: list[tuple[str, str]] = []
    columns = (
        Column("SITE", keep=True),
        Column("OPEN", keep=True, right=True),
        Column("LAST VISIT", keep=True),
        Column("WHEN", keep=True),
        Column("NEXT", keep=True),
        Column("FRESH", keep=True, optional=True),
        Column("NOTE"),
    )

    def rows() -> Iterator[tuple[object, ...]]:
        for one in shown:
            site, visit = one.site, one.visit
            needs = wording.attention(site, visit)
            if needs:
                needing.append((site.name, needs))
            yield (
                site.name,
                one.open,
                wording.outcome(visit, now) if visit else "none",
                wording.ago(visit.started_at, now) if visit else "-",
                _next(site, now),
                _fresh(fresh.by_site.get(site.id)),
                needs or (_note(visit) if visit else ""),
            )

    show(front, columns, rows())
    return needing


def _next(site: Site, now: datetime) -> str:
    if site.paused_at:
        return "paused"
    return "due" if site.next_visit_at and site.next_visit_at <= now else wording.ago(site.next_visit_at, now)


def _fresh(figures: Freshness | None) -> str:
    """Half of what appeared was recorded within the first span, 95 of 100 within the second, at most."""
    return f"{wording.span(figures.p50)} / {wording.span(figures.p95)}" if figures else "-"


def _note(visit: VisitSummary) -> str:
    """What a visit met first; where it met nothing, why it ended as it did."""
    return visit.notes[0] if visit.notes else visit.reason or ""


def _as_json(one: SiteStanding) -> dict[str, object]:
    site, visit, needs = one.site, one.visit, wording.attention(one.site, one.visit)
    return {
        "site": site.name,
        "url": site.start_url,
        "open": one.open,
        "closed": one.closed,
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
