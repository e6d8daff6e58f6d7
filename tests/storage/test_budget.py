"""What a visit leaves behind of the site's rhythm, and of what it asks for."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select

from postings.visits import Absence, Outcome
from storage import budget, tables
from storage.budget import House, Spending
from tests.storage.watching import Watch, a_job


@pytest.fixture
def watch(engine: Engine) -> Watch:
    watch = Watch(engine)
    watch.pages = {f"/jobs/{number}": a_job(f"Welder {number}") for number in range(9)}
    watch.visit()
    return watch


def test_a_baseline_is_the_beginning_and_no_news(watch: Watch) -> None:
    rhythm = watch.current().rhythm
    assert (rhythm.news, rhythm.days, rhythm.seen_at) == (0, 0, watch.now)
    assert rhythm.usual == pytest.approx(9 / 45)


def test_a_complete_visit_teaches_what_it_opened(watch: Watch) -> None:
    watch.pages["/jobs/new"] = a_job("Driver")
    watch.later(hours=12).visit()
    rhythm = watch.current().rhythm
    assert (rhythm.news, rhythm.days) == (1, 0.5)
    assert sum(rhythm.hours) == pytest.approx(1, abs=0.1)


def test_what_a_partial_visit_opened_counts_with_the_next_complete_one(watch: Watch) -> None:
    watch.pages["/jobs/new"] = a_job("Driver")
    assert watch.later(hours=6).visit(whole=False, cut_short="stopped").outcome is Outcome.PARTIAL
    rhythm = watch.current().rhythm
    assert (rhythm.news, rhythm.days, rhythm.pending) == (0, 0, 1)
    watch.later(hours=6).visit()
    rhythm = watch.current().rhythm
    assert (rhythm.news, rhythm.days, rhythm.pending) == (1, 0.5, 0)


def test_neither_a_suspect_nor_a_failed_visit_teaches_anything(watch: Watch) -> None:
    before = watch.current().rhythm
    lost = dict.fromkeys(list(watch.pages)[:7], Absence.NOT_FOUND)
    watch.pages = {path: page for path, page in watch.pages.items() if path not in lost}
    assert watch.later(hours=6).visit(looks=lost).outcome is Outcome.SUSPECT
    assert watch.later(hours=6).visit(only=(), start_status=503, whole=False).outcome is Outcome.FAILED
    assert watch.current().rhythm == before


def test_the_price_is_kept_and_the_usual_one_is_none_of_a_budget(engine: Engine) -> None:
    assert budget.current(engine) == House()
    budget.settle(engine, House(price=0.5, stretch=2.0))
    assert budget.current(engine) == House(price=0.5, stretch=2.0)
    budget.settle(engine, House())
    with engine.connect() as connection:
        row = connection.execute(select(tables.installation)).one()
    assert (row.request_price, row.interval_stretch) == (None, None)


def test_what_a_site_asks_for_lies_between_its_bounds() -> None:
    spending = Spending(demand=10, least=5, most=50)
    assert [spending.at(price) for price in (100, 1, 0.0001)] == [5, 10, 50]
