"""What is kept of each day, against the events and visits that it counts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, update

from postings.visits import Absence
from storage import days, postings, soundness
from storage.days import Day, SiteDay
from storage.engine import reading, writing
from storage.tables import site_days, sites
from tests.storage.watching import Watch, a_job


def watched(engine: Engine) -> Watch:
    """Two postings before anybody watched; a day later one more; a day later one less, then one changed."""
    watch = Watch(engine)
    watch.pages = {"/jobs/1": a_job("Welder"), "/jobs/2": a_job("Baker")}
    watch.visit()
    watch.later(days=1).pages["/jobs/3"] = a_job("Cook")
    watch.visit()
    del watch.later(days=1).pages["/jobs/1"]
    watch.visit(looks={"/jobs/1": Absence.GONE})
    watch.later(hours=1).pages["/jobs/2"] = a_job("Baker", description_text="Another text, which says something else.")
    watch.visit(cut_short="the budget ran out")
    return watch


def test_a_day_counts_its_events_and_visits(engine: Engine) -> None:
    watch = watched(engine)
    today = watch.now.date()
    with reading(engine) as connection:
        found = days.of_sites(connection, [watch.site.id, 77], today - timedelta(days=2))
    assert found == {
        watch.site.id: [
            SiteDay(on=today - timedelta(days=2), growth=2, complete=1),
            SiteDay(on=today - timedelta(days=1), opened=1, growth=1, complete=1),
            SiteDay(on=today, changed=1, closed=1, growth=-1, complete=1, partial=1),
        ]
    }
    assert found[watch.site.id][-1].visits == {"complete": 1, "partial": 1}


def test_days_of_all_sites_add_up(engine: Engine) -> None:
    watch = watched(engine)
    today = watch.now.date()
    Watch(engine, name="beta", host="beta.example", now=watch.now, pages={"/1": a_job("Nurse")}).visit()
    assert days.of_all(engine, today - timedelta(days=1), before=today) == [
        Day(on=today - timedelta(days=1), opened=1, growth=1)
    ]
    assert days.of_all(engine, today) == [Day(on=today, changed=1, closed=1, growth=0)]


@pytest.mark.parametrize("column", ["opened", "changed", "closed", "growth"])
def test_days_that_do_not_add_up_to_the_log_are_damage(engine: Engine, column: str) -> None:
    watched(engine)
    assert soundness.problems(engine) == []
    with writing(engine) as connection:
        connection.execute(update(site_days).values({column: site_days.c[column] + 1}))
    (problem,) = soundness.problems(engine)
    assert "the days of site 1 add up to" in problem


def test_a_site_knows_how_many_of_its_postings_are_open(engine: Engine) -> None:
    watch = watched(engine)
    watch.later(days=1).pages["/jobs/1"] = a_job("Welder")
    watch.visit()
    with reading(engine) as connection:
        assert connection.execute(select(sites.c.open)).scalar_one() == 3
    assert postings.count(engine, state="open") == 3
    watch.later(days=2).pages = {}
    watch.visit(looks=dict.fromkeys(("/jobs/1", "/jobs/2", "/jobs/3"), Absence.GONE))
    with reading(engine) as connection:
        assert connection.execute(select(sites.c.open)).scalar_one() == postings.count(engine, state="open")
    assert soundness.problems(engine) == []


def test_a_site_that_counts_wrongly_is_damage(engine: Engine) -> None:
    watched(engine)
    with writing(engine) as connection:
        connection.execute(update(sites).values(open=7))
    assert soundness.problems(engine) == ["site 1 says that 7 of its postings are open; 2 are"]
