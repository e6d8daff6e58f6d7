"""The life of a posting (C.5), and what must always hold of it (C.7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from postings.falling import Falls
from postings.life import (
    Awaited,
    Life,
    Missing,
    State,
    Step,
    arrive,
    awaited,
    expire,
    expired_first,
    look_first,
    miss,
    missed_before,
    replaced,
    see,
    site_gone,
    site_ignores_valid_through,
    valid_until,
)
from postings.patience import decay_patience, raise_patience
from postings.visits import Absence
from tests.postings.making import NOW, posting

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OPEN = Life(state=State.OPEN, first_seen=NOW - 30 * DAY, last_seen=NOW - HOUR)
PAGE_SIGNS = [Missing.GONE, Missing.NOT_FOUND, Missing.NOINDEX, Missing.NO_MARKUP, Missing.REDIRECTED, Missing.SOFT_404]


def look(
    life: Life,
    how: Missing | Absence,
    *,
    at: datetime = NOW,
    listed: bool | None = None,
    list_whole: bool = False,
    list_empty: bool = False,
    doubtful: bool = False,
    patience: int = 1,
) -> Step:
    return miss(
        life,
        how,
        at=at,
        listed=listed,
        list_whole=list_whole,
        list_empty=list_empty,
        doubtful=doubtful,
        patience=patience,
    )


def closed(reason: str = "gone", *, ago: timedelta = HOUR, **more: Any) -> Life:
    return replace(
        OPEN, state=State.CLOSED, closed_at=NOW - ago, closed_reason=reason, closed_recorded_at=NOW - ago, **more
    )


# ---- validThrough


@pytest.mark.parametrize(
    ("valid_through", "instant"),
    [
        (datetime(2026, 12, 31, 18, 0, tzinfo=timezone(timedelta(hours=2))), datetime(2026, 12, 31, 16, 0, tzinfo=UTC)),
        (datetime(2026, 12, 31, 18, 0, tzinfo=UTC), datetime(2026, 12, 31, 18, 0, tzinfo=UTC)),
        (datetime(2026, 12, 31, 23, 59), datetime(2027, 1, 1, 11, 59, tzinfo=UTC)),
        (date(2026, 12, 31), datetime(2027, 1, 1, 12, 0, tzinfo=UTC)),
        (datetime(2026, 12, 31), datetime(2027, 1, 1, 12, 0, tzinfo=UTC)),
        (datetime(2026, 12, 31, tzinfo=UTC), datetime(2027, 1, 1, 12, 0, tzinfo=UTC)),
        (datetime(2026, 12, 31, tzinfo=timezone(timedelta(hours=-5))), datetime(2027, 1, 1, 12, 0, tzinfo=UTC)),
        (None, None),
        (date.max, None),
        (datetime.max, None),
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone(timedelta(hours=-5))), None),
    ],
)
def test_a_valid_through_has_one_instant_of_expiry(
    valid_through: date | datetime | None, instant: datetime | None
) -> None:
    assert valid_until(valid_through) == instant


ZONES = st.sampled_from(sorted(available_timezones()))


@settings(deadline=None)
@given(st.dates(date(1990, 1, 1), date(2089, 12, 30)), ZONES)
def test_a_date_is_never_over_before_its_day_is_over_in_any_zone(day: date, zone: str) -> None:
    end = datetime.combine(day + DAY, datetime.min.time(), ZoneInfo(zone))
    until = valid_until(day)
    assert until is not None
    assert until >= end


@settings(deadline=None)
@given(st.datetimes(datetime(1990, 1, 1), datetime(2089, 12, 30)), ZONES)
def test_a_time_without_a_zone_is_never_over_before_it_is_over_in_every_zone(moment: datetime, zone: str) -> None:
    until = valid_until(moment)
    assert until is not None
    assert until >= moment.replace(tzinfo=ZoneInfo(zone))


# ---- arriving and expiring


def test_a_new_posting_is_open() -> None:
    step = arrive(posting(valid_through=date(2026, 12, 31)), at=NOW)
    assert step.event is None
    assert step.life == Life(
        state=State.OPEN, first_seen=NOW, last_seen=NOW, valid_through=datetime(2027, 1, 1, 12, tzinfo=UTC)
    )


def test_a_posting_past_on_arrival_is_stored_closed_at_its_instant() -> None:
    step = arrive(posting(valid_through=date(2026, 11, 1)), at=NOW)
    assert (step.event, step.reason) == ("closed", "expired")
    assert step.life.state is State.CLOSED
    assert step.life.closed_at == datetime(2026, 11, 2, 12, tzinfo=UTC)
    assert step.life.closed_recorded_at == NOW


def test_where_a_site_ignores_its_dates_a_past_posting_arrives_open() -> None:
    assert arrive(posting(valid_through=date(2026, 11, 1)), at=NOW, ignore_expiry=True).life.state is State.OPEN


def test_a_posting_expires_at_the_instant_of_its_valid_through() -> None:
    until = NOW - 2 * HOUR
    step = expire(replace(OPEN, valid_through=until), now=NOW)
    assert step is not None
    assert (step.event, step.reason, step.life.closed_at, step.life.closed_recorded_at) == (
        "closed", "expired", until, NOW
    )  # fmt: skip


def test_an_instant_that_falls_on_midnight_is_not_taken_for_a_date_again() -> None:
    midnight = datetime(2026, 11, 24, tzinfo=UTC)
    assert expire(replace(OPEN, valid_through=midnight), now=midnight) is not None
    assert see(replace(OPEN, valid_through=midnight), midnight, at=NOW, changed=False).life.valid_through == midnight


@pytest.mark.parametrize("valid_through", [None, NOW + MINUTE, date(2026, 11, 24), date(2026, 11, 23)])
def test_a_posting_that_is_not_past_does_not_expire(valid_through: date | datetime | None) -> None:
    assert expire(replace(OPEN, valid_through=valid_through), now=NOW) is None


@pytest.mark.parametrize(
    ("missed", "first"), [(None, True), (NOW - HOUR, True), (NOW - 2 * HOUR, True), (NOW - 3 * HOUR, False)]
)
def test_a_posting_expired_first_unless_a_look_missed_it_before(missed: datetime | None, first: bool) -> None:
    life = replace(OPEN, valid_through=NOW - 2 * HOUR, missing_since=missed)
    assert expired_first(life, now=NOW) is first


def test_a_posting_that_is_not_past_has_not_expired_first() -> None:
    assert expired_first(replace(OPEN, valid_through=NOW + HOUR), now=NOW) is False


def test_a_closed_posting_does_not_expire() -> None:
    assert expire(closed(valid_through=NOW - DAY), now=NOW) is None


@pytest.mark.parametrize(("ago", "first"), [(6 * HOUR, False), (6 * HOUR + MINUTE, True)])
def test_a_reading_older_than_six_hours_is_repeated_before_a_posting_expires(ago: timedelta, first: bool) -> None:
    assert look_first(NOW - ago, now=NOW) is first


@pytest.mark.parametrize(
    ("past", "listed", "ignores"), [(2, 2, False), (3, 3, True), (3, 6, False), (4, 7, True), (0, 0, False)]
)
def test_a_site_that_lists_more_past_postings_than_others_ignores_its_dates(
    past: int, listed: int, ignores: bool
) -> None:
    assert site_ignores_valid_through(past, listed) is ignores


# ---- missing and closed


@pytest.mark.parametrize("how", [Missing.GONE, Missing.NOT_FOUND])
def test_404_or_410_and_a_whole_list_that_lacks_it_close_at_once(how: Missing) -> None:
    step = look(OPEN, how, listed=False, list_whole=True)
    assert (step.event, step.reason, step.life.closed_at) == ("closed", "gone", NOW)


@pytest.mark.parametrize(("how", "wait"), [(Missing.GONE, 15 * MINUTE), (Missing.NOT_FOUND, HOUR)])
def test_a_list_that_names_nothing_confirms_no_404_or_410(how: Missing, wait: timedelta) -> None:
    first = look(OPEN, how, listed=False, list_whole=True, list_empty=True)
    assert first.event is None
    second = look(first.life, how, at=NOW + wait, listed=False, list_whole=True, list_empty=True)
    assert (second.event, second.life.closed_at) == ("closed", NOW)


@pytest.mark.parametrize("how", PAGE_SIGNS[2:])
def test_no_other_sign_of_a_page_closes_at_once(how: Missing) -> None:
    assert look(OPEN, how, listed=False, list_whole=True).event is None


@pytest.mark.parametrize(("listed", "whole"), [(None, False), (None, True), (True, True), (False, False)])
@pytest.mark.parametrize(
    ("how", "wait"),
    [(Missing.GONE, 15 * MINUTE), *((how, HOUR) for how in PAGE_SIGNS[1:] if how is not Missing.NO_MARKUP)],
)
def test_the_sign_of_a_page_alone_closes_at_a_second_look(
    how: Missing, wait: timedelta, listed: bool | None, whole: bool
) -> None:
    first = look(OPEN, how, listed=listed, list_whole=whole)
    assert first.event is None
    assert (first.life.missing_since, first.life.missing_how, first.life.missing_looks) == (NOW, how, 1)
    early = look(first.life, how, at=NOW + wait - MINUTE, listed=listed, list_whole=whole)
    assert early.event is None
    second = look(first.life, how, at=NOW + wait, listed=listed, list_whole=whole)
    assert (second.event, second.reason) == ("closed", "gone")
    assert second.life.closed_at == NOW, "it ended at the first missing look"
    assert second.life.closed_recorded_at == NOW + wait


@pytest.mark.parametrize("listed", [None, True])
def test_lost_markup_closes_at_a_third_look_over_a_day_while_no_list_lacks_it(listed: bool | None) -> None:
    life = look(OPEN, Missing.NO_MARKUP, listed=listed, list_whole=True).life
    assert look(life, Missing.NO_MARKUP, at=NOW + DAY, listed=listed, list_whole=True).event is None
    life = look(life, Missing.NO_MARKUP, at=NOW + HOUR, listed=listed, list_whole=True).life
    assert look(life, Missing.NO_MARKUP, at=NOW + DAY - MINUTE, listed=listed, list_whole=True).event is None
    third = look(life, Missing.NO_MARKUP, at=NOW + DAY, listed=listed, list_whole=True)
    assert (third.event, third.reason, third.life.closed_at) == ("closed", "gone", NOW)


@pytest.mark.parametrize(("list_empty", "closes"), [(False, True), (True, False)])
def test_lost_markup_closes_at_a_second_look_where_a_list_that_names_others_lacks_it(
    list_empty: bool, closes: bool
) -> None:
    life = look(OPEN, Missing.NO_MARKUP, listed=False, list_whole=True).life
    early = look(life, Missing.NO_MARKUP, at=NOW + HOUR - MINUTE, listed=False, list_whole=True)
    assert early.event is None
    second = look(life, Missing.NO_MARKUP, at=NOW + HOUR, listed=False, list_whole=True, list_empty=list_empty)
    assert (second.event == "closed") is closes


def test_time_alone_confirms_nothing() -> None:
    first = look(OPEN, Missing.NOT_FOUND).life
    assert look(first, Missing.NOT_FOUND, at=NOW).life.missing_looks == 1


def test_two_different_signs_of_a_page_confirm_each_other() -> None:
    first = look(OPEN, Missing.REDIRECTED).life
    assert look(first, Missing.NOT_FOUND, at=NOW + HOUR).event == "closed"


def test_an_absence_of_the_crawler_is_the_same_sign() -> None:
    assert look(OPEN, Absence.SOFT_404).life.missing_how is Missing.SOFT_404


def test_no_answer_says_nothing() -> None:
    missing = look(OPEN, Missing.NOT_FOUND).life
    for life in (OPEN, missing):
        assert look(life, Absence.UNKNOWN, listed=False, list_whole=True).life == life


def test_unlisted_closes_after_three_complete_visits_and_seven_days() -> None:
    life = OPEN
    for days in (0, 2, 6):
        step = look(life, Missing.UNLISTED, at=NOW + days * DAY, listed=False, list_whole=True)
        assert step.event is None
        life = see(step.life, None, at=NOW + days * DAY + HOUR, changed=False).life
        assert life.missing_since == NOW, "its page answers, and yet it is unlisted"
    step = look(life, Missing.UNLISTED, at=NOW + 7 * DAY, listed=False, list_whole=True)
    assert (step.event, step.reason, step.life.closed_at) == ("closed", "unlisted", NOW)


def test_unlisted_for_seven_days_in_two_visits_is_not_enough() -> None:
    life = look(OPEN, Missing.UNLISTED, listed=False, list_whole=True).life
    assert look(life, Missing.UNLISTED, at=NOW + 9 * DAY, listed=False, list_whole=True).event is None


def test_an_unlisted_posting_that_is_listed_again_is_not_missing() -> None:
    life = look(OPEN, Missing.UNLISTED, listed=False, list_whole=True).life
    assert look(life, Missing.UNLISTED, at=NOW + HOUR, listed=True, list_whole=True).life == OPEN
    assert see(life, None, at=NOW + HOUR, changed=False, listed=True).life.missing_since is None


def test_absent_closes_after_two_complete_visits_and_a_day() -> None:
    first = look(OPEN, Missing.ABSENT, listed=False, list_whole=True).life
    assert look(first, Missing.ABSENT, at=NOW + DAY - MINUTE, listed=False, list_whole=True).event is None
    step = look(first, Missing.ABSENT, at=NOW + DAY, listed=False, list_whole=True)
    assert (step.event, step.reason, step.life.closed_at) == ("closed", "absent", NOW)


@pytest.mark.parametrize("how", [Missing.UNLISTED, Missing.ABSENT])
@pytest.mark.parametrize(("listed", "whole"), [(False, False), (None, True), (None, False)])
def test_a_list_that_is_not_whole_proves_nothing(how: Missing, listed: bool | None, whole: bool) -> None:
    missing = look(OPEN, how, listed=False, list_whole=True).life
    for life in (OPEN, missing):
        assert look(life, how, at=NOW + 30 * DAY, listed=listed, list_whole=whole).life == life


def test_a_page_that_had_answered_is_not_gone_since_the_list_lost_it() -> None:
    unlisted = look(OPEN, Missing.UNLISTED, listed=False, list_whole=True).life
    step = look(unlisted, Missing.NOT_FOUND, at=NOW + 5 * DAY, listed=False, list_whole=True)
    assert (step.reason, step.life.closed_at) == ("gone", NOW + 5 * DAY)


def test_being_seen_ends_being_missing() -> None:
    missing = look(OPEN, Missing.NOT_FOUND).life
    step = see(missing, None, at=NOW + HOUR, changed=False)
    assert step.event is None
    assert step.life == replace(OPEN, last_seen=NOW + HOUR)


def test_a_closed_posting_is_not_missed() -> None:
    assert look(closed(), Missing.NOT_FOUND, listed=False, list_whole=True).life == closed()


def test_a_replaced_posting_and_one_of_a_site_that_is_gone_are_closed() -> None:
    lost = site_gone(OPEN, since=NOW, at=NOW + 30 * DAY)
    assert lost is not None
    for life, reason in ((replaced(OPEN, at=NOW), "replaced"), (lost.life, "site_gone")):
        assert (life.state, life.closed_reason, life.closed_at) == (State.CLOSED, reason, NOW)
    assert replaced(closed(), at=NOW) == closed()
    assert site_gone(closed(), since=NOW, at=NOW) is None


# ---- patience


@pytest.mark.parametrize(
    ("how", "patience", "wait"),
    [
        (Missing.GONE, 2, 30 * MINUTE),
        (Missing.NOT_FOUND, 4, 4 * HOUR),
        (Missing.NOT_FOUND, 256, 49 * HOUR),
        (Missing.ABSENT, 2, 48 * HOUR),
        (Missing.ABSENT, 8, 72 * HOUR),
    ],
)
def test_patience_lengthens_a_wait_by_at_most_two_days(how: Missing, patience: int, wait: timedelta) -> None:
    whole: dict[str, Any] = {"patience": patience}
    if how is Missing.ABSENT:
        whole |= {"listed": False, "list_whole": True}
    first = look(OPEN, how, **whole).life
    assert look(first, how, at=NOW + wait - MINUTE, **whole).event is None
    assert look(first, how, at=NOW + wait, **whole).event == "closed"


def test_a_site_that_proved_us_wrong_is_asked_again_even_where_page_and_list_agree() -> None:
    step = look(OPEN, Missing.NOT_FOUND, listed=False, list_whole=True, patience=2)
    assert step.event is None
    again = look(step.life, Missing.NOT_FOUND, at=NOW + HOUR, listed=False, list_whole=True, patience=2)
    assert (again.event, again.life.closed_at) == ("closed", NOW)


def test_patience_doubles_and_halves_after_thirty_quiet_days() -> None:
    assert raise_patience(1) == 2
    assert raise_patience(raise_patience(256)) == 256
    assert decay_patience(4, raised_at=NOW, now=NOW + 29 * DAY) == (4, NOW)
    assert decay_patience(4, raised_at=NOW, now=NOW + 30 * DAY) == (2, NOW + 30 * DAY)
    assert decay_patience(4, raised_at=NOW, now=NOW + 60 * DAY) == (1, None)
    assert decay_patience(1, raised_at=None, now=NOW) == (1, None)


# ---- reopened


@pytest.mark.parametrize(
    ("life", "changed", "reason", "premature"),
    [
        (closed("gone"), False, "premature", True),
        (closed("absent", ago=72 * HOUR), False, "premature", True),
        (closed("gone", ago=72 * HOUR + MINUTE), False, "seen", False),
        (closed("gone"), True, "renewed", False),
        (closed("site_gone"), False, "seen", False),
        (closed("replaced"), False, "seen", False),
        (closed("expired", valid_through=NOW - DAY), True, "renewed", False),
    ],
)
def test_a_closed_posting_that_is_seen_is_open_again(life: Life, changed: bool, reason: str, premature: bool) -> None:
    step = see(life, NOW + DAY, at=NOW, changed=changed)
    assert (step.event, step.reason, step.premature) == ("reopened", reason, premature)
    assert step.life.state is State.OPEN
    assert (step.life.closed_at, step.life.closed_reason, step.life.closed_recorded_at) == (None, None, None)
    assert step.life.first_seen == life.first_seen


def test_a_closed_posting_that_is_past_stays_closed() -> None:
    life = closed("expired", valid_through=NOW - DAY)
    step = see(life, NOW - DAY, at=NOW, changed=False)
    assert step.event is None
    assert step.life == replace(life, last_seen=NOW)


def test_where_a_site_ignores_its_dates_a_past_posting_is_open_again() -> None:
    life = closed("expired", valid_through=NOW - DAY)
    assert see(life, NOW - DAY, at=NOW, changed=False, ignore_expiry=True).reason == "seen"


def test_a_posting_that_closed_as_unlisted_opens_again_only_when_it_is_listed() -> None:
    life = closed("unlisted")
    assert see(life, None, at=NOW, changed=False).event is None
    assert see(life, None, at=NOW, changed=False).life == replace(life, last_seen=NOW)
    assert see(life, None, at=NOW, changed=False, listed=True).event == "reopened"


def test_a_valid_through_that_moved_into_the_future_is_kept() -> None:
    step = see(replace(OPEN, valid_through=NOW), date(2026, 12, 31), at=NOW, changed=True)
    assert step.life.valid_through == datetime(2027, 1, 1, 12, tzinfo=UTC)


# ---- C.7: any life


class AnyLife(RuleBasedStateMachine):
    """Looks of all kinds at one posting, with a clock that may jump back."""

    @initialize(valid=st.none() | st.integers(-5, 30))
    def begin(self, valid: int | None) -> None:
        self.now = NOW
        step = arrive(posting(valid_through=None if valid is None else NOW.date() + valid * DAY), at=NOW)
        self.life, self.state, self.last_seen = step.life, step.life.state, step.life.last_seen
        self.positive = self.state is State.CLOSED

    def apply(self, step: Step | None) -> None:
        if step is None:
            return
        before, self.life = self.life, step.life
        changed = before.state is not step.life.state
        assert changed == (step.event is not None), "an event says what the state says"
        assert step.event is None or step.reason
        assert step.rule.startswith(("C.4", "C.5"))
        if step.event == "closed":
            assert before.state is State.OPEN
            assert step.life.closed_at is not None
            assert step.life.closed_recorded_at is not None
            assert step.life.closed_at <= step.life.closed_recorded_at
        if step.event == "reopened":
            assert before.state is State.CLOSED

    @rule(hours=st.integers(-3, 200))
    def time_passes(self, hours: int) -> None:
        self.now += hours * HOUR

    @rule(changed=st.booleans(), listed=st.sampled_from([True, False, None]), days=st.none() | st.integers(-5, 30))
    def seen(self, changed: bool, listed: bool | None, days: int | None) -> None:
        valid = self.life.valid_through if days is None else (self.now.date() + days * DAY)
        self.apply(see(self.life, valid, at=self.now, changed=changed or days is not None, listed=listed))
        past = valid is not None and (self.life.valid_through or self.now) <= self.now
        if listed and not past:
            assert self.life.state is State.OPEN, "not past, listed and answering is open"
            assert self.life.missing_since is None

    @rule(
        how=st.sampled_from([*Missing, Absence.UNKNOWN]),
        listed=st.sampled_from([True, False, None]),
        whole=st.booleans(),
        patience=st.integers(0, 300),
    )
    def missed(self, how: Missing | Absence, listed: bool | None, whole: bool, patience: int) -> None:
        before = self.life
        self.apply(miss(self.life, how, at=self.now, listed=listed, list_whole=whole, patience=patience))
        if how is Absence.UNKNOWN:
            assert self.life == before
        if how in (Missing.UNLISTED, Missing.ABSENT) and not (whole and listed is False):
            assert self.life.state is before.state, "nothing closes by absence without proof"

    @rule()
    def expires(self) -> None:
        self.apply(expire(self.life, now=self.now))

    @invariant()
    def holds(self) -> None:
        if not hasattr(self, "life"):
            return
        assert self.life.last_seen >= self.last_seen, "last_seen never falls"
        self.last_seen = self.life.last_seen
        assert (self.life.state is State.CLOSED) == (self.life.closed_at is not None)
        assert (self.life.closed_at is None) == (self.life.closed_reason is None)
        assert (self.life.missing_since is None) == (self.life.missing_how is None)


AnyLife.TestCase.settings = settings(max_examples=80, stateful_step_count=25, deadline=None)
TestAnyLife = AnyLife.TestCase


@pytest.mark.parametrize("doubtful", [False, True])
@pytest.mark.parametrize("patience", [1, 4])
@pytest.mark.parametrize("how", list(Missing))
def test_what_is_awaited_is_what_closes_it(how: Missing, patience: int, doubtful: bool) -> None:
    def missed(life: Life, at: datetime) -> Step:
        # a list that still names it leaves the word to the page
        listed = how in (Missing.GONE, Missing.NOT_FOUND, Missing.NO_MARKUP)
        return look(life, how, at=at, listed=listed, list_whole=True, doubtful=doubtful, patience=patience)

    life = missed(OPEN, NOW).life
    told = awaited(life, Falls(together_at=NOW if doubtful else None), patience=patience)
    assert told is not None
    assert told.not_before is not None
    for number in range(told.looks):
        step = missed(life, told.not_before - timedelta(seconds=told.looks - number))
        assert step.event is None
        life = step.life
    assert missed(life, told.not_before).event == "closed"


def test_nothing_is_awaited_of_a_posting_that_is_there_or_closed() -> None:
    assert awaited(OPEN) is None
    assert awaited(closed()) is None


# ---- what is told of it


def test_the_words_that_are_kept_never_change() -> None:
    assert list(State) == ["open", "closed"]
    assert list(Missing) == [
        "gone", "not_found", "noindex", "no_markup", "redirected", "soft_404", "unlisted", "absent",
    ]  # fmt: skip


LATER = datetime(2026, 11, 24, 10, 0, 0, 250_000, tzinfo=UTC)
UNLISTED = replace(OPEN, missing_since=NOW, missing_how=Missing.UNLISTED, missing_looks=1)
NOT_FOUND = replace(OPEN, missing_since=NOW + timedelta(microseconds=9), missing_how=Missing.NOT_FOUND, missing_looks=1)


def expired(instant: datetime) -> Step:
    step = expire(replace(OPEN, valid_through=instant), now=LATER)
    assert step is not None
    return step


def lost(since: datetime) -> Step:
    step = site_gone(OPEN, since=since, at=LATER)
    assert step is not None
    return step


@pytest.mark.parametrize(
    ("step", "rule"),
    [
        (lambda: arrive(posting(), at=NOW), "C.4 new"),
        (
            lambda: arrive(posting(valid_through=date(2026, 11, 1)), at=NOW),
            "C.5 validThrough was past when it was first seen",
        ),
        (lambda: see(OPEN, None, at=NOW, changed=False), "C.5 seen"),
        (lambda: see(UNLISTED, None, at=NOW, changed=False), "C.5 its page answers, the list lacks it"),
        (
            lambda: see(closed("unlisted"), None, at=NOW, changed=False),
            "C.5 its page answers, the list still lacks it",
        ),
        (lambda: see(closed(), NOW, at=NOW, changed=False), "C.5 seen, but its validThrough has passed"),
        (
            lambda: see(closed("expired"), NOW + DAY, at=NOW, changed=True),
            "C.5 open again: its validThrough lies in the future",
        ),
        (
            lambda: see(closed(), None, at=NOW, changed=False),
            "C.5 seen again unchanged within 72 hours: the closing was premature",
        ),
        (lambda: see(closed(), None, at=NOW, changed=True), "C.5 seen again, and renewed"),
        (lambda: see(closed("replaced"), None, at=NOW, changed=False), "C.5 seen again"),
        (lambda: look(OPEN, Absence.UNKNOWN), "C.5 says nothing"),
        (lambda: look(OPEN, Missing.ABSENT), "C.5 the list does not prove it missing"),
        (
            lambda: look(OPEN, Missing.GONE, listed=False, list_whole=True),
            "C.5 its page says 410 and a whole list lacks it",
        ),
        (
            lambda: look(OPEN, Missing.NOT_FOUND, listed=False, list_whole=True),
            "C.5 its page says 404 and a whole list lacks it",
        ),
        (
            lambda: look(NOT_FOUND, Missing.NOT_FOUND, at=LATER + HOUR),
            "C.5 its page says 404, 2 times since 2026-11-24T09:00:00+00:00",
        ),
        (
            lambda: look(OPEN, Missing.SOFT_404),
            "C.5 its page says that it is gone; missing until another look confirms it",
        ),
        (lambda: expired(NOW + timedelta(microseconds=9)), "C.5 validThrough passed at 2026-11-24T09:00:00+00:00"),
        (
            lambda: lost(NOW + timedelta(microseconds=9)),
            "C.5 the site is gone: so said every visit since 2026-11-24T09:00:00+00:00",
        ),
    ],
)
def test_each_step_names_its_rule(step: Callable[[], Step], rule: str) -> None:
    assert step().rule == rule


@pytest.mark.parametrize(
    ("how", "words", "settles"),
    [
        (Missing.GONE, "its page says 410", True),
        (Missing.NOT_FOUND, "its page says 404", True),
        (Missing.NOINDEX, "its page says noindex", False),
        (Missing.NO_MARKUP, "its page no longer carries it", True),
        (Missing.REDIRECTED, "its page leads elsewhere", False),
        (Missing.SOFT_404, "its page says that it is gone", False),
        (Missing.UNLISTED, "a whole list lacks it, and its page does not say that it is gone", False),
        (Missing.ABSENT, "a whole list lacks it", False),
    ],
)
def test_what_is_awaited_says_how_it_is_missing_and_whether_a_list_would_settle_it(
    how: Missing, words: str, settles: bool
) -> None:
    told = awaited(replace(OPEN, missing_since=NOW, missing_how=how, missing_looks=1))
    assert told is not None
    assert (told.how, told.list_settles) == (words, settles)


@pytest.mark.parametrize(("looked", "left"), [(1, 2), (2, 1), (3, 1), (9, 1)])
def test_an_unlisted_posting_awaits_three_looks_and_then_only_time(looked: int, left: int) -> None:
    life = replace(OPEN, missing_since=NOW, missing_how=Missing.UNLISTED, missing_looks=looked)
    assert awaited(life) == Awaited(
        how="a whole list lacks it, and its page does not say that it is gone",
        looks=left,
        not_before=NOW + 7 * DAY,
        doubtful=False,
        list_settles=False,
    )


def test_nothing_is_awaited_once_it_closed_although_it_was_missing() -> None:
    shut = look(OPEN, Missing.GONE, listed=False, list_whole=True).life
    assert shut.missing_how is Missing.GONE
    assert awaited(shut) is None


# ---- at the very moment


def test_a_posting_is_over_at_the_instant_of_its_valid_through() -> None:
    until = datetime(2026, 11, 2, 12, tzinfo=UTC)
    assert arrive(posting(valid_through=date(2026, 11, 1)), at=until).event == "closed"
    assert arrive(posting(valid_through=date(2026, 11, 1)), at=until - MINUTE).event is None
    assert see(closed(), NOW, at=NOW, changed=True).event is None
    assert see(closed(), NOW + MINUTE, at=NOW, changed=True).event == "reopened"


def test_three_visits_that_do_not_list_it_are_enough_after_seven_days() -> None:
    life = OPEN
    for days in (0, 3):
        life = look(life, Missing.UNLISTED, at=NOW + days * DAY, listed=False, list_whole=True).life
    assert look(life, Missing.UNLISTED, at=NOW + 7 * DAY, listed=False, list_whole=True).event == "closed"


def test_a_site_without_a_history_needs_no_patience_and_its_list_is_not_empty() -> None:
    step = miss(OPEN, Missing.GONE, at=NOW, listed=False, list_whole=True)
    assert step.event == "closed"
    missing = look(OPEN, Missing.NOT_FOUND).life
    assert miss(missing, Missing.NOT_FOUND, at=NOW + HOUR, listed=None, list_whole=False).event == "closed"
    assert awaited(missing) == awaited(missing, patience=1)


def test_a_list_that_names_a_posting_does_not_outweigh_its_own_page() -> None:
    missing = look(OPEN, Missing.NOT_FOUND).life
    assert look(missing, Missing.UNLISTED, at=NOW + HOUR, listed=True, list_whole=True).life == missing


def test_a_midnight_with_an_offset_is_a_date_when_a_page_says_it_anew() -> None:
    midnight = datetime(2026, 12, 31, tzinfo=UTC)
    assert see(OPEN, midnight, at=NOW, changed=True).life.valid_through == midnight + 36 * HOUR


@pytest.mark.parametrize(
    ("valid_through", "reason"), [(NOW + DAY, "renewed"), (None, "renewed"), (NOW - DAY, "seen"), (NOW, "seen")]
)
def test_an_expired_posting_whose_date_no_longer_lies_in_the_past_was_renewed(
    valid_through: datetime | None, reason: str
) -> None:
    step = see(closed("expired"), valid_through, at=NOW, changed=False, ignore_expiry=True)
    assert (step.event, step.reason) == ("reopened", reason)


def test_what_ended_is_told_with_its_reason_and_the_first_look_that_missed_it() -> None:
    past = expire(replace(OPEN, valid_through=NOW), now=NOW)
    assert past is not None
    assert past.life.closed_reason == "expired"
    assert arrive(posting(valid_through=date(2026, 11, 1)), at=NOW).life.closed_reason == "expired"
    missing = look(OPEN, Missing.NOT_FOUND).life
    assert replaced(missing, at=NOW + DAY).closed_at == NOW
    left = site_gone(missing, since=NOW + HOUR, at=NOW + DAY)
    assert left is not None
    assert (left.event, left.reason, left.life.closed_at) == ("closed", "site_gone", NOW)
    assert left.life.closed_recorded_at == NOW + DAY


def test_patience_never_falls_below_one_and_without_a_beginning_not_at_all() -> None:
    assert decay_patience(1, raised_at=NOW, now=NOW + 90 * DAY) == (1, None)
    assert decay_patience(2, raised_at=NOW, now=NOW + 900 * DAY) == (1, None)
    assert decay_patience(3, raised_at=NOW, now=NOW + 30 * DAY) == (1, None)
    assert decay_patience(4, raised_at=None, now=NOW + 90 * DAY) == (4, None)


def test_the_last_sign_is_kept_and_one_at_the_same_moment_counts_once() -> None:
    first = look(OPEN, Missing.REDIRECTED).life
    again = look(first, Missing.NOT_FOUND, at=NOW).life
    assert (again.missing_how, again.missing_looks, again.missing_since) == (Missing.NOT_FOUND, 1, NOW)
    later = look(first, Missing.NOT_FOUND, at=NOW + MINUTE).life
    assert (later.missing_how, later.missing_looks, later.missing_since) == (Missing.NOT_FOUND, 2, NOW)


def test_whether_a_closing_was_premature_counts_from_when_it_was_recorded() -> None:
    late = replace(closed("unlisted", ago=10 * DAY), closed_recorded_at=NOW - HOUR)
    assert see(late, None, at=NOW, changed=False, listed=True).premature


@pytest.mark.parametrize(
    ("valid_through", "closed_at"),
    [
        (date(2026, 11, 22), datetime(2026, 11, 23, 12, tzinfo=UTC)),
        (datetime(2026, 11, 23, 18), datetime(2026, 11, 24, 6, tzinfo=UTC)),
    ],
)
def test_a_date_or_a_time_without_a_zone_expires_when_it_is_over_everywhere(
    valid_through: date | datetime, closed_at: datetime
) -> None:
    step = expire(replace(OPEN, valid_through=valid_through), now=NOW)
    assert step is not None
    assert step.life.closed_at == closed_at


# ---- what was doubted and is believed


@pytest.mark.parametrize("how", PAGE_SIGNS)
def test_what_a_doubted_visit_missed_was_missed_then(how: Missing) -> None:
    before = missed_before(OPEN, how, since=NOW - 12 * HOUR + 11 * HOUR + 30 * MINUTE)
    assert (before.missing_since, before.missing_how, before.missing_looks) == (NOW - 30 * MINUTE, how, 1)
    earlier = missed_before(replace(OPEN, last_seen=NOW - DAY), how, since=NOW - 12 * HOUR)
    step = look(earlier, how, listed=False, list_whole=True, list_empty=how is not Missing.NO_MARKUP)
    assert (step.event, step.life.closed_at) == ("closed", NOW - 12 * HOUR)


def test_what_was_seen_since_or_is_missing_already_was_not_missed_by_a_doubted_visit() -> None:
    assert missed_before(OPEN, Missing.GONE, since=OPEN.last_seen) == OPEN
    missing = look(OPEN, Missing.REDIRECTED, at=NOW - 30 * MINUTE).life
    assert missed_before(missing, Missing.REDIRECTED, since=NOW - 10 * MINUTE) == missing


@pytest.mark.parametrize("how", PAGE_SIGNS)
def test_what_a_person_accepted_closes_at_the_next_look_that_says_the_same(how: Missing) -> None:
    step = miss(
        OPEN, how, at=NOW, listed=False, list_whole=True, list_empty=True, settled="a person accepted it", patience=4
    )
    assert (step.event, step.reason) == ("closed", "gone")
    assert "a person accepted it" in step.rule


def test_what_a_person_accepted_does_not_close_while_the_list_names_it() -> None:
    step = miss(OPEN, Missing.ABSENT, at=NOW, listed=True, list_whole=True, settled="a person accepted it")
    assert step.event is None
