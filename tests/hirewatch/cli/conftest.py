"""A site with a history, in the database that the commands read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from postings.visits import Absence, Outcome
from storage.engine import connect
from storage.schema import upgrade
from tests.storage.watching import Watch, a_job

TOWNS = ("Berlin", "Bonn", "Ulm", "Köln", "Essen", "Jena", "Kiel", "Mainz", "Trier", "Worms")

#: pages that are gone in the second visit to a suspect site
LOST = {f"/jobs/{100 + number}": Absence.NOT_FOUND for number in range(7)}


@pytest.fixture
def watch(home: Path) -> Iterator[Watch]:
    """The site `acme`, visited once: ten postings at /jobs/100 to /jobs/109."""
    home.mkdir()
    engine = connect(f"sqlite:///{home}/hirewatch.db")
    upgrade(engine)
    watch = Watch(engine)
    watch.pages = {f"/jobs/{100 + number}": a_job(place=town) for number, town in enumerate(TOWNS)}
    watch.visit()
    yield watch
    engine.dispose()


@pytest.fixture
def suspect(watch: Watch) -> Watch:
    """Seven of the ten answered 404 at once in the second visit."""
    watch.pages = {path: page for path, page in watch.pages.items() if path not in LOST}
    assert watch.later(hours=6).visit(looks=LOST).outcome is Outcome.SUSPECT
    return watch
