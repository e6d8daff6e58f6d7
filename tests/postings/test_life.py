"""The life of a posting (C.5), and what must always hold of it (C.7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from postings.life import (
    Life,
    Missing,
    State,
    Step,
    arrive,
    awaited,
    decay_patience,
    expire,
    expired_first,
    look_first,
    miss,
    raise_patience,
    replaced,
    see,
    site_gone,
    site_ignores_valid_through,
    valid_until,
)
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
    patience: int = 1,
) -> Step:
    return miss(life, how, at=at, listed=listed, list_whole=list_whole, list_empty=list_empty, patience=patience)


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
    assert not expired_first(replace(OPEN, valid_through=NOW + HOUR), now=NOW)


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
    [(Missing.GONE, 15 * MINUTE), *((how, HOUR) for how in PAGE_SIGNS[1:])],
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


@pytest.mark.parametrize("patience", [1, 4])
@pytest.mark.parametrize("how", list(Missing))
def test_what_is_awaited_is_what_closes_it(how: Missing, patience: int) -> None:
    def missed(life: Life, at: datetime) -> Step:
        # a list that still names it leaves the word to the page
        listed = how in (Missing.GONE, Missing.NOT_FOUND)
        return look(life, how, at=at, listed=listed, list_whole=True, patience=patience)

    life = missed(OPEN, NOW).life
    told = awaited(life, patience=patience)
    assert told is not None
    for number in range(told.looks):
        step = missed(life, told.not_before - timedelta(seconds=told.looks - number))
        assert step.event is None
        life = step.life
    assert missed(life, told.not_before).event == "closed"


def test_nothing_is_awaited_of_a_posting_that_is_there_or_closed() -> None:
    assert awaited(OPEN) is None
    assert awaited(closed()) is None
