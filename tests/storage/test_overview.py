"""The numbers of the first page, and which sites a person has to look at."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from postings.visits import Absence, Outcome
from storage import overview, sites
from storage.overview import SAID_GONE, Standing
from tests.storage.watching import Watch, a_job


@pytest.fixture
def watch(engine: Engine) -> Watch:
    """Ten postings, of which one ends in three days."""
    watch = Watch(engine)
    watch.pages = {f"/jobs/{number}": a_job(f"Welder {number}") for number in range(9)}
    watch.pages["/jobs/9"] = a_job("Baker", valid_through=(watch.now + timedelta(days=2)).date())
    assert watch.visit().outcome is Outcome.COMPLETE
    return watch


def standing(watch: Watch) -> Standing:
    return overview.standing(watch.engine, watch.now, watch.now + timedelta(days=7))


def test_what_there_is_is_counted(watch: Watch) -> None:
    assert standing(watch) == Standing(sites=1, paused=0, visited=1, open=10, closing=1, outlets=0)
    sites.add(watch.engine, name="beta", start_url="https://beta.example/", every=None, now=watch.now)
    sites.pause(watch.engine, watch.site.id, watch.now)
    assert (standing(watch).sites, standing(watch).paused, standing(watch).visited) == (2, 1, 1)
    sites.remove(watch.engine, watch.site.id, watch.now)
    assert (standing(watch).sites, standing(watch).paused, standing(watch).visited) == (1, 0, 0)


def test_a_site_that_is_well_or_failed_once_needs_nobody(watch: Watch) -> None:
    assert overview.troubled(watch.engine, 5) == ([], 0)
    gone_for_now = watch.later(hours=6).visit(only=(), whole=False, start_status=None, unreachable=True)
    assert gone_for_now.outcome is Outcome.FAILED
    assert overview.troubled(watch.engine, 5) == ([], 0)


def test_a_suspect_visit_needs_a_person_and_says_what_was_not_seen(watch: Watch) -> None:
    lost = {path: Absence.NOT_FOUND for path in list(watch.pages) if path != "/jobs/0"}
    watch.pages = {"/jobs/0": watch.pages["/jobs/0"]}
    visit = watch.later(hours=6).visit(looks=lost)
    (found,), count = overview.troubled(watch.engine, 5)
    assert (count, found.site.name, found.open, found.unseen) == (1, "acme", 10, 9)
    assert found.visit is not None
    assert (found.visit.id, found.visit.outcome) == (visit.id, Outcome.SUSPECT)
    assert overview.troubled(watch.engine, 0) == ([], 1)


def test_a_site_that_says_again_and_again_that_it_is_gone_needs_a_person(watch: Watch) -> None:
    for number in range(1, SAID_GONE + 1):
        watch.later(hours=6).visit(only=(), whole=False, start_status=None, unreachable=True)
        assert overview.troubled(watch.engine, 5)[1] == (number >= SAID_GONE)
