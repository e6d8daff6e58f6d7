"""The chores of a service: a little at each tick, once a day each, and a file that gets small again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, text
from sqlalchemy.engine import Engine

from scheduler import maintenance
from scheduler.maintenance import Maintenance
from storage import retention, space
from storage.engine import connect, reading, writing
from storage.retention import Keep
from storage.schema import upgrade
from storage.tables import installation, raw_postings
from tests.storage.rows import add_robots, add_site, add_visit

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = connect(f"sqlite:///{tmp_path}/hirewatch.db")
    upgrade(engine)
    yield engine
    engine.dispose()


def old_visits(engine: Engine, number: int) -> None:
    site = add_site(engine)
    for one in range(number + 1):
        add_visit(engine, site, f"v_{one}", NOW - 500 * DAY + one * DAY, ended_at=NOW, outcome="complete")


def test_what_has_gone_is_said_once_all_of_it_has(engine: Engine) -> None:
    old_visits(engine, 2)
    add_robots(engine, "https://a.example", NOW - 3 * DAY)
    chores = Maintenance(engine, Keep())
    assert chores.tick(NOW) == ["no longer kept: 2 visits, 1 robots.txt answer"]
    assert chores.tick(NOW + timedelta(minutes=1)) == []


def test_a_tick_ends_when_its_time_is_up_and_the_next_one_goes_on(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 1)
    old_visits(engine, 3)
    clock = iter(range(1000))
    chores = Maintenance(engine, Keep(), monotonic=lambda: float(next(clock)))
    said = [chores.tick(NOW + timedelta(minutes=minute)) for minute in range(6)]
    assert said == [[], [], [], [], ["no longer kept: 3 visits"], []]


def test_a_service_that_starts_anew_goes_on_where_the_one_before_was(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 1)
    old_visits(engine, 3)
    clock = iter(range(1000))
    Maintenance(engine, Keep(), monotonic=lambda: float(next(clock))).tick(NOW)
    assert Maintenance(engine, Keep()).run(NOW) == ["no longer kept: 2 visits"]


def test_nothing_is_written_where_nothing_is_due(engine: Engine) -> None:
    chores = Maintenance(engine, Keep())
    chores.run(NOW)
    with reading(engine) as conn:
        before = conn.execute(text("PRAGMA data_version")).scalar_one()
        chores.tick(NOW + timedelta(hours=1))
        assert conn.execute(text("PRAGMA data_version")).scalar_one() == before


def fill(engine: Engine, rows: int) -> None:
    with writing(engine) as conn:
        conn.execute(
            insert(raw_postings), [{"hash": str(number), "content": os.urandom(20_000)} for number in range(rows)]
        )


def test_a_file_that_is_mostly_free_gets_small_again_a_little_at_a_time(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "MUCH_FREE_BYTES", 0)
    fill(engine, 60)
    with writing(engine) as conn:
        conn.execute(delete(raw_postings))
    before = space.room(engine)
    assert before is not None
    assert before.free > before.size / 2
    space.give_back(engine, 10)
    after = space.room(engine)
    assert after is not None
    assert before.free - after.free == before.size - after.size == 10 * 4096
    Maintenance(engine, Keep()).run(NOW)
    left = space.room(engine)
    assert left is not None
    assert left.free <= 0.05 * left.size


def test_a_file_with_a_little_room_keeps_it(engine: Engine) -> None:
    fill(engine, 60)
    with writing(engine) as conn:
        conn.execute(delete(raw_postings))
    before = space.room(engine)
    Maintenance(engine, Keep()).run(NOW)
    after = space.room(engine)
    assert before is not None
    assert after is not None
    assert after.size == before.size


def test_a_long_log_is_emptied_when_nobody_is_in_its_way(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "LONG_LOG", 100_000)
    with reading(engine) as conn:
        conn.execute(text("SELECT count(*) FROM raw_postings")).all()
        fill(engine, 20)
        assert not space.empty_log(engine)
        Maintenance(engine, Keep()).tick(NOW)
        assert space.log_size(engine) > 100_000
    Maintenance(engine, Keep()).tick(NOW)
    assert space.log_size(engine) < 100_000


def test_statistics_are_counted_once_there_is_enough_to_count(engine: Engine) -> None:
    def has_statistics() -> bool:
        with reading(engine) as conn:
            return conn.execute(text("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")).first() is not None

    Maintenance(engine, Keep()).run(NOW)
    assert not has_statistics()
    with writing(engine) as conn:
        conn.execute(installation.update().values(last_event=20_000))
    Maintenance(engine, Keep()).run(NOW + DAY)
    assert has_statistics()
