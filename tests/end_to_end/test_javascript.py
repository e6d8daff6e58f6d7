"""A site that shows nothing without script, from `hirewatch add` to the closing of a posting."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crawler.chromium import find_chromium
from tests.end_to_end.house import House
from tests.sites.javascript import JavascriptSite

pytest.importorskip("scrapy_playwright", reason="the extra `browser` is not installed")
pytestmark = [
    pytest.mark.skipif(find_chromium() is None, reason="no Chromium is installed"),
    pytest.mark.slow,
    pytest.mark.timeout(300),
]


@pytest.fixture
def jobs() -> Iterator[JavascriptSite]:
    site = JavascriptSite().start()
    yield site
    site.stop()


def test_a_site_is_added_and_loses_a_posting(house: House, jobs: JavascriptSite) -> None:
    added = house.document("add", jobs.url, "--name", "acme", "--render")
    assert added["render"] is True
    assert (added["visit"]["outcome"], added["visit"]["opened"]) == ("complete", 3)

    del jobs.jobs[1001]
    assert house.run("visit", "acme").code in (0, 1)
    states = {one["title"]: one["state"] for one in house.lines("postings", "--state", "all")}
    missing = house.document("sites", "show", "acme")["missing"]
    assert states["Welder 1"] == "closed" or missing
    assert states["Welder 0"] == "open"


def test_rendering_is_turned_on_for_a_site_that_needs_it(house: House, jobs: JavascriptSite) -> None:
    added = house.document("add", jobs.url, "--name", "acme", code=1)
    assert "hirewatch sites set acme --render on" in " ".join(added["visit"]["notes"])
    assert house.document("sites", "set", "acme", "--render", "on")["render"] is True
    house.document("visit", "acme")
    assert len(house.lines("postings")) == 3


def test_a_chromium_that_is_not_there_is_asked_for_before_anything_else(house: House, jobs: JavascriptSite) -> None:
    lacking = House(house.home, CRAWL__BROWSER="/no/such/chromium")
    ran = lacking.run("add", jobs.url, "--render")
    assert ran.code == 3
    assert "/no/such/chromium" in ran.err
    assert jobs.requests == []
