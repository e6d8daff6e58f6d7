"""The house's budget of requests, and sites that a clock led astray."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, update

from scheduler import budget, cadence
from scheduler.cadence import Bounds
from storage import budget as kept
from storage import sites, tables
from storage.budget import PRICE, House, Spending, Sums

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
BOUNDS = Bounds()


def spending_of(demand: float, least: float, share: float) -> Spending:
    return Spending(demand=demand, least=least, most=least * (1 + share))


spendings = st.lists(
    st.builds(spending_of, st.floats(0.1, 1e4), st.floats(0.1, 1e3), st.floats(0, 100)), min_size=1, max_size=20
)


def sums(spendings: Sequence[Spending], price: float) -> Sums:
    return Sums(all=sum(one.at(price) for one in spendings), fixed=0.0, least=sum(one.least for one in spendings))


@settings(max_examples=60)
@given(spendings, st.floats(0.01, 1e7), st.floats(1e-8, 1e6))
def test_the_price_is_that_at_which_the_budget_is_spent(asked: list[Spending], requests: float, near: float) -> None:
    house = budget.house(lambda price: sums(asked, price), requests, near=near)
    taken, most, least = (sums(asked, price).all for price in (house.price, 1e-8, 1e6))
    if least < requests < most:
        assert taken == pytest.approx(requests, rel=0.01)
    assert taken <= max(requests * 1.01, least * 1.001)
    # at the dearest price some may still ask for a little more than their longest interval takes
    assert (house.stretch > 1) is (sums(asked, 1.0).least > requests)


def test_without_a_budget_a_request_is_worth_what_it_is_always_worth() -> None:
    assert budget.house(lambda _: sums([], 1), None, near=7.0) == House(price=PRICE)


def test_a_budget_too_small_for_the_longest_interval_stretches_it_and_says_so() -> None:
    asked = [spending_of(100, 50, 3)] * 4
    house = budget.house(lambda price: sums(asked, price), 100)
    assert house.stretch == pytest.approx(2)
    assert "100 requests a day are too few for a visit of each site every 24 h: it takes up to 48 h" in str(
        budget.said(house, 100, BOUNDS)
    )


def test_fixed_intervals_are_paid_first() -> None:
    house = budget.house(lambda _: Sums(all=300, fixed=200, least=100), 250)
    assert house.stretch == pytest.approx(2)


def watch(engine: Engine, name: str, spending: Spending | None = None, **values: object) -> None:
    site = sites.add(engine, name=name, start_url=f"https://{name}.example/", every=None, now=NOW)
    columns = (
        {}
        if spending is None
        else {"demand": spending.demand, "least_requests": spending.least, "most_requests": spending.most}
    )
    with engine.begin() as connection:
        connection.execute(
            update(tables.sites).where(tables.sites.c.id == site.id).values(name=name, **columns, **values)
        )


def tick(engine: Engine, requests: float | None = None, now: datetime = NOW) -> list[str]:
    return budget.tick(engine, requests_a_day=requests, bounds=BOUNDS, now=now, rng=Random(3))


def test_the_tick_finds_the_price_in_the_database_and_keeps_it(engine: Engine) -> None:
    asked = [spending_of(20 * number, 5, 50) for number in range(1, 9)]
    for number, one in enumerate(asked):
        watch(engine, f"site{number}", one)
    watch(engine, "paused", spending_of(1e6, 1e5, 1), paused_at=NOW)
    watch(engine, "removed", spending_of(1e6, 1e5, 1), removed_at=NOW)
    watch(engine, "fixed", spending_of(100, 100, 0), every=3600)
    watch(engine, "new")
    assert tick(engine, 1000) == []
    house = kept.current(engine)
    assert sum(one.at(house.price) for one in asked) + 100 == pytest.approx(1000, rel=0.01)
    assert tick(engine) == []
    assert kept.current(engine) == House()


def test_the_tick_says_once_that_the_budget_does_not_suffice_and_once_that_it_does(engine: Engine) -> None:
    watch(engine, "acme", spending_of(100, 50, 3))
    assert "too few" in " ".join(tick(engine, 10))
    assert tick(engine, 10) == []
    assert tick(engine, 1000) == ["the budget suffices again"]


def test_a_site_that_a_clock_led_astray_is_visited_within_its_longest_interval(engine: Engine) -> None:
    watch(engine, "auto", next_visit_at=NOW + 12 * DAY)
    watch(engine, "often", every=3600, next_visit_at=NOW + 12 * DAY)
    watch(engine, "weekly", every=7 * 86400, next_visit_at=NOW + 6 * DAY)
    watch(engine, "cron", cron="0 7 * * *", zone="UTC", next_visit_at=NOW + 12 * DAY)
    watch(engine, "asked", next_visit_at=NOW + 12 * DAY, come_back_at=NOW + 12 * DAY)
    watch(engine, "poor", requests_a_day=1, next_visit_at=NOW + 12 * DAY)
    watch(engine, "paused", next_visit_at=NOW + 12 * DAY, paused_at=NOW)
    assert "3 sites" in " ".join(tick(engine))
    due = {site.name: (site.next_visit_at or NOW) - NOW for site in sites.watched(engine)}
    assert timedelta(0) <= due["auto"] <= DAY * 1.05
    assert timedelta(0) <= due["often"] <= timedelta(hours=1.05)
    assert due["weekly"] == 6 * DAY
    assert timedelta(hours=22) <= due["cron"] <= timedelta(hours=22, minutes=1)
    assert due["asked"] == due["poor"] == due["paused"] == 12 * DAY
    assert tick(engine) == []


def test_many_that_went_astray_make_no_storm(engine: Engine) -> None:
    for number in range(30):
        watch(engine, f"site{number}", next_visit_at=NOW + 30 * DAY)
    tick(engine)
    due = sorted((site.next_visit_at or NOW) - NOW for site in sites.watched(engine))
    assert due[0] < timedelta(hours=4)
    assert due[-1] > timedelta(hours=20)
    assert sum(one < timedelta(hours=1) for one in due) <= 5


def test_a_longest_interval_that_the_budget_stretched_is_not_called_too_late(engine: Engine) -> None:
    watch(engine, "acme", Spending(demand=1, least=100, most=200), next_visit_at=NOW + 4 * DAY)
    lines = tick(engine, 20)
    assert kept.current(engine).stretch == pytest.approx(5)
    assert len(lines) == 1
    assert sites.find(engine, "acme").next_visit_at == NOW + 4 * DAY


def test_a_stretched_interval_is_what_a_visit_goes_by(engine: Engine) -> None:
    watch(engine, "acme")
    site = sites.find(engine, "acme")
    plain, stretched = (cadence.longest_wait(site, house=House(stretch=stretch)) for stretch in (1.0, 3.0))
    assert stretched == 3 * plain
