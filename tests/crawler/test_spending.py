"""What a visit may spend: requests and bytes, and what it says when a site wants to be left alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.crawler.visits import FAST, Crawling
from tests.sites.scripted import ScriptedSite

Sites = Callable[..., ScriptedSite]
NOW = datetime(2026, 11, 25, tzinfo=UTC)


def test_a_request_budget_ends_the_visit(crawling: Crawling, sites: Sites) -> None:
    site = sites(20)
    visited = crawling.visit(site.url, limits=replace(FAST, requests=9, concurrency=1))
    assert visited.told.cut_short == "request budget of 9 reached"
    assert len(site.log) == 9
    assert visited.told.requests == 9


def test_requests_are_counted_by_what_came_of_them(crawling: Crawling, sites: Sites) -> None:
    site = sites(5)
    gone, broken = site.open_jobs()[:2]
    site.outage(404, on=f"/careers/jobs/{gone}")
    site.hang_up(on=f"/careers/jobs/{broken}")
    told = crawling.visit(site.url).told
    answered = {status: sum(access.status == status for access in site.log) for status in (200, 404)}
    assert told.answers["2xx"] == answered[200] >= 5
    assert told.answers["4xx"] == answered[404] >= 1
    # it is asked again
    assert told.answers["none"] > 1
    assert sum(told.answers.values()) == told.requests == len(site.log)


def test_a_byte_budget_ends_the_visit(crawling: Crawling, sites: Sites) -> None:
    site = sites(20)
    visited = crawling.visit(site.url, limits=replace(FAST, bytes=10_000, concurrency=1))
    assert visited.told.cut_short == "budget of 10000 bytes reached"
    # the answer that passes the budget is the last one
    assert 10_000 <= visited.told.bytes < 20_000


@pytest.mark.parametrize("part", ["details", "start", "sitemap", "robots"])
def test_a_wait_that_is_too_long_for_a_visit_is_told_to_the_schedule(
    crawling: Crawling, sites: Sites, part: str
) -> None:
    site = sites(5)
    site.outage(503, on=part, retry_after=7200)
    visited = crawling.visit(site.url)
    assert visited.told.come_back_at is not None
    wait = visited.told.come_back_at - visited.told.ended_at
    assert timedelta(seconds=7190) < wait <= timedelta(seconds=7200)
    assert "asks to wait 7200 s" in str(visited.told.cut_short)


def test_a_site_that_never_wants_to_be_asked_again_is_asked_in_a_week(crawling: Crawling, sites: Sites) -> None:
    site = sites(5)
    site.outage(503, on="details", retry_after=10**9)
    visited = crawling.visit(site.url)
    assert visited.told.come_back_at is not None
    assert visited.told.come_back_at - visited.told.ended_at <= timedelta(days=7)


def test_a_visit_that_nobody_asked_to_wait_says_no_time(crawling: Crawling, sites: Sites) -> None:
    assert crawling.visit(sites(3).url).told.come_back_at is None
