"""How fresh events are: what is kept with an event, and the figures that are made of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.engine import Engine

from postings.visits import Absence
from storage import freshness
from storage.contents import TOLD
from storage.engine import reading
from storage.freshness import Freshness
from storage.tables import events
from tests.storage.rows import HOUR, NOW, add_event, add_posting, add_site
from tests.storage.watching import START, Watch, a_job


@pytest.fixture
def watch(engine: Engine) -> Watch:
    """One job that tests move, among others that stay."""
    others = {f"/stays/{number}": a_job(f"Driver {number}") for number in range(5)}
    return Watch(engine, pages={"/jobs/1": a_job(), **others})


def moved(engine: Engine) -> list[tuple[str, timedelta | None]]:
    """Type of each event of the moving jobs, and how long after the beginning of the watch it was not seen."""
    with reading(engine) as conn:
        rows = conn.execute(select(events.c.type, events.c.unseen_at, TOLD).order_by(events.c.number)).all()
    moving = [row for row in rows if not str(row.body["title"]).startswith("Driver")]
    return [(row.type, row.unseen_at and row.unseen_at - START) for row in moving]


def test_an_opening_keeps_the_beginning_of_the_last_complete_visit_that_did_not_see_it(watch: Watch) -> None:
    watch.visit()
    watch.later(hours=6).visit()
    watch.later(hours=6).visit(whole=False)
    watch.pages["/jobs/2"] = a_job("Baker", "Hamburg")
    watch.later(hours=6).visit()
    assert moved(watch.engine) == [("opened", None), ("opened", timedelta(hours=6))]


def test_what_was_there_before_anyone_watched_has_none(watch: Watch) -> None:
    watch.visit(whole=False)
    watch.pages["/jobs/2"] = a_job("Baker", "Hamburg")
    watch.later(hours=6).visit()
    assert moved(watch.engine) == [("opened", None), ("opened", None)]


def test_a_return_keeps_when_it_was_not_there(watch: Watch) -> None:
    watch.visit()
    job = watch.pages.pop("/jobs/1")
    watch.later(hours=6).visit(looks={"/jobs/1": Absence.GONE})
    watch.later(days=10).visit()
    watch.pages["/jobs/1"] = job
    watch.later(hours=6).visit()
    assert moved(watch.engine) == [("opened", None), ("closed", None), ("reopened", timedelta(days=10, hours=6))]


def test_a_posting_whose_closing_was_an_error_never_appeared_anew(watch: Watch) -> None:
    watch.visit()
    job = watch.pages.pop("/jobs/1")
    watch.later(hours=6).visit(looks={"/jobs/1": Absence.GONE})
    watch.pages["/jobs/1"] = job
    watch.later(hours=6).visit()
    assert moved(watch.engine)[-1] == ("reopened", None)


def test_a_renewal_of_what_the_last_visit_still_saw_keeps_none(watch: Watch) -> None:
    job = a_job(valid_through=(START + timedelta(days=2)).date())
    watch.pages["/jobs/1"] = job
    watch.visit()
    watch.later(days=1).visit()
    watch.ledger.expire(watch.later(days=5).now)
    watch.visit()
    watch.pages["/jobs/1"] = a_job(valid_through=(START + timedelta(days=60)).date())
    watch.later(hours=1).visit()
    closed_then_open = [kind for kind, _ in moved(watch.engine)]
    assert closed_then_open == ["opened", "closed", "reopened"]
    assert moved(watch.engine)[-1][1] is None


def newest(engine: Engine) -> int:
    with reading(engine) as conn:
        return conn.scalar(select(func.max(events.c.number))) or 0


def appear(engine: Engine, site_hours: Sequence[tuple[str, float]], days_ago: float = 0) -> dict[str, int]:
    """Events of appearances that took these hours at most, by site."""
    sites = {}
    number = newest(engine)
    for name, hours in site_hours:
        if name not in sites:
            sites[name] = add_site(engine, name)
            add_posting(engine, sites[name], f"p_{name}")
        number += 1
        at = NOW - timedelta(days=days_ago)
        add_event(engine, sites[name], number, f"p_{name}", at=at, unseen_at=at - HOUR * hours)
    return {name: site.id for name, site in sites.items()}


def test_the_figures_of_each_site_and_of_all(engine: Engine) -> None:
    ids = appear(engine, [("acme", hours) for hours in range(1, 21)] + [("beta", 100)])
    fresh = freshness.every(engine, NOW - timedelta(days=30))
    assert fresh.by_site == {
        ids["acme"]: Freshness(count=20, p50=HOUR * 10, p95=HOUR * 19),
        ids["beta"]: Freshness(count=1, p50=HOUR * 100, p95=HOUR * 100),
    }
    assert fresh.over_all == Freshness(count=21, p50=HOUR * 11, p95=HOUR * 20)
    assert freshness.over_all(engine, NOW - timedelta(days=30)) == fresh.over_all
    assert freshness.of_site(engine, ids["beta"], NOW - timedelta(days=30)) == fresh.by_site[ids["beta"]]


def test_what_is_older_than_was_asked_for_does_not_count(engine: Engine) -> None:
    ids = appear(engine, [("acme", 1)], days_ago=31)
    since = NOW - timedelta(days=30)
    assert freshness.every(engine, since) == freshness.Fresh(over_all=None, by_site={})
    assert freshness.over_all(engine, since) is None
    assert freshness.of_site(engine, ids["acme"], since) is None


def test_of_very_many_the_newest_are_looked_at(engine: Engine) -> None:
    appear(engine, [("old", 50)] * 3, days_ago=2)
    ids = appear(engine, [("new", 1)] * 2)
    fresh = freshness.every(engine, NOW - timedelta(days=30), most=2)
    assert fresh.by_site == {ids["new"]: Freshness(count=2, p50=HOUR, p95=HOUR)}


def test_a_clock_that_went_back_makes_no_span(engine: Engine) -> None:
    appear(engine, [("acme", -5)])
    assert freshness.over_all(engine, NOW - timedelta(days=30)) == Freshness(
        count=1, p50=timedelta(0), p95=timedelta(0)
    )


def test_the_figures_are_read_from_an_index_that_holds_all_of_them(
    sqlite_template: Path, opening: Callable[[str], Engine]
) -> None:
    with reading(opening(f"sqlite:///{sqlite_template}")) as conn:
        query = freshness._appearances(conn, NOW).order_by(events.c.at.desc()).limit(10)
        sql = query.compile(conn.engine, compile_kwargs={"literal_binds": True})
        plan = conn.execute(text(f"EXPLAIN QUERY PLAN {sql}")).all()
    assert [row.detail for row in plan] == ["SEARCH events USING COVERING INDEX ix_events_unseen (at>?)"]


@given(st.lists(st.integers(0, 10**7), min_size=1))
def test_half_of_the_spans_and_95_of_100_do_not_pass_the_figures(seconds: list[int]) -> None:
    found = Freshness.of(seconds)
    assert found is not None
    for figure, percent in ((found.p50, 50), (found.p95, 95)):
        assert 100 * sum(one <= figure.total_seconds() for one in seconds) >= percent * len(seconds)
        assert 100 * sum(one < figure.total_seconds() for one in seconds) < percent * len(seconds)


def test_nothing_has_no_figures() -> None:
    assert Freshness.of([]) is None
