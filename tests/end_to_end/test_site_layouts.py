"""Sites of many makes, each watched through the command line: every posting is found, and none is made up."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hirewatch.cli import cli
from hirewatch.cli.failures import run
from tests.end_to_end.house import House
from tests.sites.layouts import LAYOUTS, Layout, StaticSite

pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True)
class Watched:
    """What came of two visits to every layout."""

    layouts: dict[str, Layout]
    #: by name of the layout
    first: dict[str, dict[str, Any]]
    second: dict[str, dict[str, Any]]
    titles: dict[str, Counter[str]]


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """One house that watches all of them. They are added in this process: one for each would take most of the time."""
    home: Path = tmp_path_factory.mktemp("layouts")
    house = House(home, CRAWL__CONCURRENCY_PER_HOST="8")
    layouts = {name: build() for name, build in LAYOUTS.items()}
    with ExitStack() as stack:
        sites = {name: stack.enter_context(StaticSite(one)) for name, one in layouts.items()}
        with pytest.MonkeyPatch.context() as patch:
            for name, value in house.environment.items():
                patch.setenv(name, value)
            for name, site in sites.items():
                assert run(cli, ["add", site.url, "--name", name, "--no-visit", "--quiet"]) == 0
        first = {visit["site"]: visit for visit in house.lines("visit", "--all", code=(0, 1))}
        titles: dict[str, Counter[str]] = {name: Counter() for name in layouts}
        for line in house.run("postings", "--json").out.splitlines():
            posting = json.loads(line)
            titles[posting["site"]][posting["title"]] += 1
        second = {visit["site"]: visit for visit in house.lines("visit", "--all", code=(0, 1))}
        yield Watched(layouts, first, second, titles)


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_posting_is_found_once_and_a_second_visit_changes_nothing(watched: Watched, name: str) -> None:
    truth, first, second = watched.layouts[name], watched.first[name], watched.second[name]
    assert watched.titles[name] == Counter(dict.fromkeys(truth.titles, 1)), first["reason"]
    assert first["outcome"] == second["outcome"] == truth.outcome, (first["reason"], second["reason"])
    assert [second[what] for what in ("opened", "changed", "closed", "reopened")] == [0, 0, 0, 0]
