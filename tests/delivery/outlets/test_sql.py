"""The `sql` outlet against real servers: what stands in the tables is the log, whatever comes late or twice."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote, quote_plus

import psycopg
import pytest
from sqlalchemy import exc
from sqlalchemy.engine import Engine

from delivery import outlets
from delivery.dispatch import deliver_due
from delivery.outlets import Context, OutletUnavailable
from delivery.outlets import sql_server as server
from network.addresses import AddressPolicy
from postings.errors import ConfigurationError, UsageError
from postings.events import EventType, Significance
from storage import outlets as stored_outlets
from tests.delivery.eventlog import NOON, EventLog, event, posting_record
from tests.delivery.loopback import loopback_context
from tests.delivery.outlets.targets import Target, batch, close_outlets, open_sql, relayed
from tests.mariadb import PASSWORD, MariadbServer
from tests.postgres import PostgresServer

KINDS = ("sqlite", "postgresql", "mariadb")


def make_target(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Target:
    if kind == "sqlite":
        return Target(kind, f"sqlite:///{tmp_path}/warehouse.db")
    if kind == "postgresql":
        return Target(kind, request.getfixturevalue("postgres_database"))
    mariadb: MariadbServer = request.getfixturevalue("mariadb_server")
    return Target(kind, mariadb.url(request.getfixturevalue("mariadb_database")))


@pytest.fixture(scope="module")
def shared_database(postgres_server: PostgresServer) -> Iterator[str]:
    name = postgres_server.create()
    yield name
    postgres_server.drop(name)


@pytest.fixture
def postgres_database(postgres_server: PostgresServer, shared_database: str) -> str:
    """The URL of an empty database; emptying one is quicker than making one."""
    postgres_server.sql("DROP SCHEMA IF EXISTS jobs CASCADE", shared_database)
    postgres_server.sql("DROP SCHEMA public CASCADE", shared_database)
    postgres_server.sql("CREATE SCHEMA public", shared_database)
    postgres_server.sql("GRANT USAGE ON SCHEMA public TO PUBLIC", shared_database)
    return postgres_server.url(shared_database)


@pytest.fixture(params=KINDS)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Target:
    return make_target(request.param, tmp_path, request)


@pytest.fixture
def sqlite(tmp_path: Path) -> Target:
    return Target("sqlite", f"sqlite:///{tmp_path}/warehouse.db")


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    close_outlets()


def numbers(target: Target) -> list[int]:
    return [row[0] for row in target.rows("SELECT event FROM posting_events ORDER BY event")]


def changed(number: int, posting: int, title: str) -> Any:
    record = posting_record(posting, title=title)
    return event(number, EventType.CHANGED, posting_id=f"p_{posting}", record=record)


# -- what stands in the tables


def test_each_event_is_a_row_and_each_posting_one(engine: Engine, target: Target, context: Context) -> None:
    outlet = open_sql(engine, target.address, context)
    salary = {"currency": "EUR", "min": 60000, "max": 75000.5, "unit": "YEAR", "text": None}
    record = posting_record(1, salary=salary, date_posted="2026-11-01", valid_through="2026-12-31T22:00:00Z")
    delivered = outlet.deliver(batch(event(1, record=record), event(2), changed(3, 2, "Größe 🚀")))
    assert delivered.sent == (1, 2, 3)
    assert numbers(target) == [1, 2, 3]
    rows = target.rows("SELECT id, title, locality, remote, salary_min, salary_max, event FROM postings ORDER BY id")
    assert rows == [
        ("p_1", "Welder 1", "Berlin", False, 60000, 75000.5, 1),
        ("p_2", "Größe 🚀", "Berlin", False, None, None, 3),
    ]
    days = target.rows("SELECT date_posted, valid_through FROM postings WHERE id = 'p_1'")[0]
    assert [str(day) for day in days] == ["2026-11-01", "2026-12-31"]
    held = target.rows(
        "SELECT p.data, e.data FROM postings p JOIN posting_events e ON p.event = e.event WHERE p.event = 1"
    )
    posting, told = [json.loads(value) if isinstance(value, str) else value for value in held[0]]
    assert posting == record
    assert (told["id"], told["source"], told["data"]["posting"]) == ("evt_1", f"hirewatch:{context.instance}", record)


def test_hearing_something_twice_changes_nothing(engine: Engine, target: Target, context: Context) -> None:
    outlet = open_sql(engine, target.address, context)
    events = (event(1), changed(2, 1, "Senior Welder"))
    outlet.deliver(batch(*events))
    before = [target.rows(f"SELECT * FROM {table}") for table in ("postings", "posting_events", "hirewatch_cursors")]
    assert outlet.deliver(batch(*events)).sent == (1, 2)
    after = [target.rows(f"SELECT * FROM {table}") for table in ("postings", "posting_events", "hirewatch_cursors")]
    assert after == before


def test_without_the_key_of_an_event_hearing_it_twice_would_double_it(
    engine: Engine, sqlite: Target, context: Context
) -> None:
    outlet = open_sql(engine, sqlite.address, context)
    outlet.test()
    sqlite.run(
        "CREATE TABLE keyless AS SELECT * FROM posting_events",
        "DROP TABLE posting_events",
        "ALTER TABLE keyless RENAME TO posting_events",
    )
    for _ in range(2):
        outlet.deliver(batch(event(1)))
    assert numbers(sqlite) == [1, 1]


def test_what_comes_late_is_kept_and_changes_no_newer_posting(engine: Engine, target: Target, context: Context) -> None:
    outlet = open_sql(engine, target.address, context)
    outlet.deliver(batch(changed(7, 1, "Senior Welder")))
    outlet.deliver(batch(event(4, posting_id="p_1", record=posting_record(1))))
    assert numbers(target) == [4, 7]
    assert target.rows("SELECT title, event FROM postings") == [("Senior Welder", 7)]
    assert target.rows("SELECT event FROM hirewatch_cursors") == [(7,)]


def test_a_posting_takes_every_column_of_a_newer_event(engine: Engine, target: Target, context: Context) -> None:
    # MySQL assigns one column after another: the number must come last, or the rest would stay old
    outlet = open_sql(engine, target.address, context)
    outlet.deliver(batch(event(1)))
    closed = posting_record(
        1, title="Welder (filled)", state="closed", closed_reason="gone", closed_at="2026-11-26T01:02:03.000004Z"
    )
    outlet.deliver(batch(event(2, EventType.CLOSED, posting_id="p_1", record=closed)))
    held = target.rows("SELECT title, state, closed_reason, event FROM postings")
    assert held == [("Welder (filled)", "closed", "gone", 2)]
    assert str(target.rows("SELECT closed_at FROM postings")[0][0])[:26] == "2026-11-26 01:02:03.000004"


def test_times_are_stored_in_utc(engine: Engine, target: Target, context: Context) -> None:
    outlet = open_sql(engine, target.address, context)
    at = datetime(2026, 11, 25, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    outlet.deliver(batch(event(1, at=at)))
    assert str(target.rows("SELECT recorded_at FROM posting_events")[0][0])[:19] == "2026-11-24 23:30:00"


def test_ids_that_differ_only_in_case_are_two_postings(engine: Engine, target: Target, context: Context) -> None:
    outlet = open_sql(engine, target.address, context)
    outlet.deliver(batch(event(1, posting_id="p_aB"), event(2, posting_id="p_Ab")))
    assert target.rows("SELECT count(*) FROM postings") == [(2,)]


def test_values_that_no_database_keeps_lose_what_is_not_to_be_kept(
    engine: Engine, target: Target, context: Context
) -> None:
    outlet = open_sql(engine, target.address, context)
    salary = {"currency": "EUR", "min": 10**400, "max": float("inf"), "unit": None, "text": None}
    poison = posting_record(
        1, title="a\0b\ud800c", salary=salary, date_posted="0001-01-01", first_seen="9999-12-31T23:59:59-05:00",
        description_text="x" * 200_000,
    )  # fmt: skip
    assert outlet.deliver(batch(event(1, record=poison), event(2))).refused == ()
    assert target.rows(
        "SELECT title, salary_min, salary_max, date_posted, first_seen FROM postings WHERE event = 1"
    ) == [("ab�c", None, None, None, None)]
    assert target.rows("SELECT length(description_text) FROM postings WHERE event = 1") == [(200_000,)]


@pytest.mark.parametrize("target", ["postgresql", "mariadb"], indirect=True)
def test_an_event_that_the_database_does_not_take_is_refused_alone(
    engine: Engine, target: Target, context: Context
) -> None:
    outlet = open_sql(engine, target.address, context)
    delivered = outlet.deliver(batch(event(1), event(2, posting_id="p_" + "x" * 500), event(3)))
    assert delivered.sent == (1, 3)
    ((number, reason),) = delivered.refused
    assert number == 2
    assert "too long" in reason
    assert numbers(target) == [1, 3]


def test_another_event_of_the_same_number_is_refused_and_overwrites_nothing(
    engine: Engine, target: Target, context: Context
) -> None:
    # hirewatch's own database was restored from a backup: its numbers are given out anew
    outlet = open_sql(engine, target.address, context)
    outlet.deliver(batch(event(1), event(2)))
    delivered = outlet.deliver(batch(event(2, posting_id="p_9"), event(3)))
    assert delivered.sent == (3,)
    assert "another event of this number" in delivered.refused[0][1]
    assert target.rows("SELECT posting_id FROM posting_events WHERE event = 2") == [("p_2",)]


def test_two_installations_share_the_tables(engine: Engine, target: Target, context: Context) -> None:
    open_sql(engine, target.address, context).deliver(batch(event(1)))
    other = loopback_context(instance="f" * 32)
    open_sql(engine, target.address, other, name="second").deliver(batch(event(1, posting_id="p_1")))
    assert target.rows("SELECT count(*) FROM postings") == [(2,)]
    assert numbers(target) == [1, 1]


def test_two_senders_of_one_batch_write_it_once(engine: Engine, target: Target, context: Context) -> None:
    events = batch(*(event(number) for number in range(1, 101)))
    opened = [open_sql(engine, target.address, context, name=name) for name in ("one", "two")]
    opened[0].test()
    failures: list[BaseException] = []

    def send(outlet: Any) -> None:
        try:
            outlet.deliver(events)
        except BaseException as error:
            failures.append(error)
        finally:
            outlet.close()

    threads = [threading.Thread(target=send, args=(outlet,)) for outlet in opened]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    assert numbers(target) == list(range(1, 101))


# -- through the dispatcher


def test_a_copy_has_no_holes(engine: Engine, log: EventLog, sqlite: Target, context: Context) -> None:
    # minor changes and what stood there before anyone watched are in it, unlike in what people are told
    row = outlets.add(engine, name="warehouse", address=sqlite.address, options={}, now=NOON)
    log.add(1, baseline=True)
    log.add(1, type=EventType.CHANGED, significance=Significance.MINOR)
    log.add(3)
    assert deliver_due(engine, row, context, NOON, Random(1)).sent == 5
    assert numbers(sqlite) == [1, 2, 3, 4, 5]


def test_a_replay_fills_tables_that_were_emptied(
    engine: Engine, log: EventLog, sqlite: Target, context: Context
) -> None:
    log.add(2)
    row = outlets.add(engine, name="warehouse", address=sqlite.address, options={}, now=NOON)
    log.add(1)
    deliver_due(engine, row, context, NOON, Random(1))
    assert numbers(sqlite) == [3]
    sqlite.run("DELETE FROM posting_events", "DELETE FROM postings")
    stored_outlets.replay(engine, row.id, 0)
    deliver_due(engine, row, context, NOON, Random(1))
    assert numbers(sqlite) == [1, 2, 3]


def test_what_a_person_has_to_set_right_uses_up_no_attempt(
    engine: Engine, log: EventLog, sqlite: Target, context: Context
) -> None:
    sqlite.run("CREATE TABLE postings (id TEXT PRIMARY KEY)")
    row = outlets.add(engine, name="warehouse", address=sqlite.address, options={}, now=NOON)
    log.add(2)
    settled = deliver_due(engine, row, context, NOON, Random(1))
    assert "did not make" in str(settled.error)
    assert (settled.parked, settled.next_attempt_at) == (0, None)
    sqlite.run("DROP TABLE postings")
    assert deliver_due(engine, row, context, NOON, Random(1)).sent == 2


# -- tables that are there


def test_a_table_of_somebody_else_is_refused_and_left_alone(engine: Engine, target: Target, context: Context) -> None:
    target.run(
        "CREATE TABLE postings (id VARCHAR(20) PRIMARY KEY, title VARCHAR(20))",
        "INSERT INTO postings VALUES ('1', 'mine')",
    )
    outlet = open_sql(engine, target.address, context)
    for attempt in (outlet.check, outlet.test, lambda: outlet.deliver(batch(event(1)))):
        with pytest.raises(ConfigurationError, match="`postings` that hirewatch did not make"):
            attempt()
    assert target.rows("SELECT * FROM postings") == [("1", "mine")]
    open_sql(engine, target.address, context, name="beside", prefix="hw_").deliver(batch(event(1)))
    assert target.rows("SELECT id FROM hw_postings") == [("p_1",)]


def test_tables_of_an_older_layout_get_the_columns_that_are_new(
    engine: Engine, target: Target, context: Context
) -> None:
    open_sql(engine, target.address, context).deliver(batch(event(1)))
    target.run("ALTER TABLE postings DROP COLUMN title", "ALTER TABLE posting_events DROP COLUMN data")
    target.run("ALTER TABLE postings ADD COLUMN mine INTEGER")
    open_sql(engine, target.address, context, name="newer").deliver(batch(event(2)))
    assert target.rows("SELECT id, title, mine FROM postings ORDER BY id") == [
        ("p_1", None, None),
        ("p_2", "Welder 2", None),
    ]


def test_a_test_and_a_check_leave_nothing_behind(engine: Engine, target: Target, context: Context) -> None:
    outlet = open_sql(engine, target.address, context)
    outlet.check()
    if target.kind == "sqlite":
        assert not Path(target.address.removeprefix("sqlite:///")).exists()
    outlet.test()
    outlet.check()
    assert [
        target.rows(f"SELECT count(*) FROM {table}") for table in ("postings", "posting_events", "hirewatch_cursors")
    ] == [[(0,)]] * 3


def test_the_database_that_hirewatch_works_with_is_refused(engine: Engine, context: Context) -> None:
    outlet = open_sql(engine, str(engine.url), context, prefix="copy_")
    for attempt in (outlet.check, outlet.test):
        with pytest.raises(ConfigurationError, match="hirewatch itself works with"):
            attempt()


def test_a_schema_of_its_own_holds_the_tables(engine: Engine, postgres_database: str, context: Context) -> None:
    target = Target("postgresql", postgres_database)
    outlet = open_sql(engine, postgres_database, context, schema="jobs")
    with pytest.raises(ConfigurationError, match="no schema of that name"):
        outlet.check()
    target.run("CREATE SCHEMA jobs")
    outlet.deliver(batch(event(1)))
    assert target.rows("SELECT id FROM jobs.postings") == [("p_1",)]


# -- servers that say no


def test_a_server_that_is_not_there_is_tried_again_later(engine: Engine, context: Context) -> None:
    for number, address in enumerate(("postgresql://u:canary@127.0.0.1:1/x", "mysql://u:canary@127.0.0.1:1/x")):
        outlet = open_sql(engine, address, context, name=f"o{number}")
        with pytest.raises(OutletUnavailable) as error:
            outlet.deliver(batch(event(1)))
        assert "canary" not in str(error.value)


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
def test_an_address_that_is_not_public_is_not_contacted(engine: Engine, scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        strict = loopback_context(policy=AddressPolicy())
        outlet = open_sql(engine, f"{scheme}://u:canary@localhost:{listening.getsockname()[1]}/x", strict)
        for attempt in (outlet.check, lambda: outlet.deliver(batch(event(1)))):
            with pytest.raises(OutletUnavailable, match="not public"):
                attempt()
        listening.setblocking(False)
        with pytest.raises(BlockingIOError):
            listening.accept()


def test_a_name_leads_to_the_address_that_was_judged(
    engine: Engine, postgres_server: PostgresServer, postgres_database: str, context: Context
) -> None:
    database = postgres_database.partition("@/")[2].partition("?")[0]
    with relayed(f"{postgres_server.folder}/.s.PGSQL.5432") as port:
        outlet = open_sql(engine, f"postgresql://hirewatch@localhost:{port}/{database}", context)
        assert outlet.deliver(batch(event(1))).sent == (1,)
        outlet.close()
    assert numbers(Target("postgresql", postgres_database)) == [1]


def test_a_wrong_password_is_said_without_the_password(
    engine: Engine, mariadb_server: MariadbServer, mariadb_database: str, context: Context
) -> None:
    outlet = open_sql(engine, mariadb_server.url(mariadb_database, password="canary secret"), context)
    with pytest.raises(ConfigurationError, match="refuses the user or the password") as error:
        outlet.check()
    assert "canary" not in str(error.value)


def test_a_database_that_does_not_exist_is_said(
    engine: Engine, postgres_server: PostgresServer, mariadb_server: MariadbServer, context: Context
) -> None:
    for name, address in (("pg", postgres_server.url("nowhere")), ("my", mariadb_server.url("nowhere"))):
        with pytest.raises(ConfigurationError, match="no database of that name"):
            open_sql(engine, address, context, name=name).check()


def test_a_right_that_is_missing_is_said(
    engine: Engine,
    postgres_server: PostgresServer,
    postgres_database: str,
    mariadb_server: MariadbServer,
    mariadb_database: str,
    context: Context,
) -> None:
    postgres_server.sql("DROP ROLE IF EXISTS reader")
    postgres_server.sql("CREATE ROLE reader LOGIN")
    mariadb_server.sql("CREATE OR REPLACE USER reader@'%'", f"GRANT SELECT ON {mariadb_database}.* TO reader@'%'")
    addresses = (
        postgres_database.replace("hirewatch@", "reader@"),
        f"mysql://reader@/{mariadb_database}?unix_socket={mariadb_server.socket}",
    )
    for number, address in enumerate(addresses):
        outlet = open_sql(engine, address, context, name=f"o{number}")
        outlet.check()
        with pytest.raises(ConfigurationError, match="does not let this user"):
            outlet.test()


def test_an_sqlite_file_in_no_folder_is_said(engine: Engine, tmp_path: Path, context: Context) -> None:
    outlet = open_sql(engine, f"sqlite:///{tmp_path}/nowhere/x.db", context)
    for attempt in (outlet.check, outlet.test):
        with pytest.raises(ConfigurationError, match="folder"):
            attempt()


def test_a_locked_sqlite_file_is_tried_again_later(engine: Engine, sqlite: Target) -> None:
    outlet = open_sql(engine, sqlite.address, loopback_context(timeout=0.05))
    outlet.test()
    with sqlite.engine.connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(OutletUnavailable, match="locked"):
            outlet.deliver(batch(event(1)))
        other.rollback()
    assert outlet.deliver(batch(event(1))).sent == (1,)


def test_a_missing_driver_is_named_with_the_command_that_installs_it(
    engine: Engine, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    for extra, module, address in (("postgres", "psycopg", "postgresql://h/d"), ("mysql", "pymysql", "mysql://h/d")):
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(ConfigurationError, match=rf"uv tool install '.\[{extra}\]'"):
            open_sql(engine, address, context, name=extra)


# -- addresses


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://u:canary@h", "postgresql:///db", "postgresql://u:canary@h:99999999/db", "postgresql+asyncpg://h/db",
        "postgresql://h/db?hostaddr=10.0.0.1", "postgresql://h/db?service=canary", "postgresql://h/db?host=a&host=b",
        "postgresql://h/db?options=-c%20x", "mysql://h", "mysql://h/db?read_default_file=/etc/my.cnf",
        "mysql://h/db?local_infile=1", "mysql+mysqldb://h/db", "sqlite://", "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory", "sqlite://host/x.db", "sqlite:///x.db?mode=ro",
    ],
)  # fmt: skip
def test_an_address_that_leads_elsewhere_is_refused(address: str) -> None:
    with pytest.raises(UsageError) as error:
        outlets.prepare("sql", address, {})
    assert "canary" not in str(error.value)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://etl:canary@db.example:5433/jobs?sslmode=require", "postgresql://etl@db.example:5433/jobs"),
        ("postgres://etl:can%2Fary@db.example/jobs", "postgresql://etl@db.example/jobs"),
        ("mariadb://etl:canary@db.example/jobs", "mysql://etl@db.example/jobs"),
        ("mysql://etl:canary@/jobs?unix_socket=/run/m.sock", "mysql://etl@/jobs (/run/m.sock)"),
        ("sqlite:////var/lib/jobs.db", "sqlite:////var/lib/jobs.db"),
    ],
)
def test_an_address_is_shown_without_its_password(address: str, shown: str) -> None:
    usable, _ = outlets.prepare("sql", address, {})
    assert server.shown(usable) == shown


def test_the_path_of_an_sqlite_file_does_not_depend_on_where_a_program_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert outlets.prepare("sql", "sqlite:///jobs.db", {})[0] == f"sqlite+pysqlite:///{tmp_path}/jobs.db"


@pytest.mark.parametrize(
    "options", [{"prefix": "a b"}, {"prefix": "x; DROP"}, {"schema": "a.b"}, {"prefix": "x" * 31}, {"table": "x"}]
)
def test_names_that_not_every_database_takes_are_refused(options: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        outlets.prepare("sql", "postgresql://h/d", options)


@pytest.mark.parametrize("password", [PASSWORD, "a/b c", "a%2Fb"])
def test_no_spelling_of_a_password_is_repeated(password: str) -> None:
    url = server.parse("postgresql://h/d").set(password=password)
    for written in (password, quote(password, safe=""), quote_plus(password)):
        cause = psycopg.OperationalError(f"cannot read dsn x:{written}@h")
        words = server.explain(exc.OperationalError("", None, cause), url, "o")
        assert isinstance(words, OutletUnavailable)
        assert "x:***@h" in str(words)


def test_a_clock_of_another_zone_writes_utc(engine: Engine, sqlite: Target) -> None:
    context = loopback_context(clock=lambda: datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))))
    open_sql(engine, sqlite.address, context).deliver(batch(event(1)))
    assert target_time(sqlite) == datetime(2026, 1, 1, tzinfo=UTC)


def target_time(target: Target) -> datetime:
    (text,) = target.rows("SELECT updated_at FROM hirewatch_cursors")[0]
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
