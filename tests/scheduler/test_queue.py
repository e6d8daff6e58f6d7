"""Queues: what they take, what they hold back, and that a site that comes twice waits once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from procrastinate import jobs
from sqlalchemy import text
from sqlalchemy.engine import Engine

from postings.visits import Outcome, VisitSummary
from scheduler.jobs import SCHEMA, Unable
from scheduler.procrastinate_queue import WAITING, ProcrastinateQueue
from scheduler.protocol import Done, Fate, WorkerSettings
from scheduler.queue import HOLD, LocalQueue, hold_after_deaths, hold_when_unable
from scheduler.taking import _Later
from storage import leases, sites
from storage.engine import reading, writing
from storage.leases import Due

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
VISIT = VisitSummary(id="v_1", site="acme", started_at=NOW, ended_at=NOW, outcome=Outcome.COMPLETE)
T = TypeVar("T")


@given(st.integers(0, 1000))
def test_a_page_that_kills_workers_is_tried_ever_later_within_an_hour(deaths: int) -> None:
    assert hold_after_deaths(deaths) <= hold_after_deaths(deaths + 1) <= timedelta(hours=1)


def test_the_first_death_costs_no_time() -> None:
    assert (hold_after_deaths(1), hold_after_deaths(2)) == (timedelta(0), timedelta(minutes=1))


@given(st.integers(1, 1000))
def test_a_visit_that_cannot_be_kept_is_tried_again_ever_later_within_an_hour(times: int) -> None:
    assert timedelta(seconds=30) <= hold_when_unable(times) <= hold_when_unable(times + 1) <= timedelta(hours=1)


@given(st.integers(0, 12))
def test_many_machines_wait_as_long_for_a_visit_that_cannot_be_kept_as_one_does(attempts: int) -> None:
    job = jobs.Job(id=1, queue="q", lock="l", queueing_lock="l", task_name="visit", attempts=attempts)
    before = datetime.now(UTC)

    decision = _Later().get_retry_decision(exception=Unable("the disk is full"), job=job)

    assert decision is not None
    assert decision.retry_at is not None
    wait = decision.retry_at - before - hold_when_unable(attempts + 1)
    assert timedelta(seconds=-1) <= wait <= timedelta(seconds=10)


def local(settings: WorkerSettings) -> LocalQueue:
    return LocalQueue(settings, workers=2, done=lambda done: None, say=lambda line: None, rng=Random(1))


def room_of(queue: LocalQueue) -> tuple[int, frozenset[int]]:
    room = asyncio.run(queue.room())
    return room.free, room.ordered


def test_a_local_queue_has_as_much_room_as_its_workers_have_places(settings: WorkerSettings) -> None:
    assert room_of(local(replace(settings, visits=3))) == (6, frozenset())


@pytest.mark.parametrize("fate", sorted([*HOLD, Fate.UNABLE]))
def test_a_site_whose_order_came_to_nothing_is_held_back(settings: WorkerSettings, fate: Fate) -> None:
    queue = local(settings)

    queue._answered(Done(site=7, fate=fate))

    assert 7 in room_of(queue)[1]


def held_for(queue: LocalQueue, fate: Fate) -> float:
    before = time.monotonic()
    queue._answered(Done(site=7, fate=fate, summary=VISIT if fate is Fate.VISITED else None))
    return queue._held.get(7, before) - before


def test_a_site_whose_visits_cannot_be_kept_is_held_back_ever_longer_until_one_is_kept(
    settings: WorkerSettings,
) -> None:
    queue = local(settings)

    waits = [held_for(queue, Fate.UNABLE) for _ in range(9)]
    held_for(queue, Fate.VISITED)

    assert [round(wait) for wait in waits] == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert round(held_for(queue, Fate.UNABLE)) == 30


def test_a_site_whose_visit_killed_a_worker_twice_is_held_back(settings: WorkerSettings) -> None:
    queue = local(settings)
    queue._died(frozenset({7}))
    once = room_of(queue)[1]
    queue._died(frozenset({7}))

    assert (once, room_of(queue)[1]) == (frozenset(), frozenset({7}))


class Shared:
    """A queue in the database without workers, and what one would do with it."""

    def __init__(self, settings: WorkerSettings, engine: Engine) -> None:
        self.engine = engine
        self.now = datetime.now(UTC)
        self.queue = ProcrastinateQueue(
            settings, engine, workers=0, done=lambda done: None, say=lambda line: None, rng=Random(1),
            clock=lambda: self.now,
        )  # fmt: skip

    def watch(self, *names: str) -> list[Due]:
        for name in names:
            sites.add(self.engine, name=name, start_url=f"https://{name}.example/", every=None, now=self.now)
        return leases.due(self.engine, self.now, 10)

    async def take(self) -> jobs.Job:
        """A worker without a heartbeat takes the next job."""
        manager = self.queue._app.job_manager
        worker = await manager.register_worker()
        name = await self.queue._opened()
        job = await manager.fetch_job([name], worker)
        assert job is not None
        return job

    def silence(self) -> None:
        """As if the workers had given no sign of life for a lease."""
        with writing(self.engine) as connection:
            connection.execute(
                text(f"UPDATE {SCHEMA}.procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
            )

    def jobs(self) -> list[tuple[str, str, datetime | None]]:
        query = text(f"SELECT lock, status::text, scheduled_at FROM {SCHEMA}.procrastinate_jobs ORDER BY id")
        with reading(self.engine) as connection:
            return [tuple(row) for row in connection.execute(query)]


@pytest.fixture
def shared(settings: WorkerSettings, engine: Engine) -> Shared:
    return Shared(settings, engine)


def within(shared: Shared, body: Callable[[], Awaitable[T]]) -> T:
    """Runs `body` in a loop, and closes the queue's connections at its end."""

    async def whole() -> T:
        try:
            return await body()
        finally:
            await shared.queue._app.close_async()

    return asyncio.run(whole())


