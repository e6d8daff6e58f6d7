"""When a site is visited next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from postings.sites import Health, Site
from postings.visits import Outcome, Verdict
from scheduler import cadence

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


def site(every: timedelta | None = None) -> Site:
    return Site(
        id=1, name="acme", start_url="https://acme.example/", host_key="acme.example", added_at=NOW, every=every
    )


def wait(site: Site, outcome: Outcome, health: Health, seed: int = 0) -> timedelta:
    return cadence.next_visit(site, Verdict(outcome=outcome), health, now=NOW, rng=Random(seed)) - NOW


@given(intervals, outcomes, healths, times, st.integers())
def test_the_next_visit_lies_ahead_and_no_further_than_the_interval_and_its_jitter(
    every: timedelta | None, outcome: Outcome, health: Health, now: datetime, seed: int
) -> None:
    at = cadence.next_visit(site(every), Verdict(outcome=outcome), health, now=now, rng=Random(seed))

    assert now < at <= now + (every or cadence.DEFAULT_EVERY) * LONGEST + timedelta(microseconds=1)


@given(intervals, st.sampled_from([Outcome.COMPLETE, Outcome.PARTIAL]), st.integers())
def test_after_a_visit_that_stands_the_interval_is_kept_within_its_jitter(
    every: timedelta | None, outcome: Outcome, seed: int
) -> None:
    interval = every or cadence.DEFAULT_EVERY

    assert abs(wait(site(every), outcome, Health(), seed) - interval) <= interval * cadence.JITTER * 1.001


def test_a_site_without_an_interval_is_visited_every_six_hours() -> None:
    assert timedelta(hours=5, minutes=40) < wait(site(), Outcome.COMPLETE, Health()) < timedelta(hours=6, minutes=20)


def test_two_sites_do_not_march_in_step() -> None:
    waits = {wait(site(), Outcome.COMPLETE, Health(), seed) for seed in range(20)}

    assert len(waits) == 20


@given(st.integers(1, 50))
def test_each_failed_visit_doubles_the_wait_until_the_interval_is_reached(failures: int) -> None:
    first, second = (wait(site(), Outcome.FAILED, Health(failures=n), seed=7) for n in (failures, failures + 1))

    longest = wait(site(), Outcome.COMPLETE, Health(), seed=7)
    assert abs(second - min(first * 2, longest)) < timedelta(milliseconds=1)


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
