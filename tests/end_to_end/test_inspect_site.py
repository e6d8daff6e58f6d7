"""`hirewatch inspect` of a site: how its postings would be found, without a database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.end_to_end.house import House
from tests.sites.layouts import LAYOUTS, StaticSite

pytestmark = pytest.mark.slow


def test_the_source_of_a_site_is_told_with_its_reason_and_nothing_is_kept(tmp_path: Path) -> None:
    house = House(tmp_path / "home")
    front, domain, one = (
        StaticSite(LAYOUTS[name]())
        for name in ("jobs_and_articles_of_one_shape", "a_bare_domain_that_redirects", "slugs_without_sitemap")
    )
    with front, domain, one:
        bare = domain.url.removeprefix("http://").rstrip("/")
        posting = one.url + "/great-job-aa"
        ran = house.run("inspect", front.url, bare, posting, "--json")
    assert ran.code == 0, ran.err
    told = [json.loads(line) for line in ran.out.splitlines()]
    source = told[0]["source"]
    assert (source["kind"], source["urls"], source["listed"]) == ("sitemap", [front.url + "sm.xml"], 40)
    assert source["reason"] == "the sitemap names 40 addresses of postings"
    [shape] = source["shapes"]
    assert (shape["shape"].endswith("/p/*"), shape["count"], len(shape["examples"])) == (True, 40, 3)
    assert any(refused.endswith("/about") for refused in source["refused"])
    assert told[1]["file"] == bare
    assert (told[1]["url"], told[1]["source"]["kind"]) == (f"http://{bare}/en", "list")
    assert (told[2]["kind"], told[2]["source"]) == ("posting", None)
    assert len(front.asked) < 15
    assert not list(tmp_path.rglob("*.db*"))


def test_a_site_without_a_source_says_where_it_was_looked_for(tmp_path: Path) -> None:
    house = House(tmp_path / "home")
    empty = LAYOUTS["slugs_without_sitemap"]()
    with StaticSite(empty) as site:
        ran = house.run("inspect", site.url.replace("/careers", "/about"))
    assert ran.code == 0, ran.err
    assert "✗ No source: no JobPosting was found: looked at " in ran.out
    assert "hirewatch add" not in ran.out


def test_pages_of_one_host_are_asked_for_with_the_manners_of_one_visit(tmp_path: Path) -> None:
    house = House(tmp_path / "home")
    with StaticSite(LAYOUTS["slugs_without_sitemap"]()) as site:
        pages = [f"{site.url}/great-job-{name}" for name in ("aa", "bb", "cc")]
        ran = house.run("inspect", *pages)
    assert ran.code == 0, ran.err
    assert site.asked == ["/robots.txt", *(f"/careers/great-job-{name}" for name in ("aa", "bb", "cc"))]
