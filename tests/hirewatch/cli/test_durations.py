from __future__ import annotations

from datetime import timedelta

import pytest
import rich_click as click

from hirewatch.cli.durations import AUTO, Interval


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
