"""Jobs that change their address, their words or their way of being listed at once: known again by what remains."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from typing import Any

import pytest

from hirewatch.demo.http_server import Answer, Request
from postings.visits import Outcome
from tests.sites.shelf import ShelfSite, identifier, markup, text
from tests.worlds.world import World

pytestmark = pytest.mark.slow

Worlds = Callable[..., World]

TITLES = ("Welder", "Cook", "Nurse", "Driver", "Painter", "Clerk", "Teacher", "Guard")


def shelved(world: World, **fields: Any) -> ShelfSite:
    """Puts jobs on the shelf that no id tells apart, makes the first visit and forgets its news."""
    assert isinstance(world.site, ShelfSite)
    for title in TITLES:
        world.site.put(f"/jobs/{title.lower()}", markup(title, **fields))
    assert world.visit() is Outcome.COMPLETE
    assert world.news() == []
    return world.site


def retitle(site: ShelfSite, path: str, title: str) -> None:
    """Another title, and another address, to which the old one leads."""
    new = f"/jobs/{title.lower().replace(' ', '-')}"
    site.put(path, {**site.posting(path), "title": title})
    site.move(path, new, redirect=True)


def test_a_job_whose_title_and_address_change_at_once_is_known_by_the_redirect(world: Worlds) -> None:
    acme = world(site=ShelfSite)
    shelf = shelved(acme)
    retitle(shelf, "/jobs/cook", "Head of Kitchen")
    shelf.put("/jobs/baker", markup("Baker"))
    acme.daily(2)
    assert acme.news() == ["changed material title,url cook", "opened baker"]
    shelf.take("/jobs/head-of-kitchen")
    acme.daily(1)
    assert acme.news() == ["closed gone cook"]


def test_a_closed_job_whose_address_leads_to_a_new_one_is_closed(world: Worlds) -> None:
    acme = world(site=ShelfSite)
    shelf = shelved(acme)
    shelf.move("/jobs/cook", "/jobs/astronaut", redirect=True)
    shelf.put("/jobs/astronaut", markup("Astronaut", datePosted="2026-11-03"))
    acme.daily(2)
    assert acme.news() == ["closed gone cook", "opened astronaut"]


class OnePage(ShelfSite):
    """From `inline` on all jobs stand on the start page, without addresses."""

    inline = False
    about = text("about")

    def answer(self, request: Request) -> Answer:
        if not self.inline:
            return super().answer(request)
        if request.path != "/careers":
            return self.not_found()
        jobs = [self.posting(path) for path in self.paths()]
        shown = "".join(f"<h2>{html.escape(job['title'])}</h2>{job['description']}" for job in jobs)
        data = f'<script type="application/ld+json">{json.dumps(jobs)}</script>' if jobs else ""
        body = f"<!doctype html>{data}<body>{shown}<p>{self.about}</p></body>"
        return Answer(status=200, body=body.encode())


def on_one_page(world: World) -> OnePage:
    """Puts the jobs of the shelf on one page, and waits until they are known there."""
    shelf = shelved(world)
    assert isinstance(shelf, OnePage)
    shelf.inline = True
    world.daily(2)
    world.news()
    return shelf


def test_a_site_whose_jobs_stand_on_one_page_from_one_day_on_tells_nothing(world: Worlds) -> None:
    acme = world(site=OnePage)
    shelf = shelved(acme)
    assert isinstance(shelf, OnePage)
    shelf.inline = True
    acme.daily(3)
    assert [told for told in acme.news() if not told.startswith("changed minor")] == []
    assert acme.open() == sorted(title.lower() for title in TITLES)
    shelf.put("/jobs/baker", markup("Baker"))
    retitled = shelf.posting("/jobs/cook")
    shelf.put("/jobs/cook", {**retitled, "title": "Head of Kitchen"})
    acme.daily(2)
    opened, *others = sorted(acme.news(), reverse=True)
    assert opened.startswith("opened")
    assert others == ["changed material title cook"]


def test_a_page_that_has_carried_all_jobs_and_has_none_for_a_week_has_none_any_more(world: Worlds) -> None:
    acme = world(site=OnePage)
    shelf = on_one_page(acme)
    jobs, kept = acme.open(), [(path, shelf.posting(path)) for path in shelf.paths()]
    shelf.take(*shelf.paths())
    acme.daily(6)
    assert acme.news() == []
    acme.daily(3)
    assert acme.news() == [f"closed unlisted {job}" for job in jobs]
    acme.daily(2)
    assert acme.news() == []
    for path, posting in kept:
        shelf.put(path, posting)
    acme.daily(1)
    assert acme.news() == [f"reopened seen {job}" for job in jobs]


def test_a_page_that_has_carried_all_jobs_closes_none_while_it_asks_for_a_password(world: Worlds) -> None:
    acme = world(site=OnePage)
    shelf = on_one_page(acme)
    paths = shelf.paths()
    kept = [(path, shelf.posting(path)) for path in paths]
    shelf.take(*paths)
    shelf.about = f"<form><input type=password></form>{shelf.about}"
    acme.daily(10)
    for path, posting in kept:
        shelf.put(path, posting)
    acme.daily(2)
    assert acme.news() == []


def test_a_site_that_honestly_lists_nothing_for_a_week_has_no_jobs_any_more(world: Worlds) -> None:
    acme = world(8)
    acme.visit()
    acme.site.move_closed("list")
    jobs = acme.site.open_jobs()
    for handle in jobs:
        acme.site.close(handle)
    acme.daily(7)
    assert acme.news() == []
    acme.daily(1)
    assert acme.news() == sorted(f"closed gone {handle}" for handle in jobs)
    handle = acme.site.open()
    acme.daily(1)
    assert acme.news() == [f"opened {handle}"]


def test_a_few_pages_that_never_answer_keep_no_large_site_from_being_believed(world: Worlds) -> None:
    acme = world(120, layout="sitemap")
    broken = acme.site.open_jobs()[:4]
    for handle in broken:
        acme.site.outage(500, on=f"/careers/jobs/{handle}")
    acme.visit()
    closed = acme.site.open_jobs()[50]
    acme.site.close(closed)
    assert acme.later(hours=5).visit() is Outcome.COMPLETE
    assert acme.news() == [f"closed gone {closed}"]


def test_of_a_page_that_has_carried_all_jobs_only_those_that_it_shows_again_are_open_again(world: Worlds) -> None:
    acme = world(site=OnePage)
    shelf = on_one_page(acme)
    kept = [(path, shelf.posting(path)) for path in shelf.paths()]
    shelf.take(*shelf.paths())
    acme.daily(9)
    acme.news()
    shelf.put(*kept[1])
    acme.daily(3)
    assert acme.news() == ["reopened premature cook"]
    shelf.put(*kept[0])
    acme.daily(2)
    assert acme.news() == ["reopened seen welder"]


def test_a_new_system_that_keeps_the_numbers_in_its_addresses_opens_and_closes_nothing(world: Worlds) -> None:
    acme = world(site=ShelfSite)
    shelf = acme.site
    assert isinstance(shelf, ShelfSite)
    for number, title in enumerate(TITLES, 4711):
        shelf.put(f"/jobs/{number}", markup(title, identifier=identifier(f"R-{number}")))
    acme.visit()
    for number, title in enumerate(TITLES, 4711):
        words = f"<p>{text('about us', 20)}</p>{shelf.posting(f'/jobs/{number}')['description']}"
        new = {"identifier": identifier(f"Z{3 * number}"), "datePosted": "2026-11-03", "description": words}
        shelf.put(f"/stellen/{number}", markup(title, **new))
    shelf.take(*(f"/jobs/{number}" for number, _ in enumerate(TITLES, 4711)))
    acme.daily(3)
    assert [told for told in acme.news() if not told.startswith("changed")] == []


class Listed(ShelfSite):
    """The start page lists the jobs."""

    #: what one page in five shows
    instead: str | None = None
    turn = 0
    #: those that say in words that they are gone, and nothing else
    filled: frozenset[str] = frozenset()

    def answer(self, request: Request) -> Answer:
        jobs = [path for path in self.paths() if path not in self.filled]
        if request.path == "/careers":
            rows = "".join(f"<li><a href='{path}'>More</a></li>" for path in jobs)
            return _page(f"<h1>Careers</h1><ul>{rows}</ul>" if rows else "<h1>Careers</h1><p>No vacancies</p>")
        if request.path == "/sitemap.xml":
            return self.not_found()
        if request.path in self.filled:
            return _page(f"<h1>{self.posting(request.path)['title']}</h1><p>This position has been filled.</p>")
        if self.instead is not None and request.path in jobs:
            self.turn += 1
            if self.turn % 5 == 0:
                return _page(self.instead)
        return super().answer(request)


def _page(body: str) -> Answer:
    title = body.partition("</h1>")[0].rpartition(">")[2]
    return Answer(status=200, body=f"<!doctype html><html><title>{title}</title><body>{body}</body></html>".encode())


@pytest.mark.parametrize(
    "wall", [f"<h1>One moment</h1><p>{text('x')}</p><div class='h-captcha'></div>", f"<h1>Sorry</h1><p>{text('y')}</p>"]
)
def test_a_page_in_five_that_shows_something_else_for_a_week_closes_nothing(world: Worlds, wall: str) -> None:
    acme = world(site=Listed)
    shelf = shelved(acme)
    assert isinstance(shelf, Listed)
    shelf.instead = wall
    acme.daily(7)
    shelf.instead = None
    acme.daily(2)
    assert acme.news() == []


def test_jobs_that_are_all_filled_in_plain_words_close_once_that_was_so_for_a_week(world: Worlds) -> None:
    acme = world(site=Listed)
    shelf = shelved(acme)
    assert isinstance(shelf, Listed)
    jobs = acme.open()
    shelf.filled = frozenset(shelf.paths())
    acme.daily(7)
    assert acme.news() == []
    acme.daily(2)
    assert acme.news() == [f"closed gone {job}" for job in jobs]
