"""A person looks at what a site did, decides, and the next visit goes by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.house import House
from tests.sites.scripted import ScriptedSite

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_a_person_looks_decides_and_the_next_visit_goes_by_it(house: House, site: ScriptedSite, tmp_path: Path) -> None:
    house.document("add", site.url, "--name", "acme")
    edited = site.open_jobs()[-1]
    site.edit(edited, title="Senior Baker")
    house.lines("visit", "acme")
    (posting,) = house.lines("postings", "Senior", "Baker")
    difference = house.document("show", posting["id"], "--diff")
    assert difference["changes"]["title"]["after"] == "Senior Baker"
    assert "+ Senior Baker" in house.run("show", posting["id"], "--diff").out

    # nothing to accept as long as visits are believed
    refused = house.run("sites", "accept", "acme")
    assert (refused.code, "its last visit was complete and is believed" in refused.err) == (2, True)

    # a clearance of most of the site is not believed at once
    for handle in site.open_jobs()[:9]:
        site.close(handle)
    (visit,) = house.lines("visit", "acme", code=1)
    assert (visit["outcome"], visit["closed"]) == ("suspect", 0)
    shown = house.document("sites", "show", "acme")
    assert (len(shown["suspect"]["postings"]), shown["needs_person"]) == (9, True)
    assert house.run("status").code == 1

    accepted = house.document("sites", "accept", "acme")
    assert (accepted["done"], len(accepted["postings"])) == ("accepted", 9)
    assert len(house.lines("postings")) == 12
    (visit,) = house.lines("visit", "acme")
    assert (visit["outcome"], visit["closed"]) == ("complete", 9)
    assert house.run("status").code == 0

    # what a person says of its keys is shown, and the next visit is none the worse for it
    house.document("sites", "set", "acme", "--trust", "identifier=off")
    assert house.document("sites", "show", "acme")["trust"]["identifier"]["standing"] == "distrusted"
    (visit,) = house.lines("visit", "acme")
    assert (visit["outcome"], visit["opened"], visit["closed"]) == ("complete", 0, 0)

    house.document("db", "backup", str(tmp_path / "backup.db"))
    assert house.document("db", "check")["ok"]
    restored = House(tmp_path / "other", DATABASE=f"sqlite:///{tmp_path}/backup.db")
    assert restored.lines("postings") == house.lines("postings")
    assert restored.document("db", "check")["ok"]
