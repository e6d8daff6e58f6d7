"""Posting pages that never answer (C.5)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from postings.failing import Failing, is_steady, learn
from tests.postings.making import NOW

DAY = timedelta(days=1)


def after(*counts: int) -> Failing:
    """What visits a day apart show in which so many pages failed; the last one is now."""
    failing = Failing()
    for place, count in enumerate(counts):
        failing = learn(failing, count, at=NOW - DAY * (len(counts) - 1 - place))
    return failing


def test_visits_in_a_row_in_which_about_as_many_fail_are_counted() -> None:
    assert after(4, 2, 5) == Failing(since=NOW - 2 * DAY, visits=3, most=5)


@pytest.mark.parametrize("more", [7, 100])
def test_more_failures_than_before_are_something_new(more: int) -> None:
    assert after(4, 4, more) == Failing(since=NOW, visits=1, most=more)


def test_a_visit_in_which_all_answer_ends_it() -> None:
    assert after(4, 4, 0) == Failing()
    assert after(4, 4, 0, 4) == Failing(since=NOW, visits=1, most=4)


@pytest.mark.parametrize(
    ("unanswered", "size", "steady"), [(4, 20, True), (4, 19, False), (6, 30, True), (7, 100, False)]
)
def test_the_few_that_always_fail_are_known(unanswered: int, size: int, steady: bool) -> None:
    failing = Failing(since=NOW - DAY, visits=3, most=4)
    assert is_steady(failing, unanswered, size, at=NOW) is steady


def test_a_first_visit_knows_none() -> None:
    assert not is_steady(Failing(), 1, 100, at=NOW)
