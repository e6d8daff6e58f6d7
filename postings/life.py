"""What happens to a posting in its life: seen, missed, expired, closed, opened again (C.5).

The ledger asks; nothing else closes or reopens a posting. A closing needs a positive reason: the posting's own
address says so, a list that is proven whole lacks it and time confirms it, or its `validThrough` has passed.
"No answer" is no reason. Times are aware; `now` and `at` come from the caller.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Literal

from postings.falling import Falls
from postings.patience import stretched
from postings.posting import Posting
from postings.visits import Absence


class State(StrEnum):
    """A posting is open or closed; an open one can be missing."""

    OPEN = "open"
    CLOSED = "closed"


class Missing(StrEnum):
    """How a posting is missing: what its page says, or what a whole list lacks."""

    GONE = "gone"
    NOT_FOUND = "not_found"
    NOINDEX = "noindex"
    NO_MARKUP = "no_markup"
    REDIRECTED = "redirected"
    SOFT_404 = "soft_404"
    #: a whole list lacks it, its page still answers with the posting, or says nothing of it
    UNLISTED = "unlisted"
    #: a whole list lacks it, and it has no page of its own
    ABSENT = "absent"


#: after the first missing look, the second one closes no earlier than this (C.5)
WAITS = {
    Missing.GONE: timedelta(minutes=15),
    Missing.NOT_FOUND: timedelta(hours=1),
    Missing.NOINDEX: timedelta(hours=1),
    Missing.NO_MARKUP: timedelta(hours=24),
    Missing.REDIRECTED: timedelta(hours=1),
    Missing.SOFT_404: timedelta(hours=1),
    Missing.UNLISTED: timedelta(days=7),
    Missing.ABSENT: timedelta(hours=24),
}
#: the same while many are missing that fell off the list in one visit: that may be the list (`postings.falling`)
UNLISTED_IN_DOUBT = timedelta(days=30)
#: nothing has fallen off the list
NONE_FELL = Falls()
#: visits or looks that must say so, the first one included
LOOKS = {Missing.UNLISTED: 3, Missing.NO_MARKUP: 3}
FEWEST_LOOKS = 2
#: what shows only something else is another matter where a whole list lacks the posting, too
_OFF_LIST_TOO = timedelta(hours=1)

#: seen again unchanged within this time, a closing was our error
PREMATURE_WITHIN = timedelta(hours=72)
#: a reading that old is repeated before a posting expires: a renewal may be why it still stands
FRESH_READING = timedelta(hours=6)

#: a time without a zone is over everywhere this much after it is over in UTC (UTC-12)
_LAST_ZONE = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """Where a posting stands."""

    state: State
    first_seen: datetime
    last_seen: datetime
    #: the first missing look
    missing_since: datetime | None = None
    missing_how: Missing | None = None
    #: complete visits or looks that said so
    missing_looks: int = 0
    #: when it ended: the first missing look, or the instant of its validThrough
    closed_at: datetime | None = None
    #: gone, absent, unlisted, expired, replaced, site_gone
    closed_reason: str | None = None
    #: when that was found out
    closed_recorded_at: datetime | None = None
    #: a date or a time without zone as the page gives it; an aware time is the instant of expiry (`valid_until`)
    valid_through: date | datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a look means for a posting's life."""

    life: Life
    event: Literal["closed", "reopened"] | None = None
    reason: str | None = None
    #: the rule that decided, in words, beginning with its number
    rule: str
    #: the earlier closing was our error
    premature: bool = False


def valid_until(valid_through: date | datetime | None) -> datetime | None:
    """The instant after which a `validThrough` has passed, never early in any zone (C.5); None if there is none.

    schema.org: "the date after when the item is not valid", so the day itself still is. A time with an offset is that
    instant; a time without one is over 12 hours later in the last zone; a date, or a midnight that stands for one,
    ends with that day in the last zone, the next day at 12:00 UTC.
    """
    if valid_through is None:
        return None
    try:
        if not isinstance(valid_through, datetime):
            return datetime.combine(valid_through, time(), UTC) + timedelta(days=1) + _LAST_ZONE
        if valid_through.time() == time():
            return datetime.combine(valid_through.date(), time(), UTC) + timedelta(days=1) + _LAST_ZONE
        if valid_through.tzinfo is None:
            return valid_through.replace(tzinfo=UTC) + _LAST_ZONE
        return valid_through.astimezone(UTC)
    except OverflowError:
        return None


