"""Whether a visit is believed (C.5).

The ledger asks `judge` at the end of a visit, with the `VisitReport` of the crawler and the `Count` of its postings.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import takewhile

from postings import failing
from postings.digests import AGREEMENT, agreement, lies_within
from postings.patience import stretched
from postings.sites import Health, SourceKind
from postings.visits import Absence, Count, Look, Outcome, Settled, Verdict, VisitReport

#: of the posting pages that were asked for, this share must have answered (C.5)
LEAST_ANSWERED = 0.95
#: or this share of those that were asked, where so few failed of all that the list names
LEAST_OF_PART = 0.8
#: or all but one, if so many did: a page that is broken for good must not keep a small site from ever being complete
FEWEST_BESIDE_ONE = 5
#: of the other pages of a visit, this share must still have what one page has lost (C.5)
OTHERS_UNHARMED = 0.8
#: why a visit ended that was stopped before its work was done, by whoever runs hirewatch
STOPPED = "stopped"
_CUT_SHORT = "the visit was cut short: "
#: the reason of such a visit: it is made anew by itself, and nobody has to look
STOPPED_VISIT = _CUT_SHORT + STOPPED

#: unexplained gone beyond this share of the open postings and beyond this many, or all of so many, are not believed at
#: once (C.5)
GUARD_SHARE, GUARD_COUNT, GUARD_ALL_OF = 0.10, 5, 3
#: new and gone beyond this share of the open postings: the site has moved (C.5)
MOVE_SHARE = 0.5
#: two suspect visits this far apart that agree are believed (C.5)
CONFIRMED_AFTER = timedelta(hours=12)
#: the same of a site that names no posting and whose pages lead elsewhere (C.5)
STEADY_AFTER = timedelta(days=7)
#: the same where all that is seen could be a wall, or a site that is made anew (C.5)
LONG_STEADY_AFTER = timedelta(days=30)
#: visits that have to agree before it where the list names nothing: a broken build may stand for a day
AGREED_EMPTY = 2
#: the waits after the first, second and every further suspect visit in a row (C.5)
REVISITS = (timedelta(minutes=30), timedelta(hours=2), timedelta(hours=12))

_CLEAR = frozenset({Absence.GONE, Absence.NOT_FOUND})


def judge(report: VisitReport, count: Count, health: Health, *, baseline: bool) -> Verdict:
    """Whether a visit is believed (C.5): failed, partial, suspect or complete, the first that fits.

    `health` is the site's before this visit; `baseline`: no visit to the site has been complete yet.
    """
    if _unanswered(report, count):
        return Verdict(outcome=Outcome.FAILED, reason=_failure(report))
    if doubt := _doubt(report, health):
        return Verdict(outcome=Outcome.PARTIAL, reason=doubt)
    suspicion = "no posting found" if baseline and count.seen == 0 else _suspicion(report, count)
    if suspicion is None:
        return Verdict(outcome=Outcome.COMPLETE)
    if health.accepted and lies_within(count.gone_digest, health.accepted.gone_digest):
        reason = f"{suspicion}; a person accepted it on {health.accepted.at:%Y-%m-%d %H:%M} UTC"
        said = Settled(since=health.accepted.at, gone_digest=health.accepted.gone_digest or "", by_person=True)
        return Verdict(outcome=Outcome.COMPLETE, reason=reason, settled=said, moved=looks_moved(count))
    never_any = baseline and count.seen == 0
    if (not never_any or _is_board(report)) and (settled := _settled(report, count, health)):
        reason = f"{suspicion}; believed, as visits agree on it since {settled.since:%Y-%m-%d %H:%M} UTC"
        return Verdict(outcome=Outcome.COMPLETE, reason=reason, settled=settled, moved=looks_moved(count))
    if never_any:
        return Verdict(outcome=Outcome.SUSPECT, reason=suspicion)
    again = REVISITS[min(len(health.suspects), len(REVISITS) - 1)]
    reason = f"{suspicion}; looking again in {_words(again)}"
    return Verdict(outcome=Outcome.SUSPECT, reason=reason, moved=looks_moved(count))


def credible_looks(report: VisitReport) -> tuple[Look, ...]:
    """The looks of a visit, as far as each is a sign of its own posting (C.5).

    A page that lost its JobPosting, or carries `noindex`, says nothing where the site's other pages do the same: the
    template has changed. Such looks come back as `UNKNOWN`.
    """
    doubtful = {absence for absence in (Absence.NO_MARKUP, Absence.NOINDEX) if _shared_by_others(report, absence)}
    return tuple(
        replace(look, absence=Absence.UNKNOWN, detail=f"{look.detail or look.absence} (so do other pages)")
        if look.absence in doubtful
        else look
        for look in report.looks
    )


def looks_moved(count: Count) -> bool:
    """Whether most known postings are gone and as many new ones are there: the site has moved (C.5)."""
    before = count.open_before
    return guards(count) and count.new > MOVE_SHARE * before and count.unexplained_gone > MOVE_SHARE * before


def may_have_moved(open_before: int, *, gone: int, waiting: int) -> bool:
    """The same before it is known what of the sightings that wait for the end of the visit is new: of `open_before`
    postings so many were not seen."""
    most = gone > MOVE_SHARE * open_before and waiting > MOVE_SHARE * open_before
    return most and (gone > GUARD_COUNT or (open_before >= GUARD_ALL_OF and gone >= open_before))


def guards(count: Count) -> bool:
    """Whether more open postings are gone without an explanation than is believed at once."""
    gone, before = count.unexplained_gone, count.open_before
    many = gone > GUARD_COUNT and gone > GUARD_SHARE * before
    return many or (before >= GUARD_ALL_OF and gone >= before)


def lost_markup(report: VisitReport) -> str | None:
    """That too many pages lost their JobPosting at once to be closed postings, in words; None if they have not."""
    lost = sum(look.absence is Absence.NO_MARKUP for look in report.looks)
    if not _shared_by_others(report, Absence.NO_MARKUP):
        return None
    pages = "1 page" if lost == 1 else f"{lost} pages"
    return f"the JobPosting markup is gone from {pages} that had it, too many to be closed postings"


def steady_after(report: VisitReport) -> timedelta:
    """How long visits have to agree with this one before what they see is believed by that alone (C.5)."""
    return LONG_STEADY_AFTER if report.listing.led_elsewhere or _lost_all(report) else STEADY_AFTER


def _lost_all(report: VisitReport) -> bool:
    """Whether the list names nothing, and pages that had a posting show something else."""
    emptied = report.listing.whole and not report.listing.addresses
    return emptied and any(look.absence is Absence.NO_MARKUP for look in report.looks)


def _unanswered(report: VisitReport, count: Count) -> bool:
    listed = report.listing.whole or report.listing.rows > 0
    started = report.start_status is not None and report.start_status < 400
    return count.seen == 0 and not listed and not started


def _failure(report: VisitReport) -> str:
    if report.problems:
        return report.problems[0]
    if report.cut_short:
        return f"the visit ended before the site had answered: {report.cut_short}"
    if report.start_status is None:
        return "the start page did not answer"
    return f"the start page answered {report.start_status}"


def _doubt(report: VisitReport, health: Health) -> str | None:
    """What could have hidden postings from this visit; None if nothing could."""
    if report.cut_short:
        return _CUT_SHORT + report.cut_short
    if not report.listing.whole and not (report.listing.newest_only and not report.listing.doubts):
        doubts = "; ".join(report.listing.doubts)
        if doubts and report.source is None and not report.listing.rows:
            # there is no list that could be whole: the doubts say what was looked for
            return doubts
        return f"the list is not whole: {doubts or 'nothing proves it'}"
    if not _enough_answered(report, health):
        return f"only {report.answered} of {report.asked} posting pages answered"
    return lost_markup(report)


def _enough_answered(report: VisitReport, health: Health) -> bool:
    """Whether so few of the posting pages failed that the others speak for the site. Those that a whole list no longer
    names do not count: of them the list alone speaks."""
    asked, answered = report.asked - report.left_to_the_list, report.answered
    failed, size = asked - answered, max(asked, len(report.listing.addresses))
    return (
        answered >= LEAST_ANSWERED * asked
        or (failed == 1 and answered >= FEWEST_BESIDE_ONE)
        # most visits ask a part of the pages, and always those that have never answered
        or (failed <= (1 - LEAST_ANSWERED) * size and answered >= LEAST_OF_PART * asked)
        or failing.is_steady(health.failing, failed, size, at=report.ended_at)
    )


def _suspicion(report: VisitReport, count: Count) -> str | None:
    """What makes a visit hard to believe; None if nothing does."""
    gone, before = count.unexplained_gone, count.open_before
    if report.listing.rows == 0 and report.listing.whole and before > 0:
        return f"the list is empty, {_postings(before)} {'was' if before == 1 else 'were'} open"
    if not report.listing.addresses and report.listing.whole and (before >= GUARD_ALL_OF or _lost_all(report)):
        return f"the list names no posting any more, {_postings(before)} {'was' if before == 1 else 'were'} open"
    if guards(count):
        return f"{gone} of {before} open postings vanished at once"
    return None


def _settled(report: VisitReport, count: Count, health: Health) -> Settled | None:
    """The first of the suspect visits in a row that agree with this one; None unless that is at least 12 hours ago and
    the site is otherwise healthy, or a week ago. Of a list that names nothing, two before this one have to agree."""
    alike = takewhile(lambda suspect: agreement(suspect[1], count.gone_digest) >= AGREEMENT, reversed(health.suspects))
    agreed = [Settled(since=at, gone_digest=digest) for at, digest in alike]
    emptied = not report.listing.addresses and not _is_board(report)
    if len(agreed) < (AGREED_EMPTY if emptied else 1):
        return None
    first = agreed[-1]
    waited = report.ended_at - first.since
    if waited < stretched(CONFIRMED_AFTER, CONFIRMED_AFTER, health.patience):
        return None
    return first if _healthy(report, count, for_long=waited >= steady_after(report)) else None


def _healthy(report: VisitReport, count: Count, *, for_long: bool) -> bool:
    """The start page answers, and either a list names postings, or the pages themselves say 404 or 410, or there are no
    pages to ask because a board's list is all there is, or it was so `for_long`. A list that still names pages which
    lead elsewhere is a wall, not a clearance; so is, at first, a page in its place that has rows of another kind, and
    404 from most of the pages that it still names. Where it names nothing and people can apply on a page, the
    template has lost the markup."""
    if report.start_status != 200:
        return False
    clear = sum(look.absence in _CLEAR for look in report.looks)
    walled = sum(look.absence not in _CLEAR and look.address in report.listing.addresses for look in report.looks)
    if walled > GUARD_SHARE * max(count.unexplained_gone, 1):
        return False
    if _lost_all(report) and any(look.lets_apply for look in report.looks):
        return False
    still_named = sum(look.absence in _CLEAR and look.address in report.listing.addresses for look in report.looks)
    if for_long:
        return True
    if report.listing.addresses:
        return still_named <= MOVE_SHARE * count.unexplained_gone
    if _is_board(report) and report.listing.whole:
        return all(look.absence in _CLEAR or look.absence is Absence.ABSENT for look in report.looks)
    return clear > 0 and clear >= OTHERS_UNHARMED * len(report.looks)


def _is_board(report: VisitReport) -> bool:
    """Whether the postings are read from the public interface of a board: that it lists nothing is an answer."""
    return report.source is not None and report.source.kind is SourceKind.BOARD


def _shared_by_others(report: VisitReport, absence: Absence) -> bool:
    """Whether more than a fifth of the visit's other pages are like this, or there is no other page to tell by. Not
    where a whole list names none of those that are, and as many others are unharmed: no template has changed. Nor
    where the list names nothing any more, which is doubted by itself."""
    alike = sum(look.absence is absence for look in report.looks)
    if alike == 0 or (absence is Absence.NO_MARKUP and _lost_all(report)):
        return False
    unharmed = min(report.read + report.not_modified, max(report.answered, alike) - alike)
    others = unharmed + alike - 1
    named = report.listing.addresses if report.listing.whole else frozenset()
    listed = any(look.absence is absence and look.address in named for look in report.looks)
    if named and unharmed >= alike and not listed:
        return False
    return others == 0 or unharmed < OTHERS_UNHARMED * others


def _postings(number: int) -> str:
    return "1 posting" if number == 1 else f"{number} postings"


def _words(wait: timedelta) -> str:
    minutes = int(wait.total_seconds() // 60)
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"
