"""One clock for many machines: how far that of a machine is off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.engine import Engine

from scheduler.clocks import ServerClock, common, keep_right
from scheduler.protocol import WorkerSettings
from scheduler.threads import StorageThread, utc_now

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def off_by(span: timedelta) -> Callable[[], datetime]:
    return lambda: utc_now() + span


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
@pytest.mark.parametrize("hours", [-25, 3])
def test_a_machine_whose_clock_is_off_has_the_time_of_the_server(
    engine: Engine, settings: WorkerSettings, hours: int, caplog: pytest.LogCaptureFixture
) -> None:
    clock = ServerClock(engine, off_by(timedelta(hours=hours)))

    # whatever level another test has left behind
    with caplog.at_level("WARNING", "scheduler.clocks"):
        clock.look()

    # the server of the tests runs on this machine
    assert abs(clock() - utc_now()) < timedelta(seconds=2)
    assert "clock.off" in caplog.text


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_a_clock_is_set_right_before_the_first_call_that_storage_hears(engine: Engine) -> None:
    async def first() -> datetime:
        store = StorageThread()
        clock = ServerClock(engine, off_by(timedelta(hours=1)))
        keeping = asyncio.ensure_future(keep_right(clock, store))
        await asyncio.sleep(0)
        await store(utc_now)
        keeping.cancel()
        store.close()
        return clock()

    assert abs(asyncio.run(first()) - utc_now()) < timedelta(seconds=2)


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_machines_that_share_a_server_share_its_clock(engine: Engine) -> None:
    assert isinstance(common(engine, utc_now), ServerClock)


def test_one_machine_has_its_own_clock(engine: Engine) -> None:
    assert common(engine, utc_now) is utc_now


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_a_clock_of_a_simulation_is_left_alone(engine: Engine) -> None:
    def still() -> datetime:
        return NOW

    assert common(engine, still) is still
