"""What would make the events of a site fresher, in words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from postings.hosts import Host
from postings.rhythm import Rhythm
from postings.sites import Health, Site
from postings.trust import Trust
from postings.visits import Outcome, VisitSummary
from scheduler import advice
from scheduler.advice import Standing
from storage.budget import House

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
#: one posting a day, 25 requests a visit: worth a visit every six hours
DAILY = Rhythm(news=45, days=45, cost=25)


def a_site(**fields: Any) -> Site:
    site = Site(
        id=1,
        name="acme",
        start_url="https://acme.example/jobs",
        host_key="acme.example",
        source=None,
        every=None,
        render=False,
        paused_at=None,
        next_visit_at=NOW + HOUR,
        added_at=NOW - 90 * 24 * HOUR,
        baseline_done=True,
        trust=Trust(),
        health=Health(),
        rhythm=DAILY,
    )
    return replace(site, **fields)


def a_visit(outcome: Outcome | None = Outcome.COMPLETE, *, ended: bool = True) -> VisitSummary:
    at = NOW - HOUR
    return VisitSummary(id="v_1", site="acme", started_at=at, ended_at=at if ended else None, outcome=outcome)


def said(site: Site, visit: VisitSummary | None = None, **fields: Any) -> str | None:
    return advice.of_site(Standing(site=site, visit=visit or a_visit(), now=NOW, **fields))


def test_nothing_holds_a_site_back_that_is_visited_when_it_is_worth_it() -> None:
    assert said(a_site()) is None


def test_an_interval_of_its_own_that_is_longer_than_auto_is_named() -> None:
    found = said(a_site(every=timedelta(days=2)))
    assert found is not None
    assert re.fullmatch("visited every 2 d by its own interval: `auto` would do so every [5-8] h", found)


def test_an_interval_of_its_own_that_is_short_enough_is_not() -> None:
    assert said(a_site(every=HOUR)) is None


def test_a_cron_line_that_comes_more_rarely_than_auto_is_named() -> None:
    found = said(a_site(cron="0 6 * * *", zone="UTC"))
    assert found is not None
    assert re.fullmatch("visited by its cron line: `auto` would do so every [5-8] h", found)


def test_a_budget_of_its_own_that_is_too_small_is_named() -> None:
    found = said(a_site(requests_a_day=25))
    assert found is not None
    assert found.startswith("its own budget of 25 requests a day allows a visit every 24 h: without it, every ")


def test_a_budget_of_the_house_that_is_used_up_is_named() -> None:
    found = said(a_site(), house=House(price=1.0))
    assert found is not None
    assert found.startswith("the requests of a day are used up: visited every ")


def test_failing_visits_come_before_anything_else() -> None:
    failing = a_site(every=timedelta(days=2), health=Health(failures=2))
    assert said(failing) == "its visits fail: what appears is seen once one succeeds"
    assert said(a_site(health=Health(failures=1))) is None


def test_a_host_that_rests_is_named() -> None:
    rest = Host(rests_until=NOW + timedelta(minutes=40), reason="it asked for 3600 s")
    found = said(a_site(health=Health(failures=3)), resting=rest)
    assert found == "its host rests for 40 min: it asked for 3600 s"


@pytest.mark.parametrize("outcome", [Outcome.PARTIAL, Outcome.SUSPECT])
def test_a_visit_that_was_not_complete_is_named(outcome: Outcome) -> None:
    found = said(a_site(), a_visit(outcome))
    assert found is not None
    assert found.startswith(f"its last visit was {outcome}: ")


def test_nobody_waits_for_a_paused_site() -> None:
    assert said(a_site(paused_at=NOW, every=timedelta(days=2), health=Health(failures=5))) is None


def test_a_queue_that_is_behind_is_named() -> None:
    found = advice.of_queue(timedelta(minutes=40))
    assert found is not None
    assert found.startswith("the queue is behind by 40 min: ")


def test_a_visit_that_is_a_little_late_does_not_put_the_queue_behind() -> None:
    assert advice.of_queue(timedelta(minutes=5)) is None
