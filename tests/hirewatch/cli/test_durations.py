from __future__ import annotations

from datetime import timedelta

import pytest
import rich_click as click

from hirewatch.cli.durations import AUTO, Interval, Requests
from postings.sites import MOST_REQUESTS_A_DAY


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("6h", timedelta(hours=6)),
        ("90m", timedelta(minutes=90)),
        ("1d12h", timedelta(hours=36)),
        ("1.5 h", timedelta(minutes=90)),
        ("2W", timedelta(days=14)),
        ("auto", AUTO),
    ],
)
def test_an_interval_is_read_as_people_type_it(text: str, length: timedelta) -> None:
    assert Interval().convert(text, None, None) == length


@pytest.mark.parametrize("text", ["", "6", "h", "6x", "-6h", "6h!", "1s", "31d", "six hours"])
def test_what_is_no_interval_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        Interval().convert(text, None, None)


@pytest.mark.parametrize(
    ("text", "number"), [("500", 500), ("none", 0), (str(MOST_REQUESTS_A_DAY), MOST_REQUESTS_A_DAY)]
)
def test_a_number_of_requests_is_read_as_people_type_it(text: str, number: int) -> None:
    assert Requests().convert(text, None, None) == number


@pytest.mark.parametrize("text", ["", "0", "000", "-5", "5.5", "many", "٥"])
def test_what_is_no_number_of_requests_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="no number of requests"):
        Requests().convert(text, None, None)


@pytest.mark.parametrize("text", [str(MOST_REQUESTS_A_DAY + 1), "9" * 20, "9" * 5000])
def test_more_requests_than_any_site_answers_are_refused_with_the_most_that_may_be_written(text: str) -> None:
    with pytest.raises(click.BadParameter, match=f"write at most {MOST_REQUESTS_A_DAY}, or none for no limit"):
        Requests().convert(text, None, None)
