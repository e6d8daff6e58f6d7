"""The end of a visit: what becomes of the postings of its site, then what it teaches of the site.

The ledger calls both inside the concluding transaction. What follows from what, `postings` decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from postings import changes, verdicts, wording
from postings import health as healths
from postings import lastmod as lastmods
from postings import life as lives
from postings import patience as patiences
from postings import rhythm as rhythms
from postings import sliding as slidings
from postings.events import EventType
from postings.lastmod import Lastmod
from postings.life import Life, State
from postings.rhythm import Rhythm
from postings.sites import Health, Source
from postings.trust import Trust
from postings.visits import Outcome, Verdict, VisitReport
from storage import gathering, holders, open_postings
from storage.absences import Absences
from storage.entries import Entries
from storage.open_visit import OpenVisit
from storage.recording import Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How a visit stands once all that it says of postings is written."""

    verdict: Verdict
    #: with this visit counted in
    health: Health
    #: the postings are looked for in another way than before
    refound: bool
    #: fields that the site has rewritten everywhere
    rewritten: frozenset[str]
    notes: Sequence[str]
    #: number of the newest event
    last_event: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What is known of a site after a visit."""

    trust: Trust
    health: Health
    rhythm: Rhythm


def settle(conn: Connection, visit: OpenVisit, report: VisitReport, now: datetime) -> Settled:
    """What waited for the end of the visit, its verdict, and the absences and closings that follow from it."""
    site = visit.site
    # first of all: what identity, the verdict and trust ask next is whether a posting was seen in this visit
    listed = open_postings.see_listed(conn, site.id, visit.id, report.spared.left, report.ended_at)
    entries = Entries(conn, site_id=site.id, site=site.name, visit_id=visit.id, now=now)
    absences = Absences(conn, visit, report, now)
    ignores = absences.ignores_valid_through(_past_arrivals(visit), now)
    dated = replace(site.health, ignores_valid_through=ignores).believes_dates
    recording = Recording(conn, entries, visit, ignore_expiry=not dated)
    recording.finish(absences.vanished(), unlisted=absences.unlisted(), unchanged=report.spared.believed)

    refound = _is_refound(site.source, report.source)
    count = absences.count(entries, listed=listed, new=visit.new + recording.new, now=now)
    verdict = verdicts.judge(report, count, site.health, baseline=visit.baseline)
    health = healths.next_health(site.health, verdict, count, report)
    if verdict.moved or (verdict.outcome is not Outcome.COMPLETE and verdicts.looks_moved(count)):
        recording.call_moved()
    elif refound:
        recording.call_refound()
    else:
        recording.call_translated()
    if verdict.outcome is Outcome.COMPLETE:
        recording.replace_recycled()
        falls = absences.believe(entries, health, dated=dated, now=now, settled=verdict.settled)
        health = replace(health, falls=falls)
        recording.notes += _of_missing(absences.missed, health)
        recording.premature += absences.relist(entries)
    elif health.gone_since is not None and _is_given_up(conn, visit, health, report):
        closed = absences.give_up(entries, health.gone_since, site.start_url)
        recording.notes.append(f"the site is gone: {closed} postings closed")
    if dated:
        absences.expire(entries, now)
    entries.write()
    if verdict.outcome is not Outcome.COMPLETE:
        absences.doubt_pages()
    recording.absorbed()
    return Settled(
        verdict=verdict,
        health=replace(health, ignores_valid_through=ignores),
        refound=refound,
        rewritten=recording.rewritten,
        notes=recording.notes,
        last_event=entries.last_event,
    )


def learn(conn: Connection, visit: OpenVisit, report: VisitReport, settled: Settled, now: datetime) -> Learnt:
    """What the visit teaches of its site, now that it is settled."""
    health = _with_patience(settled.health, visit.premature, now)
    return Learnt(
        health=replace(
            health,
            sliding=slidings.learn(health.sliding, visit.horizons, at=report.ended_at),
            rewritten_at=now if changes.DESCRIPTION in settled.rewritten else health.rewritten_at,
            lastmod=_tested(health.lastmod, visit, report, settled.verdict),
        ),
        trust=_learnt(conn, visit, settled.verdict, settled.last_event),
        rhythm=_learnt_rhythm(visit, report, settled.verdict),
    )


def _of_missing(missed: Sequence[Life], health: Health) -> list[str]:
    """What a person hears of the open postings that were missed for the first time: nothing else tells of them yet."""
    awaited = [one for life in missed if (one := lives.awaited(life, health.falls, patience=health.patience))]
    ends = [one.not_before for one in awaited if one.not_before is not None]
    if not ends:
        return []
    what = "1 posting is" if len(ends) == 1 else f"{len(ends)} postings are"
    # where a whole list may end the wait, no day is certain
    when = "" if any(one.list_settles for one in awaited) else f" from {wording.moment(min(ends))} on"
    return [f"{what} missing, and closed{when} if it stays so"]


def _past_arrivals(visit: OpenVisit) -> int:
    arrivals = (lives.arrive(visit.believed(one.posting), at=one.page.at) for one in visit.held)
    return sum(arrival.life.state is State.CLOSED for arrival in arrivals)


def _is_refound(before: Source | None, after: Source | None) -> bool:
    """Whether the postings are looked for in another way than before: what that finds was there already (C.5)."""
    if before is None or after is None:
        return False
    return before.kind != after.kind or not set(after.urls) <= set(before.urls)


def _is_given_up(conn: Connection, visit: OpenVisit, health: Health, report: VisitReport) -> bool:
    others = gathering.others_answer(conn, visit.site.id, report.ended_at - healths.OTHERS_ANSWERED)
    return healths.is_given_up(health, report, others_answer=others)


def _learnt(conn: Connection, visit: OpenVisit, verdict: Verdict, newest: int) -> Trust:
    """Trust moves only at the end of a complete visit, and only if it saw something new (C.3)."""
    trust = visit.site.trust
    if verdict.outcome is not Outcome.COMPLETE or not (visit.counts or visit.baseline):
        return trust
    return holders.learn(conn, visit.site.id, visit.id, trust, newest)


def _learnt_rhythm(visit: OpenVisit, report: VisitReport, verdict: Verdict) -> Rhythm:
    """Only complete visits teach; openings of a baseline, and those of a visit in doubt, are no news."""
    rhythm, counts = visit.site.rhythm, visit.counts
    news = counts[EventType.OPENED] + counts[EventType.REOPENED]
    if verdict.outcome is Outcome.COMPLETE and (visit.baseline or verdict.moved):
        open_now = visit.open_before + news - counts[EventType.CLOSED]
        return rhythms.begin(rhythm, began=visit.started_at, open_now=open_now, requests=report.requests)
    if verdict.outcome is Outcome.COMPLETE:
        return rhythms.observe(rhythm, began=visit.started_at, news=news, requests=report.requests)
    if verdict.outcome is Outcome.PARTIAL and not visit.baseline:
        return rhythms.hold(rhythm, news)
    return rhythm


def _tested(lastmod: Lastmod, visit: OpenVisit, report: VisitReport, verdict: Verdict) -> Lastmod:
    """What the visit shows of the sitemap's `lastmod`: whether a page changed that it calls unchanged."""
    spared = report.spared
    return lastmods.learn(
        lastmod,
        looked_at=len(spared.tested),
        unmoved=spared.unmoved,
        lied=len(spared.tested & {sighting.page.address for sighting in visit.changed.values()}),
        varied=spared.varied,
        complete=verdict.outcome is Outcome.COMPLETE,
    )


def _with_patience(health: Health, premature: int, now: datetime) -> Health:
    if premature:
        return replace(health, patience=patiences.raise_patience(health.patience), patience_raised_at=now)
    patience, raised_at = patiences.decay_patience(health.patience, raised_at=health.patience_raised_at, now=now)
    return replace(health, patience=patience, patience_raised_at=raised_at)
