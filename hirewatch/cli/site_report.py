"""How one site stands, in words and as JSON: what `hirewatch sites show` prints. Pure; every text that comes out is
clean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hirewatch.cli import cadence, wording
from hirewatch.cli.text import clean
from hirewatch.cli.visiting import as_json as visit_json
from postings.lastmod import CLEAN_VISITS
from postings.record import instant
from postings.sites import Site, SourceKind
from postings.trust import (
    ENOUGH_VALUES,
    LEAST_COVER,
    LEAST_DISTINCT,
    MOST_CONFLICT,
    Choice,
    Figures,
    Measured,
    Standing,
)
from postings.visits import VisitSummary
from scheduler.cadence import Bounds
from storage.acceptance import HeldBack
from storage.budget import House

#: postings that are named of those held back, and places of tokens that are shown
_EXAMPLES, _PLACES = 5, 3

_STANDINGS = {
    Standing.UNKNOWN: "not used: no complete visit has shown any",
    Standing.PROBATION: "on probation: counts only together with an equal title",
    Standing.TRUSTED: "trusted",
    Standing.DISTRUSTED: "not trusted",
}
_HOW = {
    SourceKind.BOARD: "the public interface of its applicant tracking system",
    SourceKind.SITEMAP: "its sitemap",
    SourceKind.FEED: "a feed",
    SourceKind.LIST: "its list pages",
    SourceKind.PAGE: "the start page itself",
}


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
        yield from _field("source", *self._source())
        yield from _field("identifiers", *self._identifiers())
        yield from _field("address ids", *self._tokens())
        yield from _field("lastmod", *self._lastmod())
        yield from _field("dates", self._dates())
        yield from _field("patience", self._patience())
        if self.held is not None:
            yield from _field("gone?" if self.held.whole_site else "suspect", *self._suspicion(self.held))
        elif site.health.accepted is not None:
            at = wording.moment(site.health.accepted.at)
            yield from _field("accepted", f"what a suspect visit saw, by a person at {at}; it counts while it lasts")
        yield from _field("needs you", self.needs or "")
        for visit in self.visits:
            yield ""
            yield f"{wording.moment(visit.started_at)}  {visit.id}"
            yield f"  {self._visit(visit)}"
            yield from (f"  {clean(note)}" for note in visit.notes)

    def to_json(self) -> dict[str, Any]:
        """The report as one JSON value, without what `as_json` says of the site."""
        health, held = self.site.health, self.held
        return {
            "open": self._count("open"),
            "closed": self._count("closed"),
            "missing": self.missing,
            "cadence": cadence.to_json(self.site, bounds=self.bounds, house=self.house, now=self.now),
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
        how = cadence.in_words(site, bounds=self.bounds, house=self.house, now=self.now)
        return f"{how}; next visit {next_visit}"

    def _source(self) -> Iterator[str]:
        source = self.site.source
        if source is None:
            yield "not worked out yet: the next visit does that"
            return
        yield f"{_HOW[source.kind]}: {', '.join(source.urls)}"
        if source.reason:
            yield f"because {source.reason}"
        if self.site.render:
            yield "its pages are shown by a browser, which runs their scripts"
        if source.shapes:
            yield f"postings stand at {', '.join(source.shapes)}"
        if source.rejected:
            yield f"nothing stands at {', '.join(source.rejected)}"
        if source.checks:
            yield f"checked against {', '.join(source.checks)}: what they name counts, what they lack proves nothing"
        if source.feeds:
            yield f"new postings early from {', '.join(source.feeds)}; what these lack proves nothing"

    def _identifiers(self) -> Iterator[str]:
        yield _decided(self.site.overrides.identifier, self.site.trust.identifier)
        yield from _figures_words(self.measured.identifier, "postings")

    def _tokens(self) -> Iterator[str]:
        site, place = self.site, self.site.believed.token_place
        chosen = f", read from {place}" if place else ""
        yield f"{_decided(site.overrides.token, site.trust.token)}{chosen}"
        if site.overrides.token is Choice.ON and place is None:
            yield "no place is known, so it is not used: name one with --trust address-token=PLACE"
        for one in self.measured.tokens[:_PLACES]:
            for line in _figures_words(one, "addresses"):
                yield f"{one.place}: {line}"
        if not self.measured.tokens:
            yield "no address of an open posting holds one"

    def _lastmod(self) -> Iterator[str]:
        lastmod = self.site.health.lastmod
        if self.site.source is None or self.site.source.kind is not SourceKind.SITEMAP:
            yield "not asked: the source is no sitemap"
            return
        tested = f"{lastmod.clean_visits} of {CLEAN_VISITS} visits in a row found it true"
        yield f"{'trusted' if lastmod.trusted else 'not trusted yet'}: {tested}"
        if lastmod.lies:
            yield f"{lastmod.lies} {'page' if lastmod.lies == 1 else 'pages'} had changed, ever, that it called unchanged"

    def _dates(self) -> str:
        health = self.site.health
        if health.sliding.recognised:
            return f"validThrough is ignored: whenever the site is read it says in {health.sliding.days} days"
        if health.ignores_valid_through:
            return "validThrough is ignored: more than half of what the site lists is past it"
        return "validThrough is believed: a posting closes when it has passed"

    def _patience(self) -> str:
        patience = self.site.health.patience
        if patience <= 1:
            return "as usual: no closing has proven premature of late"
        raised = self.site.health.patience_raised_at
        since = f" at {wording.moment(raised)}" if raised else ""
        return (
            f"a closing proved premature{since}: waits before a closing are {patience} times as long, at most 48 h more"
        )

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


def _decided(choice: Choice, learnt: Standing) -> str:
    if choice is Choice.AUTO:
        return _STANDINGS[learnt]
    word = "trusted" if choice is Choice.ON else "not trusted"
    return f"{word}, because a person said so (the visits show: {_STANDINGS[learnt]})"


def _figures_words(figures: Figures, of: str) -> Iterator[str]:
    if not figures.values:
        yield f"none of {figures.postings} open {of} has one" if figures.postings else f"there are no open {of}"
        return
    examples = ", ".join(sample.rpartition(" | ")[2] for sample in figures.samples)
    yield (
        f"{figures.carriers} of {figures.postings} {of} have one, {figures.values} different, "
        f"{figures.conflict:.1%} in conflict ({examples})"
    )
    if figures.conflict > MOST_CONFLICT:
        yield f"different jobs share one in {figures.conflicts} of {figures.values}; {MOST_CONFLICT:.0%} is the most"
    if figures.place is not None and figures.cover < LEAST_COVER:
        yield f"{figures.cover:.0%} is too few to go by; {LEAST_COVER:.0%} is the least"
    if figures.place is not None and figures.distinct < LEAST_DISTINCT:
        yield f"too many share one: {figures.distinct:.0%} are distinct, {LEAST_DISTINCT:.0%} is the least"
    if figures.values < ENOUGH_VALUES:
        yield f"fewer than {ENOUGH_VALUES} prove nothing"


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
