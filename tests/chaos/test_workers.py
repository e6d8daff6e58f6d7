"""Workers that share a database, of which one sleeps past its lease and one dies: the third does the work, once."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from postings.visits import Outcome
from scheduler.protocol import Fate, WorkerSettings
from storage import events, tables
from storage.engine import writing
from tests.chaos import checker
from tests.chaos.conftest import OpenHouse
from tests.chaos.world import House, until
from tests.scheduler.processes import WorkerUnderTest

Start = Callable[[], WorkerUnderTest]


@pytest.fixture
def worker(settings: WorkerSettings) -> Iterator[Start]:
    started: list[WorkerUnderTest] = []

    def start() -> WorkerUnderTest:
        started.append(WorkerUnderTest(settings))
        return started[-1]

    yield start
    for one in started:
        one.close()


def half_way(house: House, process: WorkerUnderTest) -> None:
    """Orders a visit and returns while it hangs in the middle of the job pages."""
    house.site.mend()
    house.site.forget_log()
    house.site.slow(3600, on="details", after=4)
    process.order(house.watched)
    until(lambda: len({access.path for access in house.site.log}) > 5, "the visit never came to the job pages")


def let_leases_run_out(house: House) -> None:
    """As if the time that a lease is kept without a sign of life had passed."""
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    with writing(house.engine) as connection:
        connection.execute(update(tables.sites).values(lease_until=long_ago))
        connection.execute(update(tables.hosts).values(until=long_ago))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("settings", ["sqlite", "postgresql"], indirect=True)
def test_of_three_workers_one_sleeps_past_its_lease_one_dies_and_all_is_told_once(
    open_house: OpenHouse, settings: WorkerSettings, worker: Start
) -> None:
    house = open_house(settings, 12, 1)
    sleeper, mortal, third = worker(), worker(), worker()
    half_way(house, sleeper)
    os.killpg(sleeper.process.pid, signal.SIGSTOP)
    let_leases_run_out(house)
    half_way(house, mortal)
    mortal.kill()
    assert checker.violations(house.engine) == []

    house.site.mend()
    third.order(house.watched)
    done = third.answer()
    before = events.last(house.engine)
    os.killpg(sleeper.process.pid, signal.SIGCONT)
    late = sleeper.answer()

    assert done.summary is not None
    assert done.summary.outcome is Outcome.COMPLETE
    assert (late.fate, late.summary) == (Fate.LOST, None)
    assert events.last(house.engine) == before == len(house.site.open_jobs())
    assert set(Counter(deed[1] for deed in house.log().elements()).values()) == {1}
    assert checker.violations(house.engine) == []
    until(lambda: house.held() == [], "the site or a host is still held")
