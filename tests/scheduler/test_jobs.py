"""procrastinate's tables beside our own: made, brought up to date, and no business of ours."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from typing import Any

import psycopg
import psycopg_pool
import pytest
from procrastinate import exceptions, manager, testing
from sqlalchemy import inspect, text
from sqlalchemy.engine import Engine

from postings.errors import DatabaseError
from scheduler import jobs
from scheduler.jobs import SCHEMA
from storage.engine import connect, reading, writing


@pytest.fixture
def engine(postgres_url: str) -> Iterator[Engine]:
    engine = connect(postgres_url)
    yield engine
    engine.dispose()


def made_of(engine: Engine) -> dict[str, Any]:
    """Everything that procrastinate's schema consists of, in the words of the server."""
    questions = {
        "version": "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = :schema",
        "columns": "SELECT table_name, column_name, data_type, is_nullable, column_default "
        "FROM information_schema.columns WHERE table_schema = :schema",
        "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = :schema",
        "functions": "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = to_regnamespace(:schema)",
        "triggers": "SELECT event_object_table, trigger_name, action_statement, action_condition "
        "FROM information_schema.triggers WHERE trigger_schema = :schema",
        "values": "SELECT typname, enumlabel FROM pg_enum JOIN pg_type ON pg_type.oid = enumtypid "
        "WHERE typnamespace = to_regnamespace(:schema)",
    }
    with reading(engine) as connection:
        return {
            what: sorted(map(repr, connection.execute(text(question), {"schema": SCHEMA})))
            for what, question in questions.items()
        }


def make_as_of(engine: Engine, migration: str) -> None:
    """procrastinate's tables as its version of then made them."""
    folder = resources.files("procrastinate.sql") / "migrations"
    with writing(engine) as connection:
        connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
        connection.execute(text(f"COMMENT ON SCHEMA {SCHEMA} IS '{migration}'"))
    for name in jobs._migrations():
        if name <= migration:
            with writing(engine) as connection:
                connection.execute(text(f"SET LOCAL search_path TO {SCHEMA}"))
                driver: Any = connection.connection.driver_connection
                driver.execute((folder / name).read_text("utf-8"))


def test_tables_of_an_older_procrastinate_become_those_of_this_one(engine: Engine) -> None:
    make_as_of(engine, "02.14.01_01_add_indexes_for_fetch_job.sql")
    jobs.upgrade(engine)
    migrated = made_of(engine)
    with writing(engine) as connection:
        connection.execute(text(f"DROP SCHEMA {SCHEMA} CASCADE"))

    jobs.upgrade(engine)

    assert migrated == made_of(engine)
    assert migrated["functions"]


def test_several_processes_may_make_the_tables_at_once(engine: Engine) -> None:
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(jobs.upgrade, [engine] * 5))
    made = made_of(engine)

    jobs.upgrade(engine)

    assert made == made_of(engine)


def test_tables_of_a_newer_procrastinate_are_left_alone(engine: Engine) -> None:
    jobs.upgrade(engine)
    with writing(engine) as connection:
        connection.execute(text(f"COMMENT ON SCHEMA {SCHEMA} IS '99.00.00_01_pre_a_change.sql'"))
    made = made_of(engine)

    with pytest.raises(DatabaseError, match="queue made by a newer hirewatch"):
        jobs.upgrade(engine)

    assert made == made_of(engine)


def test_the_tables_of_the_queue_are_not_among_ours(engine: Engine) -> None:
    before = inspect(engine).get_table_names()
    jobs.upgrade(engine)

    assert inspect(engine).get_table_names() == before


def test_a_server_that_is_away_is_said_once_and_once_that_it_is_back(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def query(*_: Any, **__: Any) -> None:
        if next(answers):
            raise exceptions.ConnectorException from psycopg.OperationalError("no server")

    answers = iter([True, True, True, False, False, True, False])
    for name in ("fetch_job", "update_heartbeat", "list_jobs_to_abort_async"):
        monkeypatch.setattr(manager.JobManager, name, query)
    queue = jobs.Jobs(testing.InMemoryConnector())

    async def work() -> None:
        for number in range(7):
            asked = {1: queue.update_heartbeat, 2: queue.list_jobs_to_abort_async}
            await asked.get(number, queue.fetch_job)()

    with caplog.at_level(logging.WARNING):
        asyncio.run(work())
    away, back = "queue.unreachable: no server", "queue.reachable"
    assert caplog.messages == [away, back, away, back]


def test_a_queue_that_has_no_connection_is_a_server_that_cannot_be_reached(engine: Engine) -> None:
    error = exceptions.ConnectorException()
    error.__cause__ = psycopg_pool.PoolTimeout("couldn't get a connection after 10.00 sec")
    said = jobs.in_words(engine, error)
    assert said is not None
    assert said.problem == "cannot be reached (couldn't get a connection after 10.00 sec)"
