"""Services and workers that share one PostgreSQL database, of which some are killed and some stand still."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Engine

from postings.sites import Site
from scheduler.jobs import SCHEMA
from scheduler.protocol import WorkerSettings
from storage import events, sites, visits
from storage.engine import reading
from tests.chaos import checker
from tests.postgres import PostgresServer
from tests.scheduler.processes import PATIENCE, ServiceUnderTest, children, until
from tests.sites.manners import violations
from tests.sites.scripted import ScriptedSite

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("settings", ["postgresql"], indirect=True)]

#: seconds: one that stands still for longer has lost its visits
LEASE = 6.0
DELAY = 0.3

Start = Callable[..., ServiceUnderTest]


@pytest.fixture
def start(settings: WorkerSettings, tmp_path: Path) -> Iterator[Start]:
    """Starts services and workers on the test's database."""
    started: list[ServiceUnderTest] = []

    def begin(role: str = "serve", *, workers: int = 1, delay: float = 0.0, places: int = 3) -> ServiceUnderTest:
        hurried = replace(settings, lease=LEASE, delay=delay, visits=places, timeout=4 * PATIENCE)
        started.append(ServiceUnderTest(hurried, tmp_path / f"said{len(started)}", workers=workers, role=role))
        return started[-1]

    yield begin
    for one in started:
        one.signal(signal.SIGCONT)
        one.close()


def watch(engine: Engine, site: ScriptedSite, name: str) -> Site:
    return sites.add(engine, name=name, start_url=site.url, every=None, now=datetime.now(UTC))


def concluded(engine: Engine) -> Counter[str]:
    """By site: the visits that counted."""
    return Counter(visit.site for visit in visits.recent(engine, None, 10_000) if visit.ended_at)


def visiting(engine: Engine, workers: list[int]) -> list[str]:
    """The sites that these worker processes visit now."""
    pids = [f":{worker}:" for worker in workers]
    query = text("SELECT name, lease_owner FROM sites WHERE lease_until IS NOT NULL ORDER BY name")
    with reading(engine) as connection:
        rows = connection.execute(query).all()
    return [row.name for row in rows if any(pid in row.lease_owner for pid in pids)]


def workers_of(process: ServiceUnderTest) -> list[int]:
    """Its worker processes, once they run."""
    until(lambda: bool(children(process.process.pid)), "no worker process", every=0.1)
    return children(process.process.pid)


def crowded(houses: dict[str, ScriptedSite], delay: float) -> list[str]:
    """Requests that came too soon after another one, of whichever worker."""
    return [found for house in houses.values() for found in violations(house.log, delay=delay)]


def rows_of_queue(engine: Engine) -> dict[str, int]:
    with reading(engine) as connection:
        return {
            table: connection.execute(text(f"SELECT count(*) FROM {SCHEMA}.procrastinate_{table}")).scalar_one()
            for table in ("jobs", "events", "workers")
        }


def shake(
    engine: Engine,
    houses: dict[str, ScriptedSite],
    start: Start,
    *,
    patience: float,
    delay: float = DELAY,
    places: int = 3,
) -> None:
    """Has a service without workers order visits of all houses, and three workers make them, `places` each at a time.

    None has places for all. One is killed and one stands still past its leases while they do. Returns once every house
    was visited.
    """
    # no visit ends before all of them have begun, however late a worker starts
    for house in houses.values():
        house.slow(3600, on="details", after=2)
    service = start(workers=0)
    killed, stopped, well = (start("work", delay=delay, places=places) for _ in range(3))
    dying, sleeping = (workers_of(process) for process in (killed, stopped))

    def both_visit() -> bool:
        return bool(visiting(engine, dying) and visiting(engine, sleeping))

    until(both_visit, "two workers never visited", every=0.1, patience=patience)
    killed.signal(signal.SIGKILL)
    stopped.signal(signal.SIGSTOP)
    taken_along = visiting(engine, sleeping)
    assert taken_along
    for house in houses.values():
        house.mend()
    end = time.monotonic() + patience
    while set(concluded(engine)) != set(houses):
        assert time.monotonic() < end, f"not visited: {sorted(set(houses) - set(concluded(engine)))}"
        time.sleep(0.1)
    stopped.signal(signal.SIGCONT)
    # it comes back, finds that its visits are no longer its own, and works on
    until(lambda: not visiting(engine, sleeping), "the worker that stood still kept a lease", every=0.1)
    for name in taken_along:
        watched = sites.find(engine, name)
        sites.request_visit(engine, watched.id, datetime.now(UTC))

    def visited_again() -> bool:
        return all(concluded(engine)[name] == 2 for name in taken_along)

    until(visited_again, "no further visit", every=0.1, patience=patience)
    for process in (stopped, well, service):
        process.process.terminate()
        assert process.process.wait(PATIENCE) == 0
    assert concluded(engine) == Counter(list(houses)) + Counter(taken_along)


@pytest.mark.timeout(300)
def test_of_three_workers_one_dies_and_one_stands_still_and_each_due_visit_counts_once(
    engine: Engine, sites: Callable[..., ScriptedSite], start: Start
) -> None:
    houses = {f"site-{number}": sites(6) for number in range(9)}
    for name, house in houses.items():
        watch(engine, house, name)

    shake(engine, houses, start, patience=150)

    assert events.last(engine) == sum(len(house.open_jobs()) for house in houses.values())
    assert checker.violations(engine) == []
    assert crowded(houses, DELAY) == []
    left = rows_of_queue(engine)
    assert (left["jobs"], left["events"]) == (0, 0)


