"""What the site does on a bad day closes nothing, and a person is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.end_to_end.house import House
from tests.sites.scripted import ScriptedSite

pytestmark = pytest.mark.slow

BAD_DAYS: dict[str, Callable[[ScriptedSite], None]] = {
    "everything answers 503": lambda site: site.outage(503),
    "details answer 403": lambda site: site.outage(403, on="details"),
    "the sitemap is empty": lambda site: site.empty_sitemap(),
    "the sitemap is a web page": lambda site: site.html_sitemap(),
    "a login stands before the jobs": lambda site: site.wall(),
    "the site is built without its jobs": lambda site: site.broken_build(),
    "nobody answers": lambda site: site.stop(),
}


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, ScriptedSite]]:
    """A site of twelve jobs that is found by its sitemap alone, and was visited once."""
    house = House(tmp_path_factory.mktemp("bad-days"))
    with ScriptedSite(12, layout="sitemap") as site:
        house.document("add", site.url, "--name", "acme")
        yield house, site


@pytest.mark.parametrize("day", BAD_DAYS)
def test_a_bad_day_closes_nothing_and_needs_a_person(day: str, watched: tuple[House, ScriptedSite]) -> None:
    house, site = watched
    try:
        BAD_DAYS[day](site)
        (visit,) = house.lines("visit", "acme", code=1)
        assert visit["outcome"] in ("partial", "suspect", "failed")
        assert visit["reason"]
        assert visit["closed"] == 0
        (state,) = house.document("status", code=1)
        assert state["open"] == 12
        assert state["needs_person"]
    finally:
        site.mend()
        site.stop()
        site.start()


def test_a_site_that_recovers_needs_nobody_any_more(watched: tuple[House, ScriptedSite]) -> None:
    house, site = watched
    site.outage(503)
    house.lines("visit", "acme", code=1)
    site.mend()
    (visit,) = house.lines("visit", "acme")
    assert visit["outcome"] == "complete"
    (state,) = house.document("status")
    assert not state["needs_person"]
