"""Where the marks of charts lie."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dashboard import charts
from dashboard.charts import Day, Moment

START = datetime(2026, 11, 1, tzinfo=UTC)
COUNTS = st.lists(st.integers(0, 10_000_000), min_size=1, max_size=120)


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", path)]


@given(COUNTS)
def test_every_value_of_an_area_lies_in_its_box_and_has_a_mark(values: list[int]) -> None:
    chart = charts.area([(date(2026, 1, 1) + timedelta(days=place), value) for place, value in enumerate(values)])
    assert all(0 <= x <= chart.width and 0 <= y <= chart.height for x, y in points(chart.line))
    assert [mark.value for mark in chart.marks] == values
    assert max(values) <= chart.top


def test_an_area_of_one_day_is_a_level_line() -> None:
    chart = charts.area([(date(2026, 1, 1), 5)])
    (first, second) = points(chart.line)
    assert first[1] == second[1]
    assert second[0] == chart.width


@given(COUNTS)
def test_bars_are_as_tall_as_their_values_and_never_vanish(values: list[int]) -> None:
    chart = charts.bars([(str(place), value) for place, value in enumerate(values)])
    for mark, value in zip(chart.marks, values, strict=True):
        assert (mark.height > 0) == (value > 0)
        assert 0 <= mark.y <= chart.height
        assert mark.height <= chart.height
    tallest = max(chart.marks, key=lambda mark: mark.height)
    assert max(values) == 0 or tallest.height >= chart.height * 0.4


def test_no_bars_are_a_chart_too() -> None:
    assert charts.bars([]).marks == ()


@given(st.integers(0, 10**12))
def test_a_scale_ends_at_a_number_that_people_read(highest: int) -> None:
    top = charts.area([(date(2026, 1, 1), highest)]).top
    assert str(top).rstrip("0") in {"1", "2", "5"}
    assert highest <= top
    assert highest == 0 or top <= highest * 2.5


def test_what_went_worse_is_lower_in_a_strip() -> None:
    kinds = ["complete", "partial", "suspect", "failed", "none"]
    strip = charts.strip([Day(on=date(2026, 1, 1), kind=kind, words=kind) for kind in kinds])
    heights = [cell.height for cell in strip.cells]
    assert heights == sorted(heights, reverse=True)
    assert len(set(heights)) == len(kinds)
    assert strip.words == "5 days: 1 complete, 1 partial, 1 suspect, 1 failed"
    assert all(cell.y + cell.height == strip.height for cell in strip.cells)


def test_a_sparkline_goes_from_the_lowest_to_the_highest() -> None:
    spark = charts.spark([3, 9, 1])
    heights = [y for _x, y in points(spark.line)]
    assert heights[1] < heights[0] < heights[2]
    assert (spark.x, spark.y) == (spark.width, heights[2])
    assert spark.words == "from 3 to 1, lowest 1, highest 9"


@given(COUNTS)
def test_a_sparkline_lies_in_its_box(values: list[int]) -> None:
    spark = charts.spark(values)
    assert all(0 <= x <= spark.width and 0 <= y <= spark.height for x, y in points(spark.line))


def moment(kind: str, day: int) -> Moment:
    return Moment(kind=kind, at=START + timedelta(days=day), words=kind)


def test_a_life_is_open_between_opening_and_closing_and_since_it_reopened() -> None:
    chart = charts.life(
        [moment("opened", 0), moment("changed", 2), moment("closed", 5), moment("reopened", 8)],
        begin=START,
        now=START + timedelta(days=10),
    )
    assert [(span.x, span.width) for span in chart.spans] == [(0, 360), (576, 144)]
    assert [point.x for point in chart.points] == [0, 144, 360, 576]


def test_a_moment_of_a_clock_that_went_back_stays_in_the_box() -> None:
    chart = charts.life([moment("opened", -3)], begin=START, now=START)
    assert [point.x for point in chart.points] == [0]
