"""The database: it answers and can be written, and what stands behind it is fit for that."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hirewatch.checks.finding import Finding, of_error
from postings.errors import DatabaseError, how_to_install

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from hirewatch.settings import Settings

#: older servers do not end the session of a machine that stands still
OLDEST_POSTGRESQL = 14
#: what a service and one worker take at least
FEWEST_CONNECTIONS = 10
#: how far two clocks may be apart
_APART = timedelta(minutes=1)
#: a write-ahead log grows so far only while somebody keeps its old pages from being moved to the file
LONGEST_LOG = 256 * 1024 * 1024
#: how long a write may wait for another one
_PATIENCE = timedelta(seconds=3)


def database(engine: Engine, settings: Settings, now: datetime) -> Iterator[Finding]:
    """The database answers, has this version's schema, can be written, and no time in it lies in the future."""
    from storage import events, sites, visits
    from storage.engine import connect, writing

    watched = sites.number(engine)
    last = events.last(engine)
    begun = visits.last_begun(engine)
    impatient = connect(settings.database_url, patience=_PATIENCE)
    try:
        with writing(impatient):
            pass
    except DatabaseError as error:
        yield of_error("database", error)
    else:
        where = engine.url.render_as_string(hide_password=True)
        yield Finding("database", "ok", f"{where}: {watched} sites, {last} events, schema up to date")
    finally:
        impatient.dispose()
    if begun and begun > now + timedelta(minutes=5):
        yield Finding(
            "clock",
            "warning",
            f"a visit began at {begun:%Y-%m-%d %H:%M}Z, which is yet to come",
            "the clock went back; set it right on every machine that uses this database",
        )


def log_of_writes(engine: Engine, *, longest: int = LONGEST_LOG) -> Iterator[Finding]:
    """The write-ahead log of an SQLite file; nothing is said of one that is as it should be."""
    from storage.space import log_size

    size = log_size(engine)
    if size > longest:
        yield Finding(
            "database",
            "warning",
            f"its write-ahead log holds {math.ceil(size / 2**20):,} MiB: some program has been reading for long",
            "end what has the file open beside hirewatch (a database browser, a hung command), "
            "then run `hirewatch db maintain`",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What a PostgreSQL server says of itself and of the database."""

    #: of the release: 15
    version: int
    encoding: str
    read_only: bool
    #: connections that may still be made
    free: int
    clock: datetime


def server(engine: Engine, now: datetime) -> Iterator[Finding]:
    """The PostgreSQL server. Raises DatabaseError."""
    from sqlalchemy import text

    from storage.engine import reading

    with reading(engine) as connection:
        row = connection.execute(text(_ASK)).one()
    yield from judge_server(
        Server(
            version=row.version,
            encoding=row.encoding,
            read_only=row.read_only,
            free=row.free,
            clock=row.clock,
        ),
        now,
    )


_ASK = """
SELECT current_setting('server_version_num')::int / 10000 AS version,
       current_setting('server_encoding') AS encoding,
       pg_is_in_recovery() OR current_setting('default_transaction_read_only')::bool AS read_only,
       current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
           - (SELECT count(datid) FROM pg_stat_activity)::int AS free,
       clock_timestamp() AS clock
"""


def judge_server(server: Server, now: datetime) -> Iterator[Finding]:
    """What is wrong with a server at `now`, or that nothing is."""
    found = list(_faults(server, now))
    yield from found
    if not found:
        yield Finding("server", "ok", f"PostgreSQL {server.version}, {server.free} connections are free")


def _faults(server: Server, now: datetime) -> Iterator[Finding]:
    if server.version < OLDEST_POSTGRESQL:
        yield Finding(
            "server",
            "error",
            f"PostgreSQL {server.version} is too old",
            f"upgrade the server to PostgreSQL {OLDEST_POSTGRESQL} or newer",
        )
    if server.encoding != "UTF8":
        yield Finding(
            "server",
            "error",
            f"the database keeps its text as {server.encoding}, which cannot hold every posting",
            "create it anew with `createdb --encoding=UTF8 --template=template0`",
        )
    if server.read_only:
        yield Finding(
            "server",
            "error",
            "the database is read-only",
            "point HIREWATCH_DATABASE at the primary server, or turn its default_transaction_read_only off",
        )
    if server.free < FEWEST_CONNECTIONS:
        yield Finding(
            "server",
            "warning",
            f"only {max(server.free, 0)} more connections can be made",
            "raise max_connections of the server, or run fewer workers",
        )
    if abs(server.clock - now) > _APART:
        yield Finding(
            "clock",
            "warning",
            f"this machine shows {now:%Y-%m-%d %H:%M:%S}Z, the database server {server.clock:%Y-%m-%d %H:%M:%S}Z",
            "set the clock right on every machine that uses this database; use NTP",
        )


def queue(engine: Engine) -> Iterator[Finding]:
    """The tables in which visits wait for workers of all machines."""
    try:
        from scheduler import jobs
    except ModuleNotFoundError as error:
        yield Finding(
            "queue",
            "error",
            f"{error.name} is not installed, which hands visits to workers",
            how_to_install("postgres"),
        )
        return
    has, needs = jobs.versions(engine)
    if has is None:
        yield Finding("queue", "ok", "has no tables yet (made when `hirewatch serve` starts)")
    elif has > needs:
        yield Finding(
            "queue",
            "error",
            f"its tables were made by a newer hirewatch ({has.partition('_')[0]})",
            "install the same version of hirewatch on all machines",
        )
    elif has < needs:
        yield Finding("queue", "ok", "has older tables (changed when `hirewatch serve` starts)")
    else:
        yield Finding("queue", "ok", "its tables are up to date")
