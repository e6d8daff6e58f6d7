"""Whole responses are kept where it is asked for, and today's rules are run over them: `hirewatch replay`."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.end_to_end.house import House
from tests.sites.scripted import ScriptedSite

pytestmark = pytest.mark.slow


@pytest.fixture
def keeping(tmp_path: Path) -> House:
    """An empty installation that keeps responses."""
    return House(tmp_path / "home", CRAWL__KEEP_RESPONSES="30d")


def watch(house: House, site: ScriptedSite) -> None:
    """Four visits in which postings open, change, close and stay, and one to a site that is down."""
    house.document("add", site.url, "--name", "acme")
    first, second, *_ = site.open_jobs()
    site.open_many(2)
    site.edit(first, title="Head of Something Else")
    house.lines("visit", "acme")
    site.close(second)
    house.lines("visit", "acme")
    site.outage()
    house.lines("visit", "acme", code=1)
    site.mend()
    house.lines("visit", "acme")


def damage(house: House, statement: str) -> None:
    connection = sqlite3.connect(house.home / "hirewatch.db")
    with connection:
        connection.execute(statement)
    connection.close()


def test_the_rules_that_recorded_the_events_record_them_again(keeping: House, site: ScriptedSite) -> None:
    watch(keeping, site)
    told = keeping.document("replay", "acme")
    assert told["visits"] == 5
    assert told["same"] == 4
    assert told["differences"] == []
    assert told["lacking"] == []


def test_an_event_that_todays_rules_would_not_record_is_shown_with_its_rule(keeping: House, site: ScriptedSite) -> None:
    watch(keeping, site)
    damage(keeping, "UPDATE events SET reason = 'absent' WHERE type = 'closed'")
    told = keeping.document("replay", "acme", code=1)
    sides = [(difference["side"], difference["event"]["data"]["reason"]) for difference in told["differences"]]
    assert sides == [("recorded", "absent"), ("today", "gone")]
    shown = keeping.run("replay", "acme")
    assert shown.code == 1
    assert "- closed (absent)" in shown.out
    assert "+ closed (gone)" in shown.out


def test_a_replay_changes_nothing_that_is_stored(keeping: House, site: ScriptedSite) -> None:
    watch(keeping, site)
    before = (keeping.lines("events"), keeping.lines("postings", "--state", "all"))
    keeping.document("replay", "acme")
    assert (keeping.lines("events"), keeping.lines("postings", "--state", "all")) == before


def test_a_site_that_was_known_before_its_responses_were_kept_can_be_replayed(
    tmp_path: Path, site: ScriptedSite
) -> None:
    forgetful = House(tmp_path / "home")
    forgetful.document("add", site.url, "--name", "acme")
    keeping = House(tmp_path / "home", CRAWL__KEEP_RESPONSES="30d")
    keeping.lines("visit", "acme")
    site.open_many(3)
    site.close(site.open_jobs()[0])
    keeping.lines("visit", "acme")
    told = keeping.document("replay", "acme")
    assert (told["visits"], told["same"], told["differences"], told["lacking"]) == (2, 4, [], [])


def test_without_kept_responses_the_error_says_how_to_keep_them(house: House, site: ScriptedSite) -> None:
    house.document("add", site.url, "--name", "acme")
    ran = house.run("replay", "acme")
    assert ran.code == 2
    assert "no visit is kept" in ran.err
    assert 'crawl.keep_responses = "30d"' in ran.err