def arrive(posting: Posting, *, at: datetime, ignore_expiry: bool = False) -> Step:
    """A new posting: open, or stored closed if its validThrough is past on arrival, which alerts nobody (C.5)."""
    until = valid_until(posting.valid_through)
    life = Life(state=State.OPEN, first_seen=at, last_seen=at, valid_through=until)
    if until is None or until > at or ignore_expiry:
        return Step(life=life, rule="C.4 new")
    return Step(
        life=_closed(life, "expired", closed_at=until, recorded_at=at),
        event="closed",
        reason="expired",
        rule="C.5 validThrough was past when it was first seen",
    )


def see(
    life: Life,
    valid_through: date | datetime | None,
    *,
    at: datetime,
    changed: bool,
    ignore_expiry: bool = False,
    listed: bool | None = None,
) -> Step:
    """A posting is there: on its page, or on a list that carries whole postings (C.5).

    `valid_through` is what it says now (or the instant, where nothing changed), `changed` whether its record differs
    from the last reading. An open one is no longer missing; only one that is missing from the list stays so until the
    list has it (`listed`). A closed one is reopened unless it is past; one that closed as `unlisted` only if it is
    listed, for its page had answered all the time.
    """
    until = _instant(valid_through) if valid_through == life.valid_through else valid_until(valid_through)
    seen = replace(life, last_seen=max(life.last_seen, at), valid_through=until)
    if life.state is State.OPEN:
        if life.missing_how is Missing.UNLISTED and not listed:
            return Step(life=seen, rule="C.5 its page answers, the list lacks it")
        return Step(life=_present(seen), rule="C.5 seen")
    if until is not None and until <= at and not ignore_expiry:
        return Step(life=seen, rule="C.5 seen, but its validThrough has passed")
    if life.closed_reason == "unlisted" and not listed:
        return Step(life=seen, rule="C.5 its page answers, the list still lacks it")
    opened = replace(_present(seen), state=State.OPEN, closed_at=None, closed_reason=None, closed_recorded_at=None)
    if life.closed_reason == "expired" and (until is None or until > at):
        rule = "C.5 open again: its validThrough lies in the future"
        return Step(life=opened, event="reopened", reason="renewed", rule=rule)
    if not changed and life.closed_reason in _BY_ABSENCE and at - _recorded(life) <= PREMATURE_WITHIN:
        rule = "C.5 seen again unchanged within 72 hours: the closing was premature"
        return Step(life=opened, event="reopened", reason="premature", rule=rule, premature=True)
    if changed:
        return Step(life=opened, event="reopened", reason="renewed", rule="C.5 seen again, and renewed")
    return Step(life=opened, event="reopened", reason="seen", rule="C.5 seen again")


