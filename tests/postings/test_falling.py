"""What postings that fall off a list, and whose pages answer, say of the list (C.5)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from postings.falling import Falls, fell_together, is_window, together
from tests.postings.making import NOW

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("since", "listed", "window"),
    [
        ([NOW, NOW + DAY, NOW + 2 * DAY], [20, 20, 20], True),
        ([NOW, NOW + DAY, NOW + DAY], [20, 20, 20], False),
        ([NOW, NOW + DAY, NOW + 2 * DAY], [20, 20, 21], False),
        ([], [], False),
    ],
)
def test_a_list_shows_only_the_newest_where_postings_fall_off_it_three_times_and_it_stays_as_long(
    since: list[datetime], listed: list[int], window: bool
) -> None:
    assert is_window(since, listed) is window


@pytest.mark.parametrize(
    ("fallen", "of", "many"),
    [
        (6, 59, True),
        (6, 60, False),
        (5, 60, False),
        (3, 14, True),
        (3, 15, False),
        (2, 2, False),
        (5, 13, True),
    ],
)
def test_many_are_more_than_five_and_a_tenth_or_at_least_three_and_more_than_a_fifth(
    fallen: int, of: int, many: bool
) -> None:
    assert fell_together(fallen, of=of) is many


def test_those_that_fell_off_on_different_days_did_not_fall_together() -> None:
    assert together(Falls(), [NOW, NOW + DAY, NOW + 2 * DAY], of=6) is None
    assert together(Falls(), [NOW, NOW, NOW, NOW + DAY], of=5) == NOW


def test_most_of_a_site_is_many_although_they_fell_off_one_after_the_other() -> None:
    assert together(Falls(), [NOW + DAY, NOW, NOW + 2 * DAY], of=5) == NOW


def test_a_list_that_is_mended_in_part_is_in_doubt_until_none_of_those_that_fell_together_is_missing() -> None:
    before = Falls(together_at=NOW)
    assert together(before, [NOW, NOW - DAY], of=20) == NOW
    assert together(before, [NOW - DAY], of=20) is None
    assert together(Falls(), [NOW, NOW - DAY], of=20) is None
