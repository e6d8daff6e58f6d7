"""Manners between visits: what a site asks for holds from the last request of one visit to the first of the next."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.engine import Engine

from postings.sites import Site
from postings.visits import Outcome, VisitSummary
from scheduler.protocol import Fate, WorkerSettings
from storage import hosts, sites
from storage.engine import writing
from storage.tables import hosts as host_rows
from tests.scheduler.processes import PATIENCE, WorkerUnderTest, until
from tests.scheduler.test_worker import visit_once
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


def visit(engine: Engine, process: WorkerUnderTest, watched: Site) -> VisitSummary:
    """A scheduled visit, now."""
    sites.request_visit(engine, watched.id, datetime.now(UTC))
    process.order(watched)
    summary = process.answer().summary
    assert summary is not None
    return summary


def let_rest_end(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(update(host_rows).values(rests_until=datetime.now(UTC)))


def two_on_one_host(engine: Engine, site: ScriptedSite) -> tuple[Site, Site]:
    now = datetime.now(UTC)
    return (
        sites.add(engine, name="acme", start_url=site.url, every=None, now=now),
        sites.add(engine, name="other", start_url=f"{site.origin}/careers/jobs", every=None, now=now),
    )


def test_a_host_that_fails_in_three_visits_is_left_alone_by_all_its_sites_and_status_says_so(
    engine: Engine, settings: WorkerSettings, site: ScriptedSite, worker: Start
) -> None:
    one, other = two_on_one_host(engine, site)
    process = worker()
    assert visit(engine, process, one).outcome is Outcome.COMPLETE
    site.outage(503)
    for _ in range(3):
        assert visit(engine, process, one).outcome is Outcome.FAILED
    asked = len(site.log)

    refused = visit(engine, process, other)
    again = visit(engine, worker(), one)

    assert len(site.log) == asked
    for summary in (refused, again):
        assert summary.outcome is Outcome.FAILED
        assert summary.requests == 0
        assert summary.reason is not None
        assert f"host {one.host_key} rests until" in summary.reason
        assert "answered 503" in summary.reason
        assert summary.closed == 0
    status = subprocess.run(
        [sys.executable, "-m", "hirewatch", "status"],
        env={**os.environ, "HIREWATCH_DATABASE": settings.database, "COLUMNS": "300"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert status.stdout.count(f"host {one.host_key} rests until") == 2
    next_visit = sites.find(engine, "other").next_visit_at
    rest = hosts.resting(engine, datetime.now(UTC))[one.host_key].rests_until
    assert next_visit is not None
    assert rest is not None
    assert next_visit >= rest


def test_one_request_after_a_rest_begins_a_longer_one_or_ends_it(
    engine: Engine, site: ScriptedSite, worker: Start
) -> None:
    one, other = two_on_one_host(engine, site)
    process = worker()
    site.outage(503)
    for _ in range(3):
        visit(engine, process, one)
    let_rest_end(engine)
    asked = len(site.log)
    visit(engine, process, other)
    now = datetime.now(UTC)
    rest = hosts.resting(engine, now)[one.host_key].rests_until
    assert len(site.log) == asked + 1
    assert rest is not None
    assert timedelta(minutes=15) < rest - now < timedelta(minutes=25)

    let_rest_end(engine)
    site.mend()
    assert visit(engine, process, one).outcome is Outcome.COMPLETE
    assert visit(engine, process, other).requests > 0
    assert hosts.resting(engine, datetime.now(UTC)) == {}


@pytest.mark.parametrize("status", [403, 404, 410])
def test_what_one_site_of_a_host_answers_rests_no_other(
    engine: Engine, site: ScriptedSite, worker: Start, status: int
) -> None:
    one, other = two_on_one_host(engine, site)
    process = worker()
    site.outage(status, on="start")
    for _ in range(4):
        visit(engine, process, one)
    assert hosts.resting(engine, datetime.now(UTC)) == {}
    assert visit(engine, process, other).outcome is Outcome.COMPLETE


def test_a_wait_that_a_host_asks_for_holds_for_all_its_sites(engine: Engine, site: ScriptedSite, worker: Start) -> None:
    one, other = two_on_one_host(engine, site)
    process = worker()
    site.outage(429, on="details", retry_after=3600)
    visit(engine, process, one)
    asked = len(site.log)
    refused = visit(engine, process, other)
    assert len(site.log) == asked
    assert "answered 429" in str(refused.reason)
    rest = hosts.resting(engine, datetime.now(UTC))[one.host_key].rests_until
    assert rest is not None
    assert timedelta(minutes=58) < rest - datetime.now(UTC) < timedelta(minutes=61)


def test_a_visit_that_a_person_wants_asks_a_host_that_rests_after_failures(
    engine: Engine, settings: WorkerSettings, site: ScriptedSite, worker: Start
) -> None:
    one, _ = two_on_one_host(engine, site)
    process = worker()
    site.outage(503)
    for _ in range(3):
        visit(engine, process, one)
    assert hosts.resting(engine, datetime.now(UTC))
    site.mend()
    out, _ = visit_once(settings, "acme").communicate(timeout=PATIENCE)
    assert "acme complete" in out
    assert hosts.resting(engine, datetime.now(UTC)) == {}


@pytest.mark.slow
def test_a_host_that_redirects_lead_to_is_asked_at_its_pace_by_two_workers_and_after_a_kill(
    engine: Engine, settings: WorkerSettings
) -> None:
    # a robots.txt may lie on another host, but only at a port of the web
    shared = ScriptedSite(40, port=80)
    try:
        shared.start()
    except PermissionError:
        pytest.skip("only root may listen on port 80")
    delay, now = 0.2, datetime.now(UTC)
    leading = [ScriptedSite(3, seed=seed).start() for seed in range(2, 8)]
    workers = [WorkerUnderTest(replace(settings, delay=delay)) for _ in range(3)]
    try:
        own = sites.add(engine, name="shared", start_url=shared.url, every=None, now=now)
        led = []
        for number, site in enumerate(leading):
            site.redirect(f"{shared.origin}/robots.txt", on="robots")
            led.append(sites.add(engine, name=f"led{number}", start_url=site.url, every=None, now=now))
        workers[0].order(own)
        until(lambda: len(shared.log) > 3, "the shared host was never asked")
        for watched in led[:3]:
            workers[1].order(watched)
        for _ in led[:3]:
            workers[1].answer()
        workers[0].kill()
        sites.request_visit(engine, own.id, datetime.now(UTC))
        workers[2].order(own)
        for watched in led[3:]:
            workers[1].order(watched)
        for _ in led[3:]:
            workers[1].answer()
        assert workers[2].answer().fate is Fate.VISITED
        assert len([access for access in shared.log if access.path == "/robots.txt"]) >= len(led)
        for site in (shared, *leading):
            assert violations(site.log, delay=delay) == []
    finally:
        for process in workers:
            process.close()
        for site in (shared, *leading):
            site.stop()
