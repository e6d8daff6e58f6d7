"""Manners between visits: what a site asks for holds from the last request of one visit to the first of the next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.engine import Engine

from scheduler.protocol import Fate
from storage import sites
from storage.engine import writing
from storage.tables import visits
from tests.scheduler.processes import WorkerUnderTest
from tests.sites.manners import violations
from tests.sites.scripted import ScriptedSite

Start = Callable[[], WorkerUnderTest]


@pytest.mark.slow
def test_the_crawl_delay_holds_between_visits_and_processes(engine: Engine, site: ScriptedSite, worker: Start) -> None:
    for handle in site.open_jobs()[2:]:
        site.close(handle)
    site.robots_answer(text="User-agent: *\nCrawl-delay: 0.4")
    watched = sites.add(engine, name="acme", start_url=site.url, every=None, now=datetime.now(UTC))
    for _ in range(2):
        process = worker()
        process.order(watched)
        assert process.answer().fate is Fate.VISITED
        sites.request_visit(engine, watched.id, datetime.now(UTC))
    assert len(site.log) > 10
    # the first request after robots.txt is known: the delay was not known when that was asked for
    assert violations(site.log[1:], delay=0.4) == []


def test_a_wait_that_a_site_asks_for_moves_its_next_visit(engine: Engine, site: ScriptedSite, worker: Start) -> None:
    site.outage(503, on="details", retry_after=30 * 3600)
    watched = sites.add(engine, name="acme", start_url=site.url, every=timedelta(hours=1), now=datetime.now(UTC))
    process = worker()
    process.order(watched)
    done = process.answer()
    assert done.fate is Fate.VISITED
    assert "asks to wait" in str(done.summary.reason if done.summary else None)
    next_visit = sites.find(engine, "acme").next_visit_at
    assert next_visit is not None
    assert next_visit - datetime.now(UTC) > timedelta(hours=29)


def test_the_last_visit_to_a_host_is_that_of_any_of_its_sites(
    engine: Engine, site: ScriptedSite, worker: Start
) -> None:
    now = datetime.now(UTC)
    watched = sites.add(engine, name="acme", start_url=site.url, every=None, now=now)
    sites.add(engine, name="other", start_url=f"{site.origin}/jobs", every=None, now=now)
    assert sites.last_visited(engine, watched.host_key, now) is None
    process = worker()
    process.order(watched)
    process.answer()
    last = sites.last_visited(engine, watched.host_key, now)
    assert last is not None
    assert now < last < datetime.now(UTC)
    assert sites.last_visited(engine, "elsewhere.example", now) is None
    with writing(engine) as connection:
        connection.execute(update(visits).values(ended_at=None))
    later = datetime.now(UTC)
    assert sites.last_visited(engine, watched.host_key, later) == later
    assert sites.last_visited(engine, watched.host_key, later + timedelta(days=2)) is None
