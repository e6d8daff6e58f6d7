"""How a site stands after a visit: what the next verdict, the next visit and a person go by (C.5).

The ledger asks `next_health` with the verdict of `postings.verdicts`; the `Health` itself is kept with the site.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from postings import failing
from postings.digests import AGREEMENT, agreement
from postings.sites import Health
from postings.verdicts import REVISITS, guards, lost_markup
from postings.visits import Count, Outcome, Verdict, VisitReport

#: a site that failed this often over this long needs a person
DEAD_VISITS, DEAD_AFTER = 5, timedelta(days=14)
#: a site that said for so long that it is gone is believed
GIVEN_UP_AFTER = timedelta(days=30)
#: another site must have answered within this time, or the fault may be on our side
OTHERS_ANSWERED = timedelta(days=1)

_KEPT_SUSPECTS = 20
_GONE_STATUSES = frozenset({404, 410})


def next_health(health: Health, verdict: Verdict, count: Count, report: VisitReport) -> Health:
    """The site's health after a visit: what the next verdict and the status of the site go by.

    Patience belongs to the rules of life and is left alone.
    """
    at = report.ended_at
    if verdict.outcome is Outcome.FAILED:
        failed = replace(
            _told_to_be_gone(health, report),
            failures=health.failures + 1,
            first_failure_at=health.first_failure_at or at,
        )
        since = failed.first_failure_at
        dead = f"the site has not answered since {since:%Y-%m-%d} ({failed.failures} visits): is it gone?"
        return replace(failed, attention=dead if is_dead(failed, at) else health.attention)
    # an answer contradicts a person who said that the site is gone
    accepted = health.accepted if health.accepted and health.accepted.gone_digest is not None else None
    answered = replace(
        health,
        failures=0,
        first_failure_at=None,
        gone_since=None,
        gone_visits=0,
        failing=failing.learn(health.failing, report.asked - report.left_to_the_list - report.answered, at=at),
    )
    if verdict.outcome is Outcome.COMPLETE:
        # what was accepted may take several looks to close; a visit that nothing is wrong with ends it
        still = accepted if verdict.reason else None
        return replace(answered, suspects=(), last_complete_at=at, attention=None, accepted=still)
    if verdict.outcome is Outcome.PARTIAL:
        lost = lost_markup(report)
        unseen = replace(count, unexplained_gone=count.open_before - count.seen)
        # enough was seen again to contradict the suspect visits before
        kept = health.suspects if guards(unseen) else ()
        return replace(
            answered,
            suspects=kept,
            attention=lost or (health.attention if kept else None),
            accepted=accepted if kept or not health.suspects else None,
        )
    suspects = _kept((*health.suspects, (at, count.gone_digest)))
    # by the fourth look in a row time alone has not settled it
    never_any = count.seen == 0 and count.open_before == 0
    needs_person = never_any or len(suspects) > len(REVISITS)
    attention = verdict.reason if needs_person else health.attention
    return replace(answered, suspects=suspects, attention=attention, accepted=None)


def _kept(suspects: tuple[tuple[datetime, str], ...]) -> tuple[tuple[datetime, str], ...]:
    """As many as are kept: the first of those that agree stays, for it says since when."""
    if len(suspects) <= _KEPT_SUSPECTS:
        return suspects
    first, second, *others = suspects
    return (first, *others) if agreement(first[1], second[1]) >= AGREEMENT else (second, *others)


def revisit_after(health: Health) -> timedelta | None:
    """How soon a site is visited again after a suspect visit that `health` counts; None if it is not suspect (C.5)."""
    if not health.suspects:
        return None
    return REVISITS[min(len(health.suspects), len(REVISITS)) - 1]


def is_dead(health: Health, now: datetime) -> bool:
    """Whether a site has not answered in at least 5 visits over at least 14 days: it needs a person."""
    since = health.first_failure_at
    return since is not None and health.failures >= DEAD_VISITS and now - since >= DEAD_AFTER


def is_given_up(health: Health, report: VisitReport, *, others_answer: bool) -> bool:
    """Whether the postings of a site close because the site itself is gone (C.5), after a visit that `health` counts.

    Every visit for 30 days, and at least five, said so: 404 or 410 on its start page, a name that does not resolve, or
    a connection refused. The last two could be our own network: they count only where `others_answer`, which says that
    another site answered within a day. A time-out or an error of the server starts the 30 days anew; a visit that asked
    nothing, as the host rests, says nothing.
    """
    if not _says_gone(report) or health.gone_since is None:
        return False
    if health.accepted and health.accepted.gone_digest is None:
        return True
    if health.gone_visits < DEAD_VISITS:
        return False
    answered = report.start_status in _GONE_STATUSES
    return report.ended_at - health.gone_since >= GIVEN_UP_AFTER and (answered or others_answer)


def _told_to_be_gone(health: Health, report: VisitReport) -> Health:
    """`health` with what a failed visit says of the site being gone; one that asked nothing, as the host rests, says
    nothing."""
    if _says_gone(report):
        return replace(health, gone_since=health.gone_since or report.ended_at, gone_visits=health.gone_visits + 1)
    return replace(health, gone_since=None, gone_visits=0) if report.requests else health


def _says_gone(report: VisitReport) -> bool:
    return report.start_status in _GONE_STATUSES or report.unreachable
