"""Sites that make addresses without end: each guard ends its trap, and without the guard the trap goes on."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from crawler.answers import Answer
from crawler.listing import Listed
from crawler.sources import further_pages, pager
from crawler.sources import list as lists
from crawler.sources.further_pages import page_number
from crawler.sources.list import walk_list
from tests.crawler.answering import SITE, Site, answer, links
from tests.crawler.hostile.server import Hostile
from tests.crawler.hostile.server import answer as raw
from tests.crawler.visits import FAST, Crawling

#: list pages after which a trap is held to go on for ever, and at which it must have ended with its guard
_FOR_EVER = 120
_ENDED = 60


class GoesOn(Exception):
    """The trap has been followed too far."""


class Trap(Site):
    """A site that makes up a page for whatever it is asked."""

    def __init__(self, page: Callable[[str], str]) -> None:
        super().__init__({})
        self.page = page

    async def ask(self, url: str, *, large: bool = False) -> Answer:
        self.asked.append(url)
        if len(self.asked) > _FOR_EVER:
            raise GoesOn
        return answer(url, self.page(url))


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A trap, and the guard against it."""

    page: Callable[[str], str]
    #: takes the guard away; what is left is given to the walk
    without: Callable[[pytest.MonkeyPatch], dict[str, Any]]
    #: what the walk is given with the guard
    guarded: dict[str, Any]


def calendar(url: str) -> str:
    """Each day has an event of its own, and leads to the next day."""
    day = int(url.rsplit("=", 1)[1]) if "day=" in url else 0
    return links(f"/events/{1000 + day}", tail=f'<a href="/jobs?day={day + 1}">Next</a></body></html>')


def invented(url: str) -> str:
    """Each page has three postings more, and leads to the next page."""
    page = page_number(url) or 1
    return links(*(f"/jobs/{page}0{number}" for number in range(3)), f"/jobs?page={page + 1}")


def no_calendar(patch: pytest.MonkeyPatch) -> dict[str, Any]:
    for module in (further_pages, pager):
        patch.setattr(module, "CALENDAR", re.compile(r"(?!)"))
    return {}


CASES = {
    "a calendar": Case(page=calendar, guarded={}, without=no_calendar),
    "list pages without number": Case(
        page=invented, guarded={"most_pages": _ENDED}, without=lambda _: {"most_pages": 10**9}
    ),
}


def walk(trap: Trap, **options: Any) -> Listed:
    return asyncio.run(walk_list(trap.ask, trap.read, (f"{SITE}/jobs",), start_url=SITE, **options))


@pytest.mark.parametrize("name", CASES)
def test_a_trap_ends_by_its_guard(name: str) -> None:
    trap = Trap(CASES[name].page)
    walk(trap, **CASES[name].guarded)
    assert len(trap.asked) <= _ENDED


@pytest.mark.parametrize("name", CASES)
def test_without_its_guard_the_trap_goes_on(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    options = CASES[name].without(monkeypatch)
    with pytest.raises(GoesOn):
        walk(Trap(CASES[name].page), **options)


def broken_links(url: str) -> str:
    """A link that was meant to be absolute is under itself on each page."""
    return links(*(f"/jobs/{'about/' * depth}us" for depth in range(1, 40)))


def growing(url: str) -> str:
    """The same with other words."""
    return links(*("/jobs/" + "".join(f"{word}/" for word in range(depth)) for depth in range(1, 40)))


@pytest.mark.parametrize("page", [broken_links, growing])
def test_addresses_that_a_broken_link_makes_are_left_out_but_for_the_first(page: Callable[[str], str]) -> None:
    listed = walk(Trap(page))
    assert 0 < len(listed.entries) < 25
    assert any("path segment" in doubt for doubt in listed.doubts)


@pytest.mark.parametrize("page", [broken_links, growing])
def test_without_the_guard_they_would_all_be_postings_to_ask_for(
    page: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "is_trap", lambda url: False)
    assert len(walk(Trap(page)).entries) == 39


@pytest.mark.parametrize("guarded", [True, False])
def test_a_whole_visit_of_a_trap_ends_at_its_budget_and_only_at_it(crawling: Crawling, guarded: bool) -> None:
    def endless(connection: socket.socket, path: str) -> None:
        on = len(server.paths) < _FOR_EVER
        body = invented(path) if on else links()
        connection.sendall(raw(body.encode(), "Content-Type: text/html"))

    with Hostile(endless) as server:
        limits = replace(FAST, requests=_ENDED if guarded else 10**6, concurrency=1)
        visited = crawling.visit(f"{server.url}jobs", limits=limits)
    assert (visited.told.cut_short == f"request budget of {_ENDED} reached") is guarded
    assert (len(server.paths) <= _ENDED) is guarded
