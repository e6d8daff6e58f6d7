"""When a sitemap's `lastmod` is believed: earned in three visits, lost by one lie."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings.lastmod import CLEAN_VISITS, Lastmod, is_varied, learn, sample_size


def visits(
    number: int, *, looked_at: int = 50, unmoved: int = 1000, lied: int = 0, varied: bool = True, complete: bool = True
) -> Lastmod:
    lastmod = Lastmod()
    for _ in range(number):
        lastmod = learn(lastmod, looked_at=looked_at, unmoved=unmoved, lied=lied, varied=varied, complete=complete)
    return lastmod


def test_three_visits_without_a_lie_earn_trust() -> None:
    assert [visits(number).trusted for number in range(5)] == [False, False, False, True, True]


def test_one_lie_costs_all_trust_and_it_has_to_be_earned_anew() -> None:
    lied = learn(visits(9), looked_at=50, unmoved=1000, lied=1, varied=True, complete=False)
    assert (lied.trusted, lied.clean_visits, lied.lies) == (False, 0, 1)
    again = lied
    for _ in range(CLEAN_VISITS):
        assert not again.trusted
        again = learn(again, looked_at=50, unmoved=1000, lied=0, varied=True, complete=True)
    assert again.trusted


@pytest.mark.parametrize(
    "useless", [{"looked_at": 49}, {"varied": False}, {"complete": False}, {"unmoved": 0, "looked_at": 0}]
)
def test_a_visit_that_proves_nothing_earns_nothing(useless: dict[str, int]) -> None:
    assert visits(10, **useless) == Lastmod()  # type: ignore[arg-type]


def test_one_value_for_all_pages_tells_nothing() -> None:
    assert not is_varied(["2026-11-01"] * 1000)


def test_twenty_values_on_nine_of_ten_pages_tell_them_apart() -> None:
    values: list[str | None] = [f"2026-11-{day:02}" for day in range(1, 21)]
    assert is_varied([*values, None, None])
    assert not is_varied([*values, None, None, None])
    assert not is_varied([*values[:19], values[0]])


@given(st.integers(0, 10_000))
def test_a_sample_is_five_percent_at_least_ten_and_never_more_than_there_is(pages: int) -> None:
    size = sample_size(pages)
    assert min(pages, 10) <= size <= pages
    assert size >= pages * 0.05
    assert size == min(pages, 10) or size < pages * 0.05 + 1


@pytest.mark.parametrize(
    ("pages", "size"), [(0, 0), (9, 9), (10, 10), (200, 10), (201, 11), (220, 11), (221, 12), (1000, 50)]
)
def test_the_size_of_a_sample_is_rounded_up(pages: int, size: int) -> None:
    assert sample_size(pages) == size


def test_lies_are_counted_for_ever_and_clean_visits_up_to_three() -> None:
    often = visits(9)
    assert often == Lastmod(clean_visits=CLEAN_VISITS)
    lied = learn(often, looked_at=1, unmoved=1, lied=2, varied=False, complete=False)
    assert learn(lied, looked_at=1, unmoved=1, lied=3, varied=True, complete=True) == Lastmod(lies=5)
    assert learn(lied, looked_at=1, unmoved=1, lied=0, varied=True, complete=True) == Lastmod(clean_visits=1, lies=2)


def test_values_are_not_varied_without_any_or_with_empty_ones() -> None:
    assert not is_varied([])
    assert not is_varied([*(str(n) for n in range(20)), "", "", ""])
    assert is_varied(str(n) for n in range(20))


@pytest.mark.parametrize(("given", "missing", "varied"), [(27, 3, True), (26, 3, False)])
def test_nine_of_ten_entries_are_enough(given: int, missing: int, varied: bool) -> None:
    assert is_varied([*(f"m{number}" for number in range(given)), *[None] * missing]) is varied
