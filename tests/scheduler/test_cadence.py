"""When a site is visited next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postings import rhythm as rhythms
from postings.rhythm import Rhythm
from postings.sites import Health, Site
from postings.visits import Outcome, Verdict
from scheduler import cadence
from scheduler.cadence import Bounds
from storage.budget import House

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LONGEST = 1 + cadence.JITTER
SHORTEST = 1 - cadence.JITTER

intervals = st.none() | st.timedeltas(min_value=timedelta(minutes=1), max_value=timedelta(days=30))
outcomes = st.sampled_from(Outcome)
times = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))
healths = st.builds(
    Health,
    failures=st.integers(0, 10_000),
    suspects=st.lists(st.tuples(times, st.just("digest")), max_size=4).map(tuple),
)


def site(every: timedelta | None = None, *, cron: str | None = None, zone: str | None = None, **more: Any) -> Site:
    return Site(
        id=1,
        name="acme",
        start_url="https://acme.example/",
        host_key="acme.example",
        added_at=NOW,
        every=every,
        cron=cron,
        zone=zone,
        **more,
    )


def learnt(*, openings: int, every: float = 6, requests: int = 20, days: int = 42, **more: Any) -> Site:
    """A site that was visited so often (hours), and each time had opened so many."""
    rhythm = rhythms.begin(Rhythm(), began=NOW - timedelta(days=days), open_now=20, requests=requests)
    for visit in range(1, round(days * 24 / every) + 1):
        at = NOW - timedelta(days=days) + visit * timedelta(hours=every)
        rhythm = rhythms.observe(rhythm, began=at, news=openings, requests=requests)
    return site(rhythm=rhythm, **more)


def wait(site: Site, outcome: Outcome, health: Health, seed: int = 0) -> timedelta:
    return cadence.next_visit(site, Verdict(outcome=outcome), health, now=NOW, rng=Random(seed)) - NOW


@given(intervals, outcomes, healths, times, st.integers())
def test_the_next_visit_lies_ahead_and_no_further_than_the_interval_and_its_jitter(
    every: timedelta | None, outcome: Outcome, health: Health, now: datetime, seed: int
) -> None:
    at = cadence.next_visit(site(every), Verdict(outcome=outcome), health, now=now, rng=Random(seed))

    longest = cadence.BOUNDS.longest if every is None else every * LONGEST
    assert now < at <= now + longest + timedelta(microseconds=1)


@given(
    st.timedeltas(min_value=timedelta(minutes=1), max_value=timedelta(days=30)),
    st.sampled_from([Outcome.COMPLETE, Outcome.PARTIAL]),
    st.integers(),
)
def test_after_a_visit_that_stands_the_interval_is_kept_within_its_jitter(
    every: timedelta, outcome: Outcome, seed: int
) -> None:
    assert abs(wait(site(every), outcome, Health(), seed) - every) <= every * cadence.JITTER * 1.001


def test_a_site_of_which_nothing_is_known_is_visited_a_few_times_a_day() -> None:
    assert timedelta(hours=3) < wait(site(), Outcome.COMPLETE, Health()) < timedelta(hours=12)


def test_two_sites_do_not_march_in_step() -> None:
    for one in (site(), site(timedelta(hours=6)), site(cron="0 7 * * *"), learnt(openings=0)):
        waits = {wait(one, Outcome.COMPLETE, Health(), seed) for seed in range(20)}

        assert len(waits) == 20


@given(st.integers(1, 50))
def test_each_failed_visit_doubles_the_wait_until_the_interval_is_reached(failures: int) -> None:
    # the same random numbers, one drawn for the interval and one for the wait
    first, second = (wait(site(), Outcome.FAILED, Health(failures=n), seed=7) for n in (failures, failures + 1))

    longest = wait(site(), Outcome.COMPLETE, Health(), seed=7)
    if second < longest:
        assert abs(second - first * 2) < timedelta(milliseconds=1)
    assert second <= longest


def test_a_site_that_fails_once_is_tried_again_after_ten_minutes() -> None:
    after = wait(site(), Outcome.FAILED, Health(failures=1))

    assert timedelta(minutes=9, seconds=30) <= after <= timedelta(minutes=10, seconds=30)


def test_a_suspect_visit_is_repeated_after_half_an_hour() -> None:
    after = wait(site(), Outcome.SUSPECT, Health(suspects=((NOW, "digest"),)))

    assert timedelta(minutes=28) <= after <= timedelta(minutes=32)


def test_a_short_interval_is_not_stretched_by_a_suspect_visit() -> None:
    after = wait(site(timedelta(minutes=5)), Outcome.SUSPECT, Health(suspects=((NOW, "digest"),)))

    assert after <= timedelta(minutes=5) * LONGEST


def test_a_stopped_visit_is_made_up_for_within_minutes() -> None:
    assert cadence.after_stop(NOW) == NOW + timedelta(minutes=1)


def test_a_site_that_wants_to_be_left_alone_is_not_visited_before() -> None:
    not_before = NOW + timedelta(hours=30)
    at = cadence.next_visit(
        site(timedelta(hours=1)),
        Verdict(outcome=Outcome.PARTIAL),
        Health(),
        now=NOW,
        rng=Random(0),
        not_before=not_before,
    )
    assert at == not_before


def test_a_wait_that_is_over_before_the_next_visit_changes_nothing() -> None:
    verdict, health = Verdict(outcome=Outcome.PARTIAL), Health()
    plain = cadence.next_visit(site(), verdict, health, now=NOW, rng=Random(3))
    waited = cadence.next_visit(site(), verdict, health, now=NOW, rng=Random(3), not_before=NOW + timedelta(minutes=5))
    assert waited == plain


# ------------------------------------------------------------------------------------------------------ worked out


@pytest.mark.parametrize(("few", "many"), [(0, 1), (1, 4), (4, 40)])
def test_the_more_a_site_opens_the_sooner_it_is_visited(few: int, many: int) -> None:
    slow, fast = (cadence.visits_a_day(learnt(openings=one), now=NOW) for one in (few, many))
    assert fast > 1.3 * slow


def test_the_dearer_a_visit_the_rarer() -> None:
    cheap, dear = (cadence.visits_a_day(learnt(openings=1, requests=one), now=NOW) for one in (4, 400))
    assert cheap > 3 * dear


def test_a_dear_request_means_rare_visits() -> None:
    low, high = (cadence.visits_a_day(learnt(openings=1), now=NOW, house=House(price=one)) for one in (0.01, 1.0))
    assert low > 3 * high


def test_a_site_on_which_nothing_ever_opens_is_visited_once_in_the_longest_interval() -> None:
    assert timedelta(hours=22) < wait(learnt(openings=0, days=120), Outcome.COMPLETE, Health()) <= timedelta(days=1)


def test_a_site_that_opens_without_end_is_visited_at_the_shortest_interval() -> None:
    after = wait(learnt(openings=5000, every=0.5, days=7, requests=2), Outcome.COMPLETE, Health())
    assert timedelta(minutes=14) < after < timedelta(minutes=16)


@settings(max_examples=25)
@given(
    st.integers(0, 200),
    st.integers(1, 3000),
    st.integers(1, 100_000) | st.none(),
    st.floats(1e-6, 1e4),
    times,
    st.integers(),
    outcomes,
)
def test_the_longest_interval_holds_whatever_was_learnt(
    openings: int, requests: int, own: int | None, price: float, now: datetime, seed: int, outcome: Outcome
) -> None:
    bounds = Bounds(shortest=timedelta(minutes=30), longest=timedelta(hours=20))
    one = learnt(openings=openings, requests=requests, days=3, requests_a_day=own)
    at = cadence.next_visit(
        one,
        Verdict(outcome=outcome),
        Health(failures=3),
        now=now,
        rng=Random(seed),
        bounds=bounds,
        house=House(price=price),
    )
    forbidden = timedelta(0) if own is None else timedelta(days=1) * max(one.rhythm.cost or 1, 1) / own
    assert now < at <= now + max(bounds.longest, forbidden) + timedelta(microseconds=1)
    assert cadence.is_short(one, bounds) is (forbidden > bounds.longest)


@settings(max_examples=15)
@given(st.integers(0, 20), st.integers(1, 500), st.integers(5, 2000))
def test_a_budget_of_its_own_is_kept(openings: int, requests: int, own: int) -> None:
    one = learnt(openings=openings, requests=requests, days=4, requests_a_day=own)
    assert cadence.visits_a_day(one, now=NOW) * max(one.rhythm.cost or 1, 1) <= own * 1.02
    assert cadence.spending(one, now=NOW).at(cadence.HOUSE.price) <= own * 1.02


def test_a_budget_of_its_own_stretches_an_interval_and_passes_over_times_of_a_cron_line() -> None:
    tight: dict[str, Any] = {"requests_a_day": 20, "rhythm": learnt(openings=1, requests=40).rhythm}
    assert wait(site(timedelta(hours=1), **tight), Outcome.COMPLETE, Health()) > timedelta(hours=45)
    assert wait(site(cron="0 * * * *", **tight), Outcome.COMPLETE, Health()) > timedelta(hours=47)
    assert cadence.is_short(site(timedelta(hours=1), **tight))


def test_what_a_site_asks_for_is_what_it_takes() -> None:
    for house in (House(price=0.02), House(price=0.3)):
        one = learnt(openings=2)
        taken = cadence.visits_a_day(one, now=NOW, house=house) * 20
        assert abs(cadence.spending(one, now=NOW, house=house).at(house.price) / taken - 1) < 0.01


def test_sites_with_a_fixed_cadence_take_the_same_at_every_price() -> None:
    for one in (site(timedelta(hours=6)), site(cron="0 */6 * * *", zone="UTC")):
        spending = cadence.spending(one, now=NOW)
        assert spending.at(1e-6) == spending.at(1e6) == pytest.approx(4 * cadence.USUAL_COST, rel=0.02)


# ------------------------------------------------------------------------------------------------------------ cron


def test_a_cron_line_is_kept_to_the_minute() -> None:
    at = NOW + wait(site(cron="0 7 * * *", zone="Europe/Berlin"), Outcome.COMPLETE, Health())
    assert timedelta(0) <= at - datetime(2026, 11, 21, 6, 0, tzinfo=UTC) <= cadence.CRON_JITTER


def test_a_visit_in_doubt_is_repeated_before_the_next_time_of_its_line() -> None:
    line = site(cron="0 7 * * 1", zone="UTC")
    assert wait(line, Outcome.SUSPECT, Health(suspects=((NOW, "digest"),))) < timedelta(minutes=32)
    assert wait(line, Outcome.FAILED, Health(failures=1)) < timedelta(minutes=11)


def test_a_line_that_cannot_be_read_any_more_is_no_reason_to_visit_never() -> None:
    after = wait(site(cron="0 7 * * *", zone="Europe/Atlantis"), Outcome.COMPLETE, Health())
    assert after == wait(site(), Outcome.COMPLETE, Health())


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("first", [datetime(2027, 3, 7, tzinfo=UTC), datetime(2027, 9, 25, tzinfo=UTC)])
def test_over_weeks_with_a_change_of_clocks_each_day_has_its_visit(zone: str, first: datetime) -> None:
    one, now, days = site(cron="30 2 * * *", zone=zone), first, []
    for seed in range(50):
        now = cadence.next_visit(one, Verdict(outcome=Outcome.COMPLETE), Health(), now=now, rng=Random(seed))
        days.append(now.astimezone(ZoneInfo(zone)).date())
        now += timedelta(minutes=3)
    assert days == [days[0] + timedelta(days=day) for day in range(50)]


# ------------------------------------------------------------------------------------------------- clocks and days off

ways: dict[str, Callable[[], Site]] = {
    "auto": lambda: learnt(openings=1),
    "every": lambda: site(timedelta(hours=6)),
    "cron": lambda: site(cron="0 */6 * * *", zone="Europe/Berlin"),
}


@pytest.mark.parametrize("way", ways)
def test_a_service_that_was_off_for_days_makes_one_visit_and_goes_on(way: str) -> None:
    one = ways[way]()
    due = NOW + wait(one, Outcome.COMPLETE, Health())
    back = due + timedelta(days=9)
    rhythm = rhythms.observe(one.rhythm, began=back, news=4, requests=20)
    after = cadence.next_visit(
        replace(one, rhythm=rhythm), Verdict(outcome=Outcome.COMPLETE), Health(), now=back, rng=Random(1)
    )
    assert timedelta(minutes=15) < after - back <= timedelta(days=1)


@pytest.mark.parametrize("way", ways)
@pytest.mark.parametrize("jump", [timedelta(days=-12), timedelta(days=12), timedelta(days=-400), timedelta(days=4000)])
def test_a_clock_that_jumps_makes_neither_a_storm_nor_a_long_wait(way: str, jump: timedelta) -> None:
    one, now = ways[way](), NOW + jump
    for visit in range(20):
        rhythm = rhythms.observe(one.rhythm, began=now, news=visit % 2, requests=20)
        one = replace(one, rhythm=rhythm)
        after = cadence.next_visit(one, Verdict(outcome=Outcome.COMPLETE), Health(), now=now, rng=Random(visit))
        assert timedelta(minutes=15) * SHORTEST <= after - now <= timedelta(days=1)
        now = after
