"""When a visit is worth its requests."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from postings.rhythm import WEEK, pieces
from scheduler.revisiting import visits_a_day, wait

#: a week of a few stretches that differ
rates = st.lists(st.floats(0, 20), min_size=1, max_size=12).map(
    lambda few: [few[hour % len(few)] for hour in range(WEEK)]
)
starts = st.floats(0, WEEK, exclude_max=True)
prices = st.floats(1e-6, 1e5)
#: 8 to 18 o'clock from Monday to Friday, and little else
OFFICE = [0.5 if hour < 120 and 8 <= hour % 24 < 18 else 0.01 for hour in range(WEEK)]


@given(rates, starts, prices, st.floats(0.02, 24), st.floats(0, 700))
def test_the_wait_lies_within_its_bounds(
    rates: list[float], start: float, price: float, shortest: float, more: float
) -> None:
    hours = wait(rates, start, price, shortest=shortest, longest=shortest + more)
    assert shortest - 1e-9 <= hours <= shortest + more + 1e-9


@given(st.floats(0.01, 50), starts, st.floats(0.001, 1000))
def test_at_a_steady_rate_it_is_that_of_the_closed_form(rate: float, start: float, price: float) -> None:
    hours = wait([rate] * WEEK, start, price, shortest=1e-6, longest=1e6 if price / rate < 1e4 else 500)
    assert math.isclose(hours, min(math.sqrt(2 * price / rate), 500), rel_tol=1e-6) or hours > 500


@given(starts, st.floats(0.01, 50), st.floats(1.01, 50), st.floats(0.01, 50))
def test_more_openings_bring_visits_sooner(start: float, rate: float, factor: float, price: float) -> None:
    slow, fast = (wait([one] * WEEK, start, price, shortest=0.1, longest=48) for one in (rate, rate * factor))
    assert fast <= slow


@settings(max_examples=30)
@given(rates, starts, st.floats(0.01, 50), st.floats(1.01, 50))
def test_a_dearer_visit_is_never_made_more_often(rates: list[float], start: float, price: float, factor: float) -> None:
    cheap, dear = (visits_a_day(rates, one, shortest=0.5, longest=24) for one in (price, price * factor))
    # a week of visits is no whole number of intervals
    assert dear <= cheap * 1.15 + 0.15


def test_the_end_of_the_working_day_is_looked_at_in_the_evening_and_not_in_the_morning() -> None:
    price, last = 4.0, 15.0
    density_says, whole = 0.0, 0.0
    for hour, part in pieces(last, last + 24):
        whole += part * math.sqrt(OFFICE[hour] / (2 * price))
        density_says += part
        if whole >= 1:
            break
    looked_at = last + wait(OFFICE, last, price, shortest=0.25, longest=24)
    assert last + density_says > 24
    assert 17 < looked_at <= 18.5


def test_nights_and_weekends_get_fewer_visits() -> None:
    at, by_day = 0.0, [0.0] * 7
    while at < 52 * WEEK:
        by_day[int(at % WEEK / 24)] += 1
        at += wait(OFFICE, at % WEEK, 1.0, shortest=0.25, longest=24)
    assert max(by_day[5:]) < min(by_day[:5]) / 2


@given(starts, st.floats(0.02, 24))
def test_where_openings_never_end_the_shortest_interval_is_taken(start: float, shortest: float) -> None:
    assert math.isclose(wait([20.0] * WEEK, start, 1e-5, shortest=shortest, longest=shortest + 24), shortest)


def test_where_nothing_opens_the_longest_interval_is_taken() -> None:
    assert wait([0.0] * WEEK, 3.5, 1.0, shortest=0.25, longest=24) == 24


def test_the_choice_beats_other_intervals_that_cost_as_much() -> None:
    """The rule against the density rule, both at a price; what it costs is waiting and requests together."""

    def worth(choose: object, price: float) -> float:
        at, total = 0.0, 0.0
        while at < 8 * WEEK:
            hours = choose(at % WEEK, price)  # type: ignore[operator]
            waiting = 0.0
            for hour, part in pieces(at % WEEK, at % WEEK + hours):
                total += waiting * part + OFFICE[hour] * part * part / 2
                waiting += OFFICE[hour] * part
            total, at = total + price, at + hours
        return total / at

    def by_density(start: float, price: float) -> float:
        whole = gone = 0.0
        for hour, part in pieces(start, start + 24):
            density = math.sqrt(OFFICE[hour] / (2 * price))
            if whole + density * part >= 1:
                return gone + (1 - whole) / density
            whole, gone = whole + density * part, gone + part
        return 24.0

    def by_rule(start: float, price: float) -> float:
        return wait(OFFICE, start, price, shortest=0.1, longest=24)

    for price in (0.5, 2.0, 8.0):
        assert worth(by_rule, price) < 0.97 * worth(by_density, price)