def miss(
    life: Life,
    absence: Missing | Absence,
    *,
    at: datetime,
    listed: bool | None,
    list_whole: bool,
    list_empty: bool = False,
    settled: str | None = None,
    doubtful: bool = False,
    patience: int = 1,
) -> Step:
    """A believed visit, or a look at its own page, did not see an open posting (C.5).

    `listed`: whether the list of the visit names it; None if that is not known. `list_whole`: the list is proven whole.
    `patience` of the site lengthens the waits. `Absence.UNKNOWN` changes nothing, and so does a list that still names
    the posting or is not whole where the list alone would speak. A list that is `list_empty` confirms no page's word:
    on a bad day a site of one or two postings shows none, and answers 404 for each. `settled`: in words, what
    makes further looks needless; this one says the same. `doubtful`: many fell off the list together
    (`postings.falling`).
    """
    if life.state is State.CLOSED or absence is Absence.UNKNOWN:
        return Step(life=life, rule="C.5 says nothing")
    how = Missing(str(absence))
    lacks = list_whole and listed is False
    if how in _BY_LIST and not lacks:
        back = _present(life) if listed and life.missing_how in _BY_LIST else life
        return Step(life=back, rule="C.5 the list does not prove it missing")
    looked = _look(life, how, at)
    since = looked.missing_since or at
    if settled:
        wait, looks = timedelta(), 1
        rule = f"C.5 {_WORDS[how]}, and {settled}"
    elif how in _BY_STATUS and lacks and not list_empty:
        # proven twice at once; only a site that has proven us wrong before is asked again
        wait, looks = stretched(timedelta(), WAITS[how], patience), 1
        rule = f"C.5 its page says {_STATUS[how]} and a whole list lacks it"
    elif how is Missing.NO_MARKUP and lacks and not list_empty:
        wait, looks = stretched(_OFF_LIST_TOO, _OFF_LIST_TOO, patience), FEWEST_LOOKS
        rule = f"C.5 {_WORDS[how]}, and a whole list lacks it, {looked.missing_looks} times since {_moment(since)}"
    else:
        wait, looks = _wait(how, patience, doubtful=doubtful), LOOKS.get(how, FEWEST_LOOKS)
        rule = f"C.5 {_WORDS[how]}, {looked.missing_looks} times since {_moment(since)}"
    if looked.missing_looks < looks or at - since < wait:
        return Step(life=looked, rule=f"C.5 {_WORDS[how]}; missing until another look confirms it")
    reason = str(how) if how in _BY_LIST else "gone"
    closed = _closed(looked, reason, closed_at=since, recorded_at=at)
    return Step(life=closed, event="closed", reason=reason, rule=rule)


def missed_before(life: Life, absence: Missing, *, since: datetime) -> Life:
    """An open posting that a doubted visit at `since` did not see, now that it is believed: that was the first look
    (C.5)."""
    if life.missing_since is not None or since <= life.last_seen:
        return life
    return _look(life, absence, since)


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """What still has to happen before a missing posting closes."""

    #: how it is missing, in words
    how: str
    #: further looks that must miss it too
    looks: int
    #: none of them closes it before this; None where none does, as the list shows only the newest
    not_before: datetime | None
    #: which is late, for many fell off the list together: it may be the list
    doubtful: bool
    #: fewer are enough, and earlier, if a whole list lacks it too
    list_settles: bool


def awaited(life: Life, falls: Falls = NONE_FELL, *, patience: int = 1) -> Awaited | None:
    """What a missing posting waits for (C.5); None if it is not missing.

    `falls`: what is missing from the list of its site says of it. `patience` is that of the site.
    """
    how, since = life.missing_how, life.missing_since
    if life.state is State.CLOSED or how is None or since is None:
        return None
    unlisted = how is Missing.UNLISTED
    return Awaited(
        how=_WORDS[how],
        looks=max(LOOKS.get(how, FEWEST_LOOKS) - life.missing_looks, 1),
        not_before=None if unlisted and falls.window else since + _wait(how, patience, doubtful=falls.doubtful),
        doubtful=falls.doubtful and unlisted,
        list_settles=how in _BY_STATUS or how is Missing.NO_MARKUP,
    )


def expire(life: Life, *, now: datetime) -> Step | None:
    """The closing of an open posting whose validThrough has passed, at that instant (C.5); None if it has not."""
    until = _instant(life.valid_through)
    if life.state is State.CLOSED or until is None or until > now:
        return None
    closed = _closed(life, "expired", closed_at=until, recorded_at=now)
    rule = f"C.5 validThrough passed at {until.isoformat(timespec='seconds')}"
    return Step(life=closed, event="closed", reason="expired", rule=rule)


