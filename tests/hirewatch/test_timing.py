from __future__ import annotations

from datetime import timedelta

import pytest

from hirewatch.timing import AUTO, Timing, interval, timing_of
from postings.errors import UsageError


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
    assert interval(text) == length


@pytest.mark.parametrize("text", ["", "6", "h", "6x", "-6h", "6h!", "1s", "31d", "six hours"])
def test_what_is_no_interval_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        interval(text)


def test_an_interval_is_chosen_and_auto_is_none() -> None:
    assert timing_of(timedelta(hours=6), None, None) == Timing(every=timedelta(hours=6))
    assert timing_of(AUTO, None, None) == Timing()
    assert timing_of(None, None, None) is None


def test_a_cron_line_is_kept_with_single_blanks_and_its_zone() -> None:
    assert timing_of(None, "0 7  * * 1", "Asia/Tokyo") == Timing(cron=("0 7 * * 1", "Asia/Tokyo"))


def test_a_site_has_one_cadence() -> None:
    with pytest.raises(UsageError, match="exclude each other"):
        timing_of(timedelta(hours=6), "0 7 * * 1", None)
