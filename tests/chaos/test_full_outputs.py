"""What cannot be written because a disk is full: an export says so and spoils nothing, a log that stops stops
nobody."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from postings.visits import Outcome
from storage import sites, visits
from storage.engine import connect
from storage.schema import upgrade
from tests.chaos import checker
from tests.chaos.world import until
from tests.end_to_end.house import House
from tests.sites.scripted import ScriptedSite
from tests.storage.test_engine import small_disk
from tests.storage.watching import START, Watch, a_job


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "home")


@pytest.fixture
def disk() -> Iterator[Path]:
    with small_disk() as folder:
        yield folder


def fill(folder: Path) -> Path:
    """Leaves no byte; the file that takes them."""
    taken = folder / "taken"
    with taken.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(os.urandom(4096)):
            pass
    return taken


@pytest.mark.slow
def test_an_export_that_does_not_fit_says_so_and_leaves_the_older_one(house: House, disk: Path) -> None:
    house.home.mkdir()
    engine = connect(f"sqlite:///{house.home}/hirewatch.db")
    upgrade(engine)
    watch = Watch(engine)
    watch.pages = {f"/jobs/{number}": a_job(f"Welder {number}") for number in range(20)}
    watch.visit()
    engine.dispose()
    older = disk / "postings.jsonl"
    older.write_text("precious\n")
    taken = fill(disk)

    full = house.run("export", "postings", str(older))

    assert full.code == 1
    said = full.err.splitlines()
    assert len(said) == 2
    assert said[0].startswith("Error: ")
    assert "no space" in said[0]
    assert older.read_text() == "precious\n"
    assert {path.name for path in disk.iterdir()} == {"ballast", "taken", "postings.jsonl"}
    taken.unlink()
    assert house.run("export", "postings", str(older)).code == 0
    assert len(older.read_text().splitlines()) == 20


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_service_whose_log_cannot_be_written_goes_on(house: House, site: ScriptedSite) -> None:
    house.home.mkdir()
    engine = connect(f"sqlite:///{house.home}/hirewatch.db")
    upgrade(engine)
    watched = sites.add(engine, name="acme", start_url=site.url, every=None, now=START)
    with Path("/dev/full").open("w") as full:
        service = subprocess.Popen(
            [sys.executable, "-m", "hirewatch", "-vv", "serve", "--no-http"],
            env=house.environment, cwd="/", stdin=subprocess.DEVNULL, stdout=full, stderr=full,
        )  # fmt: skip
    try:
        until(
            lambda: (
                service.poll() is not None
                or [visit.outcome for visit in visits.recent(engine, watched.id, 10)] == [Outcome.COMPLETE]
            ),
            "the visit was never made",
            patience=100,
        )
        assert service.poll() is None
    finally:
        service.send_signal(signal.SIGTERM)
        code = service.wait(60)
    assert code == 0
    assert checker.violations(engine) == []
    engine.dispose()
