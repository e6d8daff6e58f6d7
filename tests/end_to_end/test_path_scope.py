"""A host that carries the career pages of several employers: a site is one of them, from its first visit on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hirewatch.cli import cli
from hirewatch.cli.failures import run
from tests.end_to_end.house import House
from tests.sites.layouts import OTHERS, Layout, StaticSite, Told, links, of, page, sitemap

pytestmark = pytest.mark.slow


def host(acme: range, globex: range) -> dict[str, Told]:
    own, others = [f"/acme/job/{n}" for n in acme], [f"/globex/job/{n}" for n in globex]
    lists = {"/acme/": page(links(own)), "/globex/": page(links(others)), "/sitemap.xml": sitemap([*others, *own])}
    return {**OTHERS, **of("Acme", own), **of("Globex", others), **lists}


def told(events: list[Any]) -> list[str]:
    """What events say: type, employer and number of the posting."""
    return [
        f"{one['type'].removeprefix('posting.')} {one['data']['posting']['url'].split('/')[3]}"
        f" {one['data']['posting']['url'].rsplit('/', 1)[1]}"
        for one in events
        if not one["data"]["baseline"]
    ]


def test_other_employers_of_the_host_are_no_news_and_a_change_of_scope_closes_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only the visits are processes of their own: to start one takes most of the time."""
    for name, value in house.environment.items():
        monkeypatch.setenv(name, value)
    pages: dict[str, Told] = {}

    def lines(*arguments: str) -> list[Any]:
        capsys.readouterr()
        assert run(cli, [*arguments, "--json"]) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    def visit(acme: range, globex: range) -> None:
        pages.clear()
        pages.update(host(acme, globex))
        [visited] = house.lines("visit", "acme")
        assert visited["outcome"] == "complete"

    with StaticSite(Layout(pages=pages, start="/acme/", titles=frozenset())) as site:
        lines("add", site.url, "--name", "acme", "--no-visit")
        visit(range(10, 14), range(500, 502))
        [shown] = lines("sites", "show", "acme")
        assert shown["scope"] == {"set": None, "path": "/acme", "led": False}
        visit(range(11, 15), range(500, 503))
        # a person says that the site is all of the host: what is there was there before
        lines("sites", "set", "acme", "--scope", "host")
        visit(range(11, 15), range(500, 503))
        # and narrows it again: nothing opens elsewhere, and what lies there stays until its own page has ended it
        lines("sites", "set", "acme", "--scope", "/acme/")
        visit(range(12, 16), range(501, 505))
    events = lines("events")
    assert told(events) == ["opened acme 14", "closed acme 10", "closed acme 11"]
    assert len(events) == 4 + 2 + 3 + 2
