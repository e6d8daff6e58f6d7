from __future__ import annotations

import pytest

from benchmarks.hostile import KINDS, seconds


@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_page_grows_with_the_size_that_is_asked_for(kind: str) -> None:
    small, large = len(KINDS[kind](8_192)), len(KINDS[kind](32_768))
    assert small >= 4_096
    assert 3 * small < large < 5 * small


def test_a_kind_of_page_is_read_and_said_what_came_of_it() -> None:
    took, outcome = seconds(KINDS["many links"], 1_024, 1)
    assert took > 0
    assert outcome == "1 read"