def expired_first(life: Life, *, now: datetime) -> bool:
    """Whether an open posting had passed its validThrough by `now`, before a look first missed it: it ended then
    (C.5)."""
    step = expire(life, now=now)
    if step is None or step.life.closed_at is None:
        return False
    return life.missing_since is None or life.missing_since >= step.life.closed_at


def replaced(life: Life, *, at: datetime) -> Life:
    """The life of a posting whose address now carries another one (C.4, recycled)."""
    if life.state is State.CLOSED:
        return life
    return _closed(life, "replaced", closed_at=life.missing_since or at, recorded_at=at)


def site_gone(life: Life, *, since: datetime, at: datetime) -> Step | None:
    """The closing at `at` of an open posting whose site is gone since the visit at `since` (C.5); None if it is closed
    already."""
    if life.state is State.CLOSED:
        return None
    closed = _closed(life, "site_gone", closed_at=life.missing_since or since, recorded_at=at)
    rule = f"C.5 the site is gone: so said every visit since {since.isoformat(timespec='seconds')}"
    return Step(life=closed, event="closed", reason="site_gone", rule=rule)


def look_first(last_read: datetime, *, now: datetime) -> bool:
    """Whether the page of a posting that expires is asked once before (C.5): its last reading is over 6 hours old."""
    return now - last_read > FRESH_READING


def site_ignores_valid_through(listed_past: int, listed: int) -> bool:
    """Whether a site's validThrough says nothing: more than half of its listed postings, and at least three, are past
    it (C.5)."""
    return listed_past >= 3 and listed_past * 2 > listed


_BY_ABSENCE = frozenset({"gone", "absent", "unlisted"})
_BY_LIST = frozenset({Missing.UNLISTED, Missing.ABSENT})
_BY_STATUS = frozenset({Missing.GONE, Missing.NOT_FOUND})
_STATUS = {Missing.GONE: "410", Missing.NOT_FOUND: "404"}
_WORDS = {
    Missing.GONE: "its page says 410",
    Missing.NOT_FOUND: "its page says 404",
    Missing.NOINDEX: "its page says noindex",
    Missing.NO_MARKUP: "its page no longer carries it",
    Missing.REDIRECTED: "its page leads elsewhere",
    Missing.SOFT_404: "its page says that it is gone",
    Missing.UNLISTED: "a whole list lacks it, and its page does not say that it is gone",
    Missing.ABSENT: "a whole list lacks it",
}


def _look(life: Life, how: Missing, at: datetime) -> Life:
    """One more missing look. What the list said does not count for the page, nor the other way round: between the
    two the posting may have been there."""
    same_kind = life.missing_how is not None and _kind(life.missing_how) == _kind(how)
    if life.missing_since is None or not same_kind:
        return replace(life, missing_since=at, missing_how=how, missing_looks=1)
    if at <= life.missing_since:
        return replace(life, missing_how=how)
    return replace(life, missing_how=how, missing_looks=life.missing_looks + 1)


def _kind(how: Missing) -> str:
    return str(how) if how in _BY_LIST else "page"


def _wait(how: Missing, patience: int, *, doubtful: bool) -> timedelta:
    """How long after the first missing look one that says the same may close it."""
    least = UNLISTED_IN_DOUBT if doubtful and how is Missing.UNLISTED else WAITS[how]
    return stretched(least, WAITS[how], patience)


def _present(life: Life) -> Life:
    return replace(life, missing_since=None, missing_how=None, missing_looks=0)


def _closed(life: Life, reason: str, *, closed_at: datetime, recorded_at: datetime) -> Life:
    return replace(
        life,
        state=State.CLOSED,
        closed_at=min(closed_at, recorded_at),
        closed_reason=reason,
        closed_recorded_at=recorded_at,
    )


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _recorded(life: Life) -> datetime:
    return life.closed_recorded_at or life.closed_at or life.last_seen


def _instant(valid_through: date | datetime | None) -> datetime | None:
    """The instant of expiry of what a life holds: an aware time is one already."""
    if isinstance(valid_through, datetime) and valid_through.tzinfo is not None:
        return valid_through.astimezone(UTC)
    return valid_until(valid_through)
