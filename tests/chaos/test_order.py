"""The log under four writers: no number is missing, none becomes visible late, and a server that crashes loses none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event, text

from postings.errors import DatabaseError
from scheduler.protocol import WorkerSettings
from storage import entries, events, leases, sites, tables
from storage.engine import connect, writing
from storage.ledger import Ledger
from storage.open_visit import OpenVisit
from storage.schema import upgrade
from tests.chaos import checker
from tests.chaos.racer import BATCH
from tests.chaos.writer import NOW, sighting
from tests.postgres import PostgresServer

ROOT = Path(__file__).parents[2]
WRITERS = ("ada", "bob", "cyd", "dan")


class Race:
    """Four processes that write, and the reader that follows them with a cursor."""

    def __init__(self, engine: Engine, database: str, batches: int, writers: tuple[str, ...]) -> None:
        self.engine = engine
        self.seen: list[int] = []
        self.acknowledged = 0
        for name in writers:
            sites.add(engine, name=name, start_url=f"https://{name}.example/", every=None, now=NOW)
        self._writers = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.racer", database, str(batches), *writers],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip

    def read(self) -> None:
        """Reads what has come since the last time."""
        while page := events.after(self.engine, self.seen[-1] if self.seen else 0, 500):
            self.seen += [one.number for one in page]

    @property
    def running(self) -> bool:
        return self._writers.poll() is None

    def end(self) -> None:
        """Waits for the writers, and hears what they were told."""
        said, wrong = self._writers.communicate(timeout=600)
        assert self._writers.returncode == 0, wrong
        self.acknowledged = said.count("kept") * BATCH
        self.read()

    def close(self) -> None:
        if self.running:
            os.killpg(self._writers.pid, signal.SIGKILL)
        self._writers.communicate()


@contextmanager
def racing(database: str, batches: int, writers: tuple[str, ...] = WRITERS) -> Iterator[Race]:
    engine = connect(database)
    upgrade(engine)
    race = Race(engine, database, batches, writers)
    try:
        yield race
    finally:
        race.close()
        engine.dispose()


def race_to_the_end(database: str, batches: int, capsys: pytest.CaptureFixture[str]) -> None:
    with racing(database, batches) as race:
        began = time.monotonic()
        reads = 0
        while race.running:
            race.read()
            reads += 1
            time.sleep(0.003)
        seconds = time.monotonic() - began
        race.end()
        assert race.seen == list(range(1, race.acknowledged + 1))
        assert race.acknowledged == len(WRITERS) * batches * BATCH
        assert checker.violations(race.engine) == []
        with capsys.disabled():
            print(
                f"\n{race.engine.dialect.name}, {len(WRITERS)} writers, a tenth of their commits fails: "
                f"{race.acknowledged} events, {race.acknowledged / seconds:.0f} a second, {reads} reads meanwhile, "
                "0 missing, 0 late"
            )


@pytest.mark.parametrize("settings", ["sqlite", "postgresql"], indirect=True)
def test_a_reader_that_races_four_writers_sees_every_event_in_order(
    settings: WorkerSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    race_to_the_end(settings.database, 3, capsys)


@pytest.mark.chaos
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("settings", ["sqlite", "postgresql"], indirect=True)
def test_a_reader_that_races_four_writers_for_long_sees_every_event_in_order(
    settings: WorkerSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    race_to_the_end(settings.database, 40, capsys)


def pace(database: str, batches: int, writers: tuple[str, ...]) -> float:
    """Events a second of so many writers, who all write as much."""
    with racing(database, batches, writers) as race:
        while not race.seen:
            race.read()
        began, first = time.monotonic(), race.seen[-1]
        race.end()
        return (race.acknowledged - first) / (time.monotonic() - began)


@pytest.mark.chaos
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_four_writers_are_about_as_fast_as_one(
    kind: str, tmp_path: Path, postgres_server: PostgresServer, capsys: pytest.CaptureFixture[str]
) -> None:
    def fresh(name: str) -> str:
        return f"sqlite:///{tmp_path}/{name}" if kind == "sqlite" else postgres_server.url(postgres_server.create())

    # as many events in each
    alone, together = pace(fresh("alone"), 40, WRITERS[:1]), pace(fresh("together"), 10, WRITERS)
    with capsys.disabled():
        print(f"\n{kind}: {alone:.0f} events a second by one writer, {together / alone:.2f} times that by four")
    assert together > alone / 4


# the same order of things by hand: a slow writer took its numbers first, a quick one is done first


class SlowAndQuick:
    """Two visits; the commit of the first waits until it is let go."""

    def __init__(self, database: str) -> None:
        self.engine = connect(database)
        upgrade(self.engine)
        self.slow = connect(database)
        self.quick = connect(database, patience=timedelta(seconds=0.2))
        self._at_commit, self._go = threading.Event(), threading.Event()
        visits = [self._visit(engine, name) for engine, name in ((self.slow, "slow"), (self.quick, "quick"))]
        event.listen(self.slow, "commit", self._wait)
        self._thread = threading.Thread(target=self._record, args=(self.slow, visits[0]))
        self._thread.start()
        assert self._at_commit.wait(60)
        self._second = visits[1]

    def _visit(self, engine: Engine, name: str) -> OpenVisit:
        site = sites.add(engine, name=name, start_url=f"https://{name}.example/", every=None, now=NOW)
        lease = leases.claim(engine, site.id, owner=name, now=NOW, ttl=timedelta(hours=1), dead=lambda owner: True)
        assert lease is not None
        return Ledger(engine).begin(site, lease, NOW)

    def _wait(self, connection: Connection) -> None:
        self._at_commit.set()
        assert self._go.wait(60)

    def _record(self, engine: Engine, visit: OpenVisit) -> None:
        Ledger(engine).record(visit, [sighting(1, visit.site.name)], NOW)

    def overtake(self) -> None:
        """The quick one records while the slow one has not committed."""
        self._record(self.quick, self._second)

    def let_go(self) -> None:
        self._go.set()
        self._thread.join()

    def close(self) -> None:
        self.let_go()
        for engine in (self.engine, self.slow, self.quick):
            engine.dispose()


@pytest.fixture
def slow_and_quick(postgres_url: str) -> Iterator[SlowAndQuick]:
    both = SlowAndQuick(postgres_url)
    yield both
    both.close()


def numbers(engine: Engine, cursor: int) -> list[int]:
    return [one.number for one in events.after(engine, cursor, 10)]


def test_nobody_overtakes_a_writer_that_has_taken_its_numbers(slow_and_quick: SlowAndQuick) -> None:
    with pytest.raises(DatabaseError, match="locked"):
        slow_and_quick.overtake()
    assert numbers(slow_and_quick.engine, 0) == []
    slow_and_quick.let_go()
    slow_and_quick.overtake()
    assert numbers(slow_and_quick.engine, 0) == [1, 2]


def test_with_numbers_of_a_sequence_a_cursor_would_skip_the_slow_writer(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = connect(postgres_url)
    upgrade(engine)
    with writing(engine) as connection:
        connection.execute(text("CREATE SEQUENCE careless"))
    engine.dispose()
    careless = text("SELECT instance, nextval('careless') - 1 AS last_event FROM installation WHERE id = 1")
    monkeypatch.setattr(entries, "_COUNTER", careless)
    # the counter's row is not touched either
    monkeypatch.setattr(entries, "update", lambda table: _nothing() if table is tables.installation else table.update())
    both = SlowAndQuick(postgres_url)
    try:
        both.overtake()
        (read,) = numbers(both.engine, 0)
        both.let_go()
        assert read == 2
        assert numbers(both.engine, read) == []
        assert numbers(both.engine, 0) == [1, 2]
    finally:
        both.close()


class _nothing:  # stands in for a statement
    def values(self, **_: int) -> object:
        return text("SELECT 1")


# a server that crashes


def crash_and_go_on(server: PostgresServer, crashes: int, batches: int, capsys: pytest.CaptureFixture[str]) -> None:
    database = server.create()
    with racing(server.url(database), batches) as race:
        for number in range(crashes):
            wanted = (number + 1) * len(WRITERS) * batches * BATCH // (crashes + 2)
            while not race.seen or race.seen[-1] < wanted:
                race.read()
                assert race.running, race.seen
                time.sleep(0.003)
            server.stop()
            server.start()
            race.engine.dispose()
        race.end()
        assert race.seen == list(range(1, race.acknowledged + 1))
        assert race.acknowledged == len(WRITERS) * batches * BATCH
        assert checker.violations(race.engine) == []
        with capsys.disabled():
            print(f"\n{crashes} crashes of PostgreSQL: {race.acknowledged} events acknowledged, 0 lost, 0 twice")


@pytest.mark.timeout(300)
def test_a_server_that_crashes_under_four_writers_loses_nothing(
    postgres_server: PostgresServer, capsys: pytest.CaptureFixture[str]
) -> None:
    crash_and_go_on(postgres_server, 1, 3, capsys)


@pytest.mark.chaos
@pytest.mark.timeout(3600)
def test_a_server_that_crashes_fifty_times_under_four_writers_loses_nothing(
    postgres_server: PostgresServer, capsys: pytest.CaptureFixture[str]
) -> None:
    crash_and_go_on(postgres_server, 50, 60, capsys)