on_postgresql = pytest.mark.parametrize("settings", ["postgresql"], indirect=True)


@on_postgresql
def test_a_site_that_is_ordered_twice_waits_once_and_the_others_with_it(shared: Shared) -> None:
    one, two, three = shared.watch("one", "two", "three")

    async def body() -> None:
        await shared.queue.submit([one])
        await shared.queue.submit([two, one, three])

    within(shared, body)

    assert [lock for lock, _, _ in shared.jobs()] == ["site:1", "site:2", "site:3"]


@on_postgresql
def test_the_room_names_what_waits_and_what_runs(shared: Shared) -> None:
    watched = shared.watch("one", "two")

    async def body() -> tuple[int, frozenset[int]]:
        await shared.queue.submit(watched)
        await shared.take()
        room = await shared.queue.room()
        return room.free, room.ordered

    assert within(shared, body) == (WAITING - 1, frozenset({1, 2}))


@on_postgresql
def test_a_job_whose_worker_gives_signs_of_life_is_left_alone(shared: Shared) -> None:
    watched = shared.watch("one")

    async def body() -> int:
        await shared.queue.submit(watched)
        await shared.take()
        return await shared.queue.rescue()

    assert within(shared, body) == 0
    assert [status for _, status, _ in shared.jobs()] == ["doing"]


@on_postgresql
def test_the_job_of_a_silent_worker_waits_until_its_lease_has_run_out(shared: Shared) -> None:
    watched = shared.watch("one")

    async def body() -> int:
        await shared.queue.submit(watched)
        await shared.take()
        shared.silence()
        return await shared.queue.rescue()

    lease = leases.claim(
        shared.engine, 1, owner="elsewhere:1:1", now=shared.now, ttl=timedelta(seconds=60), dead=lambda owner: False
    )
    assert lease is not None

    assert within(shared, body) == 1
    assert shared.jobs() == [("site:1", "todo", lease.until)]


@on_postgresql
def test_the_job_of_a_worker_that_died_here_waits_for_nothing(shared: Shared) -> None:
    watched = shared.watch("one")

    async def body() -> int:
        await shared.queue.submit(watched)
        await shared.take()
        return await shared.queue.rescue(dead=frozenset({1}))

    assert within(shared, body) == 1
    assert shared.jobs() == [("site:1", "todo", shared.now)]


@on_postgresql
def test_a_site_whose_visits_kill_workers_waits_ever_longer(shared: Shared) -> None:
    watched = shared.watch("one")

    async def body() -> list[timedelta]:
        await shared.queue.submit(watched)
        waits = []
        for _ in range(3):
            await shared.take()
            await shared.queue.rescue(dead=frozenset({1}))
            ((_, _, at),) = shared.jobs()
            assert at is not None
            waits.append(at - shared.now)
            with writing(shared.engine) as connection:
                connection.execute(text(f"UPDATE {SCHEMA}.procrastinate_jobs SET scheduled_at = NULL"))
        return waits

    assert within(shared, body) == [timedelta(0), timedelta(minutes=1), timedelta(minutes=2)]


@on_postgresql
def test_a_job_that_was_rescued_and_taken_anew_is_not_put_back_by_a_slower_rescuer(shared: Shared) -> None:
    watched = shared.watch("one")

    async def body() -> None:
        await shared.queue.submit(watched)
        lost = await shared.take()
        shared.silence()
        assert await shared.queue.rescue() == 1
        anew = await shared.take()
        await shared.queue._put_back(lost)
        assert (anew.id, anew.worker_id) != (lost.id, lost.worker_id)

    within(shared, body)

    assert [status for _, status, _ in shared.jobs()] == ["doing"]
