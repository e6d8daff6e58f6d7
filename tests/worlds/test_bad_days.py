"""What sites suffer, seen over simulated days: nothing closes by it, and nothing opens when it is over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

import pytest

from postings.visits import Outcome
from tests.sites.scripted import CODINGS, FRAMINGS, Coding, ScriptedSite, Wall
from tests.sites.shelf import ShelfSite, markup
from tests.worlds.world import World

pytestmark = pytest.mark.slow

Worlds = Callable[..., World]

OUTAGES: Mapping[str, Callable[[ScriptedSite, int], None]] = {
    "500": lambda site, after: site.outage(500, after=after),
    "503": lambda site, after: site.outage(503, after=after),
    "429": lambda site, after: site.outage(429, after=after),
    "403": lambda site, after: site.outage(403, after=after),
    "401": lambda site, after: site.outage(401, after=after),
    "hang up": lambda site, after: site.hang_up(after=after),
}


def ends(world: World, *, quiet: bool = True) -> None:
    """The damage ends: the next visit is complete and has no news."""
    world.site.mend()
    assert world.later(days=1).visit() is Outcome.COMPLETE, world.visits[-1].reason
    if quiet:
        assert world.news() == []


@pytest.mark.parametrize("kind", OUTAGES)
def test_an_outage_that_begins_at_any_request_closes_nothing(world: Worlds, kind: str) -> None:
    acme = world()
    assert acme.visit() is Outcome.COMPLETE
    requests = acme.visits[-1].requests
    for after in (0, requests // 2, requests - 1):
        OUTAGES[kind](acme.site, after)
        acme.later(days=1).visit(asked=True)
        acme.later(days=1).visit(asked=True)
        assert acme.news() == [], f"after {after} requests"
        ends(acme)
    assert len(acme.open()) == 12


def test_an_outage_of_a_week_closes_nothing(world: Worlds) -> None:
    acme = world()
    acme.visit()
    acme.site.outage()
    assert set(acme.daily(7)) == {Outcome.FAILED}
    assert acme.news() == []
    ends(acme)


def test_what_closed_during_an_outage_closes_after_it(world: Worlds) -> None:
    acme = world()
    acme.visit()
    first, *_ = acme.site.open_jobs()
    acme.site.outage()
    acme.site.close(first)
    acme.daily(3)
    assert acme.news() == []
    ends(acme, quiet=False)
    assert acme.news() == [f"closed gone {first}"]


@pytest.mark.parametrize("coding", CODINGS)
def test_a_sitemap_that_is_cut_closes_nothing_however_it_is_cut(world: Worlds, coding: Coding) -> None:
    acme = world(layout="sitemap")
    acme.visit()
    for framing in FRAMINGS:
        for keep in (0.1, 0.5, 0.97):
            acme.site.cut(on="sitemap", coding=coding, keep=keep, framing=framing)
            assert acme.later(days=1).visit() is not Outcome.COMPLETE, (framing, keep)
            assert acme.news() == [], (framing, keep)
            acme.site.mend()
    ends(acme)


SITEMAPS: Mapping[str, Callable[[ScriptedSite], None]] = {
    "empty": lambda site: site.empty_sitemap(),
    "a page": lambda site: site.html_sitemap(),
    "404": lambda site: site.outage(404, on="sitemap"),
    "410": lambda site: site.outage(410, on="sitemap"),
    "500": lambda site: site.outage(500, on="sitemap"),
    "403": lambda site: site.outage(403, on="sitemap"),
    "hang up": lambda site: site.hang_up(on="sitemap"),
}


@pytest.mark.parametrize("kind", SITEMAPS)
def test_a_sitemap_that_is_lost_for_two_weeks_closes_nothing_while_the_pages_answer(world: Worlds, kind: str) -> None:
    acme = world(layout="sitemap")
    acme.visit()
    SITEMAPS[kind](acme.site)
    acme.daily(14)
    assert acme.news() == []
    ends(acme)
    assert len(acme.open()) == 12


WALLS: tuple[Wall, ...] = ("login", "captcha", "consent", "maintenance", "parked")


@pytest.mark.parametrize("kind", WALLS)
@pytest.mark.parametrize("where", ["details", "everything"])
def test_a_wall_that_answers_200_for_days_closes_nothing(world: Worlds, kind: Wall, where: str) -> None:
    acme = world()
    acme.visit()
    acme.site.wall(kind, on=where)
    outcomes = acme.daily(5)
    assert Outcome.COMPLETE not in outcomes
    assert acme.news() == []
    ends(acme)
    assert len(acme.open()) == 12


@pytest.mark.parametrize("kind", ["login", "maintenance"])
def test_a_move_on_a_day_on_which_no_page_shows_its_job_is_recognised_afterwards(world: Worlds, kind: Wall) -> None:
    acme = world(30)
    acme.visit()
    acme.site.move_all(redirect=None)
    acme.site.wall(kind)
    acme.later(days=1).visit()
    acme.site.mend()
    acme.daily(3)
    assert [told for told in acme.news() if not told.startswith("changed minor url")] == []
    assert len(acme.open()) == 30


def test_a_site_published_without_its_jobs_closes_nothing_if_they_are_back_within_half_a_day(world: Worlds) -> None:
    acme = world()
    acme.visit()
    acme.site.broken_build()
    for minutes in (30, 120, 300):
        assert acme.later(minutes=minutes).visit() is Outcome.SUSPECT
    assert acme.news() == []
    ends(acme)


def test_scripts_that_break_off_in_the_middle_change_nothing(world: Worlds) -> None:
    acme = world()
    acme.visit()
    acme.site.break_scripts()
    acme.daily(3)
    assert acme.news() == []
    ends(acme)


def test_a_visit_that_is_cut_short_at_any_request_closes_nothing(world: Worlds) -> None:
    acme = world()
    acme.visit()
    requests, outcome = 0, Outcome.PARTIAL
    while outcome is not Outcome.COMPLETE:
        requests += 1
        outcome = acme.later(hours=7).visit(asked=True, requests=requests)
        assert acme.news() == [], requests
    assert requests > 12
    ends(acme)


@pytest.mark.parametrize("share", [4, 1])
def test_a_template_that_loses_its_markup_on_a_part_of_the_pages_closes_nothing(world: Worlds, share: int) -> None:
    acme = world(40)
    acme.visit()
    acme.site.drop_markup(*acme.site.open_jobs()[::share])
    acme.daily(5)
    assert acme.news() == []
    assert len(acme.open()) == 40


@pytest.mark.parametrize("share", [4, 1])
def test_a_template_that_asks_not_to_be_indexed_closes_nothing(world: Worlds, share: int) -> None:
    acme = world(40)
    acme.visit()
    acme.site.noindex(*acme.site.open_jobs()[::share])
    acme.daily(5)
    assert acme.news() == []


def test_a_list_that_drops_a_tenth_of_its_rows_by_chance_closes_nothing(world: Worlds) -> None:
    acme = world(site=ShelfSite)
    shelf, rng = acme.site, Random(5)
    assert isinstance(shelf, ShelfSite)
    for number in range(40):
        shelf.put(f"/jobs/{10_000 + number}", markup(f"Job number {number} of many"))
    acme.visit()

    for _ in range(50):
        shelf.take_off_list(path for path in shelf.paths() if rng.random() < 0.1)
        acme.later(hours=12).visit()
    assert acme.news() == []
    shelf.take_off_list(())
    ends(acme)


def test_robots_txt_that_cannot_be_had_closes_nothing(world: Worlds) -> None:
    acme = world()
    acme.visit()
    acme.site.robots_answer(503)
    acme.daily(3)
    assert acme.news() == []
    ends(acme)


def test_robots_txt_that_forbids_everything_closes_nothing(world: Worlds) -> None:
    acme = world()
    acme.visit()
    acme.site.robots_answer(200, "User-agent: *\nDisallow: /\n")
    acme.daily(5)
    assert acme.news() == []
    acme.site.mend()
    acme.later(days=2).visit()
    assert acme.news() == []


def test_a_broken_build_of_a_site_with_one_job_closes_nothing(world: Worlds) -> None:
    acme = world(1)
    acme.visit()
    acme.site.broken_build()
    acme.later(days=1).visit()
    ends(acme)


def test_the_only_job_of_a_site_closes_once_a_second_visit_does_not_find_it(world: Worlds) -> None:
    acme = world(1)
    acme.visit()
    acme.site.close(acme.site.open_jobs()[0], status=410)
    acme.later(days=1).visit()
    assert acme.news() == []
    acme.later(hours=1).visit()
    assert [word.split()[0] for word in acme.news()] == ["closed"]
