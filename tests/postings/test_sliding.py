"""Dates that slide along with each reading, and dates that do not (C.5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings.sliding import Sliding, learn

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def after(*visits: tuple[float, dict[int, int]]) -> Sliding:
    """What is learnt from visits at these days, each with its postings by days to go."""
    sliding = Sliding()
    for days, horizons in visits:
        sliding = learn(sliding, horizons, at=NOW + days * DAY)
    return sliding


def test_the_same_days_to_go_in_three_visits_over_three_days_slide() -> None:
    assert not after((0, {30: 9}), (1.5, {30: 9}), (2.9, {30: 9})).recognised
    assert after((0, {30: 9}), (1.5, {29: 9}), (3, {31: 9})).recognised


def test_two_visits_are_not_enough() -> None:
    assert not after((0, {30: 9}), (9, {30: 9})).recognised


@pytest.mark.parametrize(("sliding", "dated", "recognised"), [(8, 2, True), (7, 3, False), (796, 204, False)])
def test_four_of_five_postings_must_slide(sliding: int, dated: int, recognised: bool) -> None:
    visits = [(float(day), {30: sliding, 90 - day: dated}) for day in range(5)]
    assert after(*visits).recognised is recognised


def test_one_visit_that_shows_otherwise_ends_it() -> None:
    sliding = after(*((float(day), {30: 9}) for day in range(5)))
    assert sliding.recognised
    assert not learn(sliding, {25: 9}, at=NOW + 9 * DAY).recognised


def test_a_visit_that_reads_nothing_again_says_nothing() -> None:
    sliding = after((0, {30: 9}))
    assert learn(sliding, {}, at=NOW + DAY) == sliding


def test_dates_a_day_apart_are_one_and_the_days_of_most_are_learnt() -> None:
    assert after((0, {29: 2, 30: 3, 31: 2, 60: 1})).days == 30
    assert after((0, {29: 4, 30: 1, 31: 4})).days == 30
    assert after((0, {20: 3, 30: 3})).days is None
    assert after((0, {29: 1, 30: 1})).days == 29, "of two that are alike the earlier one"


@pytest.mark.parametrize(("days", "visits"), [(29, 3), (31, 3), (28, 1), (32, 1)])
def test_two_days_more_or_fewer_begin_anew(days: int, visits: int) -> None:
    sliding = after((0, {30: 9}), (1, {30: 9}), (2, {days: 9}))
    assert sliding.visits == visits
    assert sliding.since == (NOW if visits == 3 else NOW + 2 * DAY)
    assert sliding.until == NOW + 2 * DAY


def test_nothing_is_recognised_before_any_visit() -> None:
    assert not Sliding().recognised
    assert Sliding().visits == 0
    assert not Sliding(days=30, since=NOW, visits=9).recognised
    assert not Sliding(days=30, until=NOW, visits=9).recognised


@given(st.integers(0, 400), st.lists(st.integers(1, 60), min_size=1, max_size=30))
def test_a_real_date_is_never_taken_for_one_that_slides(days: int, hours: list[int]) -> None:
    """Whatever the rhythm of the visits: its days run down as time passes."""
    last, at, sliding = (NOW + days * DAY).date(), NOW, Sliding()
    for wait in hours:
        sliding = learn(sliding, {(last - at.date()).days: 5}, at=at)
        assert not sliding.recognised
        at += timedelta(hours=wait)
