"""How one site stands, in words and as JSON: what `hirewatch sites show` prints. Pure; every text that comes out is
clean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hirewatch import cadence_words
from hirewatch.cli.visiting import as_json as visit_json
from postings import site_words, wording
from postings.causes import remedy
from postings.cleaning import clean
from postings.record import instant
from postings.sites import Site
from postings.trust import Figures, Measured
from postings.visits import VisitSummary
from scheduler.cadence import Bounds
from storage.acceptance import HeldBack
from storage.budget import House

#: postings that are named of those held back
_EXAMPLES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that is told of a site."""

    site: Site
    #: of each state (`open`, `closed`)
    counts: Mapping[str, int]
    #: open postings that are missing
    missing: int
    measured: Measured
    held: HeldBack | None
    #: the newest first
    visits: Sequence[VisitSummary]
    now: datetime
    #: what the choice of an interval rests on
    bounds: Bounds
    house: House

    @property
    def needs(self) -> str | None:
        """Why a person has to look; None if nobody has to."""
        return wording.attention(self.site, self.visits[0] if self.visits else None)

    def lines(self) -> Iterator[str]:
        """The report as lines for a person."""
        site = self.site
        yield from _field("site", site.name)
        yield from _field("url", site.start_url)
        missing = f"{self.missing} of them missing, to be confirmed" if self.missing else ""
        yield from _field("postings", f"{self._count('open')} open, {self._count('closed')} closed", missing)
        yield from _field("visited", self._cadence())
        for fact in site_words.facts(site, self.measured):
            yield from _field(fact.about, *fact.lines)
        if self.held is not None:
            yield from _field("gone?" if self.held.whole_site else "suspect", *self._suspicion(self.held))
        elif site.health.accepted is not None:
            at = wording.moment(site.health.accepted.at)
            yield from _field("accepted", f"what a suspect visit saw, by a person at {at}; it counts while it lasts")
        if self.needs:
            yield from _field("needs you", self.needs, remedy(self.needs) or "")
        for visit in self.visits:
            yield ""
            yield f"{wording.moment(visit.started_at)}  {visit.id}"
            yield f"  {self._visit(visit)}"
            yield from (f"  {clean(note)}" for note in visit.notes)

    def to_json(self) -> dict[str, Any]:
        """The report as one JSON value, without what `site_json.of` says of the site."""
        health, held = self.site.health, self.held
        return {
            "open": self._count("open"),
            "closed": self._count("closed"),
            "missing": self.missing,
            "cadence": cadence_words.to_json(self.site, bounds=self.bounds, house=self.house, now=self.now),
            "trust": {
                "identifier": {
                    "standing": str(self.site.believed.identifier),
                    "learnt": str(self.site.trust.identifier),
                    "set": str(self.site.overrides.identifier),
                    **_figures_json(self.measured.identifier),
                },
                "address-token": {
                    "standing": str(self.site.believed.token),
                    "learnt": str(self.site.trust.token),
                    "set": str(self.site.overrides.token),
                    "place": self.site.believed.token_place,
                    "places": [{"place": one.place, **_figures_json(one)} for one in self.measured.tokens],
                },
                "lastmod": {
                    "trusted": health.lastmod.trusted,
                    "clean_visits": health.lastmod.clean_visits,
                    "lies": health.lastmod.lies,
                },
                "valid_through": health.believes_dates,
            },
            "suspect": None
            if held is None
            else {
                "visit": held.visit.id,
                "reason": held.visit.reason,
                "whole_site": held.whole_site,
                "since": instant(held.since),
                "accepted_at": instant(held.accepted_at) if held.accepted_at else None,
                "postings": [held_json(one.record) for one in held.postings],
            },
            "accepted_at": instant(health.accepted.at) if health.accepted else None,
            "needs_person": self.needs is not None,
            "visits": [{**visit_json(visit), "started_at": instant(visit.started_at)} for visit in self.visits],
        }

    def _count(self, state: str) -> int:
        return self.counts.get(state, 0)

    def _cadence(self) -> str:
        site = self.site
        if site.paused_at is not None:
            return f"paused since {wording.moment(site.paused_at)}; `hirewatch sites resume {site.name}` goes on"
        next_visit = wording.ago(site.next_visit_at, self.now) if site.next_visit_at else "when it is asked for"
        if site.next_visit_at is not None and site.next_visit_at <= self.now:
            next_visit = "due now"
        how = cadence_words.in_words(site, bounds=self.bounds, house=self.house, now=self.now)
        return f"{how}; next visit {next_visit}"

    def _suspicion(self, held: HeldBack) -> Iterator[str]:
        yield f"since {wording.moment(held.since)}: {held.suspicion}"
        if held.postings:
            yield f"held back: {_number(len(held.postings))} that it did not find stay open, for now"
            yield from (f"  {one.id}  {wording.title(one.record)}" for one in held.postings[:_EXAMPLES])
            if len(held.postings) > _EXAMPLES:
                yield f"  and {len(held.postings) - _EXAMPLES} more"
        name = self.site.name
        if held.accepted_at is not None:
            yield f"accepted by a person at {wording.moment(held.accepted_at)}: the next visit that agrees is believed"
            yield f"look again now:  hirewatch visit {name}"
        else:
            yield f"if that is true, say so:  hirewatch sites accept {name}"
            yield f"if not, nothing is lost: visits go on, or look again now:  hirewatch visit {name}"

    def _visit(self, visit: VisitSummary) -> str:
        if visit.outcome is None:
            return wording.outcome(visit, self.now)
        return wording.visit_line(visit)


def held_json(record: Mapping[str, Any]) -> dict[str, Any]:
    """A posting that is held back, in short."""
    return {name: record[name] for name in ("id", "title", "url", "last_seen")}


def _number(postings: int) -> str:
    return "1 posting" if postings == 1 else f"{postings} postings"


def _field(name: str, *texts: str) -> Iterator[str]:
    heading = name
    for text in texts:
        if text:
            indent = text[: len(text) - len(text.lstrip())]
            yield f"{heading:<13}{indent}{clean(text)}"
            heading = ""


def _figures_json(figures: Figures) -> dict[str, Any]:
    return {
        "postings": figures.postings,
        "carriers": figures.carriers,
        "values": figures.values,
        "conflicts": figures.conflicts,
        "cover": round(figures.cover, 4),
        "distinct": round(figures.distinct, 4),
        "conflict": round(figures.conflict, 4),
        "samples": list(figures.samples),
    }
