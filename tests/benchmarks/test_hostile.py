from __future__ import annotations

import sys

import pytest

from benchmarks.hostile import KINDS, main, numbered, seconds


@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_page_grows_with_the_size_that_is_asked_for(kind: str) -> None:
    small, large = len(KINDS[kind](8_192)), len(KINDS[kind](32_768))
    assert small >= 4_096
    assert 3 * small < large < 5 * small


def test_a_kind_of_page_is_read_and_said_what_came_of_it() -> None:
    took, outcome = seconds(KINDS["many links"], 1_024, 1)
    assert took > 0
    assert outcome == "1 read"


def quadratic(size: int) -> str:
    """The attributes of one tag are compared with each other; the `<` hides that there are too many."""
    return KINDS["nested div"](64) + "<p title='<' " + numbered("a# ", size) + ">"


def test_a_kind_whose_cost_grows_with_the_square_would_be_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(KINDS, "quadratic", quadratic)
    monkeypatch.setattr(sys, "argv", ["hostile", "--size=16", "--rounds=1", "--kind=quadratic"])
    assert main() == 1
    assert "1 take more than 5 times as long" in capsys.readouterr().out
