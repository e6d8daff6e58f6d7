"""Visits as jobs of procrastinate: its tables, its connection, and the names that service and workers agree on.

Imported only where the database is PostgreSQL. procrastinate keeps its tables in a schema of their own, so that they
are no business of ours: neither of `hirewatch db`, nor of our migrations.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from importlib import resources
from typing import Any

import psycopg
import psycopg_pool
from procrastinate import App, PsycopgConnector, exceptions, jobs, manager
from sqlalchemy import Connection, text
from sqlalchemy.engine import Engine

from postings.errors import DatabaseError
from storage import faults
from storage.engine import instance, reading, writing

log = logging.getLogger(__name__)

SCHEMA = "hirewatch_queue"
TASK = "visit"
#: "jobs" as a number: who holds this advisory lock changes procrastinate's tables
_SCHEMA_LOCK = 0x6A6F_6273
#: seconds that a query of the queue waits for a connection
_PATIENCE = 10.0
#: seconds between two attempts to say that a job is finished
_AGAIN = 1.0


class Unable(Exception):
    """A visit could not be kept; its job is tried again later."""


def name_of_queue(engine: Engine) -> str:
    """The queue of this installation: notifications are heard in the whole database."""
    with reading(engine) as connection:
        return f"hirewatch_{instance(connection)[:12]}"


def lock_of(site_id: int) -> str:
    """What at most one running job holds, and at most one waiting job."""
    return f"site:{site_id}"


def site_of(job: jobs.Job) -> int:
    """The site that a job visits."""
    site = job.task_kwargs["site"]
    assert isinstance(site, int)
    return site


# -- connection


def connect(engine: Engine, *, connections: int) -> App:
    """procrastinate on the database of `engine`, with up to so many connections of its own; nothing is opened yet."""
    # a visit has lines of its own in the log
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    # that the server is away is said once, by `Jobs`; the pool says so at each attempt
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    arguments, values = engine.dialect.create_connect_args(engine.url)
    app = App(
        connector=PsycopgConnector(
            conninfo=arguments[0] if arguments else "",
            kwargs={"connect_timeout": 10, "application_name": "hirewatch queue", **values},
            configure=_prepare,
            min_size=1,
            max_size=connections,
            timeout=_PATIENCE,
            reconnect_timeout=_PATIENCE,
        )
    )
    app.job_manager = Jobs(app.connector)
    return app


async def _prepare(connection: psycopg.AsyncConnection[Any]) -> None:
    await connection.execute(f"SET search_path TO {SCHEMA}")
    await connection.commit()


def in_words(engine: Engine, error: exceptions.ConnectorException) -> DatabaseError | None:
    """What an error of the queue means for a person; None if it is none that a person can do something about."""
    cause = error.__cause__
    if isinstance(cause, psycopg_pool.PoolTimeout):
        cause = psycopg.OperationalError(str(cause))
    return faults.explain(engine, cause) if isinstance(cause, Exception) else None


class Jobs(manager.JobManager):
    """Queries on jobs that outlast a server that restarts.

    procrastinate's worker ends at the first query that fails, and takes its running jobs along. Its visits must not
    die of that: their leases live on. That it is away is said once, and once that it is back.
    """

    _away = False

    def _miss(self, what: str, error: exceptions.ConnectorException) -> None:
        log.log(logging.DEBUG if self._away else logging.WARNING, "%s: %s", what, error.__cause__)
        self._away = True

    def _meet(self) -> None:
        if self._away:
            log.warning("queue.reachable")
        self._away = False

    async def fetch_job(self, *arguments: Any, **options: Any) -> jobs.Job | None:
        """The next job; none while the server cannot be reached."""
        try:
            job = await super().fetch_job(*arguments, **options)
        except exceptions.ConnectorException as error:
            if not _passing(error):
                raise
            self._miss("queue.unreachable", error)
            return None
        self._meet()
        return job

    async def update_heartbeat(self, *arguments: Any, **options: Any) -> None:
        """A sign of life, if the server can be reached."""
        try:
            await super().update_heartbeat(*arguments, **options)
        except exceptions.ConnectorException as error:
            self._miss("queue.no-heartbeat", error)

    async def list_jobs_to_abort_async(self, *arguments: Any, **options: Any) -> Iterable[int]:
        """Jobs that are to end; none while the server cannot be reached."""
        try:
            return await super().list_jobs_to_abort_async(*arguments, **options)
        except exceptions.ConnectorException as error:
            self._miss("queue.unreachable", error)
            return ()

    async def listen_for_jobs(self, *arguments: Any, **options: Any) -> None:
        """Wakes the worker when a job comes, again after the server was away; without it the worker polls."""
        while True:
            try:
                await super().listen_for_jobs(*arguments, **options)
                return
            except exceptions.ConnectorException as error:
                self._miss("queue.deaf", error)
                await asyncio.sleep(_AGAIN)

    async def finish_job(self, *arguments: Any, **options: Any) -> None:
        """Ends the job, however often the server has to be asked."""
        await self._insist(lambda: super(Jobs, self).finish_job(*arguments, **options))

    async def retry_job(self, *arguments: Any, **options: Any) -> None:
        """Puts the job back, however often the server has to be asked."""
        await self._insist(lambda: super(Jobs, self).retry_job(*arguments, **options))

    async def _insist(self, ask: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await ask()
            except exceptions.ConnectorException as error:
                if isinstance(error.__cause__, psycopg.errors.RaiseException):
                    # it was thought lost with its worker, and another has it now
                    log.info("queue.job-gone: %s", error.__cause__)
                    return
                if not _passing(error):
                    raise
                self._miss("queue.unreachable", error)
                await asyncio.sleep(_AGAIN)
            else:
                self._meet()
                return


def _passing(error: exceptions.ConnectorException) -> bool:
    """Whether the server was away or too busy, and the same may succeed later."""
    return isinstance(error.__cause__, psycopg.OperationalError | psycopg.InterfaceError)


# -- schema


def upgrade(engine: Engine) -> None:
    """Brings procrastinate's tables to the version that is installed; several processes may start it at once.

    Its migrations run one a transaction, since a later one may need a value of a type that an earlier one added. The
    comment on the schema names the last. Raises DatabaseError, and changes nothing, if a newer one made them.
    """
    at, newest = versions(engine)
    while at != newest:
        with writing(engine) as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _SCHEMA_LOCK})
            at = _step(connection, _version(connection))


def versions(engine: Engine) -> tuple[str | None, str]:
    """The last of procrastinate's migrations that the tables have seen (None where there are none), and the newest."""
    with reading(engine) as connection:
        return _version(connection), _migrations()[-1]


