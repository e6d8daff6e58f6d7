"""The clock of a server is held against ours."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hirewatch.checks import internet

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def test_a_clock_that_is_far_from_that_of_a_server_is_found() -> None:
    (found,) = internet.compare_clocks("Thu, 26 Nov 2026 13:00:00 GMT", NOW)
    assert (found.name, found.verdict, found.remedy) == ("clock", "warning", "set the clock; use NTP")
    assert "12:00Z" in found.found
    assert "13:00Z" in found.found


@pytest.mark.parametrize(
    "date", ["Thu, 26 Nov 2026 12:01:00 GMT", "yesterday", "Thu, 26 Nov 2026 13:00:00 -0000", "", None]
)
def test_a_clock_that_is_near_and_a_date_that_says_nothing_need_no_word(date: str | None) -> None:
    assert list(internet.compare_clocks(date, NOW)) == []
