"""What visits teach of when a site publishes."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from postings import rhythm as rhythms
from postings.rhythm import WEEK, Rhythm

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)

steps = st.lists(st.tuples(st.floats(0.05, 200), st.integers(0, 60), st.integers(1, 3000)), min_size=1, max_size=12)


def watched(*visits: tuple[float, int], requests: int = 10) -> Rhythm:
    """A site after its baseline on Monday at 0:00 UTC and complete visits (hours later, openings found)."""
    rhythm = rhythms.begin(Rhythm(), began=MONDAY, open_now=45, requests=requests)
    for hours, news in visits:
        rhythm = rhythms.observe(rhythm, began=MONDAY + hours * HOUR, news=news, requests=requests)
    return rhythm


def hourly(weeks: int, publishes: dict[int, int]) -> Rhythm:
    """A site that is visited every hour, and opens so many postings in these hours of the week (UTC)."""
    return watched(*((hour, publishes.get((hour - 1) % WEEK, 0)) for hour in range(1, weeks * WEEK + 1)))


def test_before_any_visit_all_that_is_known_is_what_is_usual() -> None:
    assert Rhythm().daily == rhythms.USUAL
    assert math.isclose(sum(Rhythm().rates()) / 7, rhythms.USUAL)


def test_a_site_with_many_postings_is_expected_to_open_many() -> None:
    small, large = (rhythms.begin(Rhythm(), began=MONDAY, open_now=n, requests=9) for n in (9, 900))
    assert math.isclose(small.daily, 0.2)
    assert math.isclose(large.daily, 20)


def test_what_a_baseline_finds_is_no_news() -> None:
    rhythm = rhythms.begin(Rhythm(), began=MONDAY, open_now=5000, requests=5001)
    assert (rhythm.news, rhythm.days) == (0, 0)


def test_the_cost_of_a_first_visit_is_not_that_of_the_next() -> None:
    rhythm = rhythms.begin(Rhythm(), began=MONDAY, open_now=1000, requests=1007)
    assert rhythm.cost is not None
    assert 50 < rhythm.cost < 70


def test_a_visit_that_asked_every_page_hardly_moves_the_cost() -> None:
    before = watched((6, 0), (12, 0), requests=10)
    after = rhythms.observe(before, began=MONDAY + 18 * HOUR, news=0, requests=1000)
    assert before.cost is not None
    assert after.cost is not None
    assert after.cost < 2 * before.cost


def test_the_rate_follows_what_is_found() -> None:
    rhythm = watched(*((6 * n, 1) for n in range(1, 80)))
    assert 3.5 < rhythm.daily < 4.2


def test_a_change_of_pace_is_learnt_and_the_old_one_forgotten() -> None:
    busy = [(6 * n, 3) for n in range(1, 4 * 60)]
    quiet = [(6 * n, 0) for n in range(4 * 60, 4 * 60 + 4 * 180)]
    assert watched(*busy).daily > 10
    assert watched(*busy, *quiet).daily < 1.5


def test_a_partial_visit_teaches_nothing_until_a_complete_one_follows() -> None:
    before = watched((6, 1))
    held = rhythms.hold(before, 3)
    assert (held.news, held.days, held.rates()) == (before.news, before.days, before.rates())
    after = rhythms.observe(held, began=MONDAY + 12 * HOUR, news=2, requests=10)
    straight = rhythms.observe(before, began=MONDAY + 12 * HOUR, news=5, requests=10)
    assert after == straight


def test_a_flood_counts_as_a_burst_and_not_as_what_comes_every_day() -> None:
    flooded = watched((6, 0), (12, 4000), (18, 0))
    assert flooded.news <= rhythms.BURST
    control = watched((6, 0), (12, rhythms.BURST), (18, 0))
    assert flooded == control


def test_a_fast_site_is_not_cut_down_to_a_burst() -> None:
    assert watched(*((6 * n, 100) for n in range(1, 60))).daily > 300


def test_a_clock_that_was_set_back_begins_anew_and_keeps_what_was_learnt() -> None:
    before = watched((6, 1), (12, 1))
    after = rhythms.observe(before, began=MONDAY - timedelta(days=5), news=7, requests=10)
    assert (after.news, after.days) == (before.news, before.days)
    assert after.seen_at == MONDAY - timedelta(days=5)


def test_after_months_without_a_visit_nothing_is_said_of_them() -> None:
    before = watched((6, 1), (12, 1))
    after = rhythms.observe(before, began=MONDAY + timedelta(days=90), news=40, requests=10)
    assert (after.news, after.days) == (before.news, before.days)


def test_days_off_are_one_long_look() -> None:
    after = watched((6, 1), (6 + 24 * 4, 8))
    assert 8.5 < after.news <= 9
    assert 4 < after.days <= 4.25


def test_office_hours_are_recognised_from_few_openings_in_any_zone() -> None:
    for zone in (-8, 0, 1, 9):
        at_nine = (24 + 9 - zone) % WEEK, (3 * 24 + 15 - zone) % WEEK
        rates = hourly(2, dict.fromkeys(at_nine, 1)).rates()
        at_work = [rates[(24 * day + hour - zone) % WEEK] for day in range(5) for hour in range(9, 17)]
        on_sunday = [rates[(24 * 6 + hour - zone) % WEEK] for hour in range(24)]
        assert min(at_work) > 2 * max(on_sunday), zone


def test_a_site_that_publishes_every_night_is_expected_at_night() -> None:
    rates = hourly(6, {24 * day + 3: 2 for day in range(7)}).rates()
    nights = [rates[24 * day + 3] for day in range(7)]
    others = [rate for hour, rate in enumerate(rates) if hour % 24 != 3]
    assert min(nights) > 2 * max(others)
    assert sum(nights) / 7 > 10 * max(others)


def test_a_list_that_is_renewed_once_a_day_is_recognised_from_few_openings_at_any_hour() -> None:
    for hour in (3, 14, 22):
        rates = hourly(1, {24 * day + hour: 1 for day in range(7)}).rates()
        others = [rate for at, rate in enumerate(rates) if at % 24 != hour]
        assert min(rates[hour::24]) > 3 * max(others), hour


def test_a_site_that_moves_to_another_zone_is_recognised_again_although_the_old_one_held_for_long() -> None:
    def at_work(zone: int) -> dict[int, int]:
        return {(24 * day + hour - zone) % WEEK: 1 for day in range(5) for hour in (9, 11, 15, 17)}

    def best(rhythm: Rhythm) -> int:
        return rhythm.weeks.index(max(rhythm.weeks)) - 11

    before = hourly(20, at_work(-8))
    assert abs(best(before) + 8) <= 1
    at, after = before.seen_at, before
    assert at is not None
    for number in range(1, 3 * WEEK + 1):
        found = at_work(8).get((20 * WEEK + number - 1) % WEEK, 0)
        after = rhythms.observe(after, began=at + number * HOUR, news=found, requests=10)
    assert abs(best(after) - 8) <= 1


def test_what_is_known_of_the_hours_outlasts_what_is_known_of_the_rate() -> None:
    busy = hourly(2, dict.fromkeys((9, 33, 57, 81, 105), 1))
    at = busy.seen_at
    assert at is not None
    quiet = busy
    for week in range(1, 9):
        quiet = rhythms.observe(quiet, began=at + week * WEEK * HOUR, news=0, requests=10)
    assert quiet.daily < busy.daily / 2
    assert sum(quiet.hours) > 0.75 * sum(busy.hours)
    assert quiet.weeks == busy.weeks


def test_what_long_intervals_find_is_not_taken_for_a_rhythm() -> None:
    weekly = watched(*((168 * n, 5) for n in range(1, 9))).rates()
    control = watched(*((168 * n, 0) for n in range(1, 9))).rates()
    assert math.isclose(max(weekly) / min(weekly), max(control) / min(control), rel_tol=0.35)


@settings(max_examples=40)
@given(steps)
def test_rates_are_positive_and_add_up_to_what_is_expected_of_a_week(visits: list[tuple[float, int, int]]) -> None:
    rhythm, at = rhythms.begin(Rhythm(), began=MONDAY, open_now=3, requests=5), MONDAY
    for hours, news, requests in visits:
        at += hours * HOUR
        rhythm = rhythms.observe(rhythm, began=at, news=news, requests=requests)
        rates = rhythm.rates()
        assert min(rates) > 0
        assert math.isclose(sum(rates), 7 * rhythm.daily, rel_tol=1e-9)
        if rhythm.hours:
            assert math.isclose(sum(rhythm.hours), sum(rhythm.weekdays), abs_tol=1e-6)
            assert sum(rhythm.hours) >= rhythm.news - 1e-6


@settings(max_examples=40)
@given(steps)
def test_a_rhythm_comes_back_from_its_column_as_it_was_and_stays_small(visits: list[tuple[float, int, int]]) -> None:
    rhythm, at = Rhythm(), MONDAY
    for hours, news, requests in visits:
        at += hours * HOUR
        rhythm = rhythms.observe(rhythm, began=at.replace(microsecond=0), news=news, requests=requests)
    kept = json.dumps(rhythm.to_json())
    assert len(kept) < 1000
    back = Rhythm.from_json(json.loads(kept))
    assert replace(back, seen_at=None).to_json() == replace(rhythm, seen_at=None).to_json()
    assert back.seen_at == rhythm.seen_at


def test_a_site_without_a_rhythm_is_one_of_which_nothing_is_known() -> None:
    assert Rhythm.from_json(None) == Rhythm()


@given(st.floats(0, 167.9), st.floats(0.01, 400))
def test_a_span_is_cut_into_the_hours_it_covers(start: float, length: float) -> None:
    cut = list(rhythms.pieces(start, start + length))
    assert math.isclose(sum(part for _, part in cut), length, abs_tol=1e-9)
    assert all(0 <= hour < WEEK and -1e-9 <= part <= 1 for hour, part in cut)


def test_the_week_begins_on_monday_in_utc() -> None:
    assert rhythms.hour_of_week(MONDAY) == 0
    assert rhythms.hour_of_week(MONDAY + 31.5 * HOUR) == 31.5
