from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirewatch import spans


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("15m", timedelta(minutes=15)),
        ("12h", timedelta(hours=12)),
        ("30d", timedelta(days=30)),
        ("2 W", timedelta(weeks=2)),
        ("0", timedelta()),
        ("off", timedelta()),
    ],
)
def test_a_length_is_a_number_and_its_unit(text: str, length: timedelta) -> None:
    assert spans.read(text) == length


@pytest.mark.parametrize("text", ["", "d", "1d12h", "-1d", "99999d", "1.5h"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="or never"):
        spans.read(text, besides="never")


@given(st.integers(0, 9999), st.sampled_from("mhdw"))
def test_a_length_that_is_written_is_read_as_the_same(number: int, unit: str) -> None:
    length = spans.read(f"{number}{unit}")
    assert spans.read(spans.written(length)) == length