def _step(connection: Connection, at: str | None) -> str:
    """One step from a version, and the version after it."""
    migrations = _migrations()
    if at is not None and at >= migrations[-1]:
        if at > migrations[-1]:
            raise DatabaseError(
                f"has a queue made by a newer hirewatch ({at.partition('_')[0]})",
                subject=faults.subject(connection.engine.url),
                remedy="install the same version of hirewatch on all machines",
            )
        return at
    if at is None:
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
        name, statements = migrations[-1], (resources.files("procrastinate.sql") / "schema.sql").read_text("utf-8")
    else:
        name = next(migration for migration in migrations if migration > at)
        statements = (resources.files("procrastinate.sql") / "migrations" / name).read_text("utf-8")
    connection.execute(text(f"SET LOCAL search_path TO {SCHEMA}"))
    driver: Any = connection.connection.driver_connection
    # many statements in one text: only the driver's own call takes them
    driver.execute(statements)
    driver.execute(f"COMMENT ON SCHEMA {SCHEMA} IS '{name}'")
    return name


def _migrations() -> list[str]:
    folder = resources.files("procrastinate.sql") / "migrations"
    return sorted(file.name for file in folder.iterdir() if file.name.endswith(".sql"))


def _version(connection: Connection) -> str | None:
    """The last of procrastinate's migrations that the tables have seen; None where there are none."""
    found = connection.execute(
        text("SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = :name"), {"name": SCHEMA}
    ).scalar_one_or_none()
    return None if found is None else str(found)
