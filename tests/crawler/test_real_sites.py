"""Real sites, put together from a collection that lies beside some checkouts, visited under their own names.

What there is to be found is worked out by other means than the crawler's (`tests.sites.collection`). `python -m
benchmarks.sites` prints the same as a table.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from crawler.sources.feed import read_feed
from crawler.sources.sitemap_file import read_sitemap
from postings import urls
from tests.sites.collection import COLLECTION, Collection, locations
from tests.sites.visited import Outcome, Visits, told

pytestmark = [
    pytest.mark.real_pages,
    pytest.mark.skipif(not COLLECTION.is_dir(), reason=f"there is no collection of sites at {COLLECTION}"),
]

SITEMAPS = sorted((COLLECTION / "sitemaps").glob("*.xml"))


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Visits:
    return Visits(Collection(), lambda: tmp_path_factory.mktemp("sites"))


def wrong(outcomes: list[Outcome]) -> str:
    """What is not as it should be, a site a line."""
    return "\n".join(told(one) for one in outcomes if not one.is_right)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["boards", "leading", "lists", "feeds", "start_pages", "whole_sites"])
def test_everything_that_a_real_site_names_is_found_once(visit: Visits, kind: str) -> None:
    outcomes = visit(kind)
    assert outcomes
    assert wrong(outcomes) == ""


@pytest.mark.slow
def test_a_whole_real_site_is_found_by_its_sitemap(visit: Visits) -> None:
    outcomes = visit("sitemaps", only=("lootwork", "sarkari"))
    assert [one.site.name for one in outcomes] == ["lootwork", "sarkari"]
    assert wrong(outcomes) == ""


@pytest.mark.parametrize("path", SITEMAPS, ids=lambda path: path.stem)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_real_sitemap_is_read_whole(path: Path, pack: Callable[[bytes], bytes]) -> None:
    body = path.read_bytes()
    file = read_sitemap(pack(body), f"https://acme.example/{path.name}", measured=False, limit=10**8)
    there: Any = etree.fromstring(body).xpath("//*[local-name()='loc']/text()")
    assert file.doubt == ""
    assert file.kind == ("index" if path.stem == "nocommute-sitemap" else "urlset")
    assert [entry.url for entry in file.entries] == [urls.parse(one.strip()) for one in there]
    assert len(there) == len(locations(body))
    assert there


@pytest.mark.parametrize("path", SITEMAPS, ids=lambda path: path.stem)
def test_a_real_sitemap_that_is_cut_is_doubtful(path: Path) -> None:
    body = path.read_bytes()
    file = read_sitemap(body[: len(body) // 2], f"https://acme.example/{path.name}", measured=True, limit=10**8)
    assert file.doubt


def test_every_item_of_a_real_feed_is_found() -> None:
    body = (COLLECTION / "feeds" / "michaeldinhmai-feed.rss").read_bytes()
    said: Any = etree.fromstring(body).xpath("//item/link/text()")
    entries = read_feed(body, "https://weworkremotely.com/categories/remote-sales-and-marketing-jobs.rss")
    assert [entry.url for entry in entries] == [one.strip() for one in said]
    assert said