@pytest.mark.chaos
@pytest.mark.timeout(1800)
def test_ten_thousand_requests_of_three_workers_keep_the_delay_of_every_host(
    engine: Engine, sites: Callable[..., ScriptedSite], start: Start
) -> None:
    houses = {f"site-{number}": sites(150) for number in range(60)}
    for name, house in houses.items():
        watch(engine, house, name)

    shake(engine, houses, start, patience=1500, delay=1.0, places=20)

    assert sum(len(house.log) for house in houses.values()) >= 10_000
    assert checker.violations(engine) == []
    assert crowded(houses, 1.0) == []


def test_another_service_schedules_within_seconds_of_the_death_of_the_one_that_did(
    engine: Engine, site: ScriptedSite, sites: Callable[..., ScriptedSite], start: Start
) -> None:
    watch(engine, site, "before")
    first = start()
    first.says("before: complete")
    second = start()
    second.says("another service schedules; this one stands by")
    later = sites(3)

    first.signal(signal.SIGKILL)
    died_at = time.monotonic()
    watch(engine, later, "after")

    second.says("this service schedules now")
    assert time.monotonic() - died_at < 10
    second.says("after: complete")
    assert concluded(engine) == Counter(["before", "after"])
    assert checker.violations(engine) == []


@pytest.mark.chaos
def test_a_service_that_stands_still_is_replaced_and_stands_by_when_it_goes_on(
    engine: Engine, start: Start, sites: Callable[..., ScriptedSite]
) -> None:
    first = start(workers=0)
    until(lambda: held_locks(engine) == 1, "nobody was elected")
    second = start()
    second.says("another service schedules; this one stands by")

    first.signal(signal.SIGSTOP)

    second.says("this service schedules now")
    first.signal(signal.SIGCONT)
    first.says("another service schedules; this one stands by")
    watch(engine, sites(3), "acme")
    second.says("acme: complete")
    assert concluded(engine) == Counter(["acme"])


def held_locks(engine: Engine) -> int:
    """The advisory locks of the scheduler's election that are held."""
    query = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = :key AND granted")
    with reading(engine) as connection:
        return int(connection.execute(query, {"key": 0x7363_6865}).scalar_one())


def test_what_was_due_while_nothing_ran_is_visited_once_by_whoever_starts(
    engine: Engine, site: ScriptedSite, start: Start
) -> None:
    sites.add(engine, name="acme", start_url=site.url, every=None, now=datetime.now(UTC) - timedelta(days=3))
    first = start(workers=0)
    # ordered, and not yet taken when the service dies
    until(lambda: ordered(engine) == 1, "the visit was never ordered")
    first.signal(signal.SIGKILL)

    second = start()

    second.says("acme: complete")
    second.process.terminate()
    assert second.process.wait(PATIENCE) == 0
    assert concluded(engine) == Counter(["acme"])
    assert rows_of_queue(engine)["jobs"] == 0


def ordered(engine: Engine) -> int:
    with reading(engine) as connection:
        if connection.execute(text(f"SELECT to_regclass('{SCHEMA}.procrastinate_jobs')")).scalar_one() is None:
            return 0
    return rows_of_queue(engine)["jobs"]


def test_a_worker_that_is_told_to_end_keeps_its_visits_as_partial_and_leaves_no_job(
    engine: Engine, site: ScriptedSite, start: Start
) -> None:
    watched = watch(engine, site, "acme")
    site.slow(3600, on="details", after=4)
    start(workers=0)
    worker = start("work")
    until(lambda: len({access.path for access in site.log}) > 5, "the visit never came to the job pages")
    began = time.monotonic()

    worker.process.terminate()

    assert worker.process.wait(PATIENCE) == 0
    assert time.monotonic() - began < 10
    (visit,) = visits.recent(engine, watched.id, 10)
    assert "stopped" in str(visit.reason)
    left = rows_of_queue(engine)
    assert (left["jobs"], left["workers"]) == (0, 0)


@pytest.mark.chaos
@pytest.mark.timeout(300)
def test_service_and_worker_outlast_a_restart_of_the_server(
    engine: Engine, site: ScriptedSite, start: Start, postgres_server: PostgresServer
) -> None:
    watch(engine, site, "acme")
    service, worker = start(workers=0), start("work")
    pids = workers_of(worker)
    until(lambda: len({access.path for access in site.log}) > 5, "the visit never came to the job pages")

    postgres_server.stop(signal.SIGINT)
    time.sleep(3)
    postgres_server.start()

    end = time.monotonic() + 120
    while concluded(engine) != Counter(["acme"]):
        assert time.monotonic() < end, "the visit was never made again"
        time.sleep(0.5)
    assert workers_of(worker) == pids
    assert (service.process.poll(), worker.process.poll()) == (None, None)
    assert checker.violations(engine) == []
    until(lambda: rows_of_queue(engine)["jobs"] == 0, "the job was left behind")
