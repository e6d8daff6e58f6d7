"""Promises to hosts over visits, processes and deaths of processes, read from what each request wrote down."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine

from crawler.gate import Gate
from crawler.hosts import Hosts
from postings.errors import DatabaseError
from scheduler import hosts
from scheduler.hosts import SharedHosts
from scheduler.ownership import owner
from scheduler.protocol import WorkerSettings
from scheduler.threads import StorageThread, utc_now
from tests.scheduler.processes import PATIENCE, until

ROOT = Path(__file__).parents[2]
HOSTS = [f"host{number}.example" for number in range(4)]
#: clocks are read a moment before or after what they measure
GRAIN = 0.0005


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, on the machine's monotonic clock."""

    host: str
    began: float
    ended: float


class Asking:
    """Processes that ask hosts side by side and one log of what they did."""

    def __init__(self, settings: WorkerSettings, log: Path, **order: Any) -> None:
        self.log = log
        log.touch()
        self._order = {
            "database": settings.database, "log": str(log), "go": str(log) + ".go", "hosts": HOSTS, "delay": 0.01, "concurrency": 1,
            "asked": 0.0, "visits": 6, "requests": 40, "rounds": 1, "shared": True, **order,
        }  # fmt: skip
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tests.scheduler.asking", json.dumps(self._order)],
            cwd=ROOT, env={"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        self.processes.append(process)
        return process

    def go(self) -> None:
        """Lets all processes begin that were started so far and later, the former at the same moment."""
        until(lambda: self.said("ready") == len(self.processes), "a process did not start")
        Path(self._order["go"]).touch()

    def said(self, words: str) -> int:
        return self.log.read_text().count(words)

    def wait(self) -> None:
        for process in self.processes:
            process.wait(PATIENCE * 4)

    def requests(self) -> list[Asked]:
        began: dict[tuple[str, ...], float] = {}
        done: list[Asked] = []
        for line in self.log.read_text().splitlines():
            pid, what, *rest = line.split(" ", 4)
            if what not in ("begin", "end"):
                continue
            host, at, number = rest
            if what == "begin":
                began[pid, host, number] = float(at)
            else:
                done.append(Asked(host, began.pop((pid, host, number)), float(at)))
        # a request of a killed process: its connection ended with it
        return done + [Asked(host, at, at) for (_, host, _), at in began.items()]


def violations(log: Sequence[Asked], *, delay: float, concurrency: int = 1) -> list[str]:
    """What was done to a host that must not be, in sentences."""
    found = []
    by_host: dict[str, list[Asked]] = defaultdict(list)
    for one in log:
        by_host[one.host].append(one)
    for host, asked in by_host.items():
        asked.sort(key=lambda one: one.began)
        for one, other in pairwise(asked):
            if other.began - one.began < delay - GRAIN:
                found.append(f"{host} was asked again after {other.began - one.began:.4f} s")
        moves = sorted(move for one in asked for move in ((one.began, 1), (one.ended, -1)))
        most = now = 0
        for _, step in moves:
            now += step
            most = max(most, now)
        if most > concurrency:
            found.append(f"{host} was asked {most} things at once")
    return found


def ask_with_a_kill(asking: Asking, *, kills: int) -> list[Asked]:
    """Two processes side by side; one is killed in the middle of its work and another takes its place."""
    asking.start()
    victim = asking.start()
    asking.go()
    for _ in range(kills):
        turns = f"{victim.pid} begin"
        until(partial(lambda turns: asking.said(turns) >= 40, turns), "it has had no turns")
        victim.kill()
        victim.wait(PATIENCE)
        victim = asking.start()
    asking.wait()
    assert all(process.returncode in (0, -9) for process in asking.processes)
    return asking.requests()


@pytest.mark.parametrize("settings", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)], indirect=True)
def test_two_processes_and_a_kill_keep_the_pace_of_every_host(settings: WorkerSettings, tmp_path: Path) -> None:
    log = ask_with_a_kill(Asking(settings, tmp_path / "log", rounds=2), kills=1)
    assert len(log) >= 2 * 2 * 6 * 40
    assert violations(log, delay=0.01) == []


def test_without_the_register_two_processes_do_not_keep_the_pace(settings: WorkerSettings, tmp_path: Path) -> None:
    log = ask_with_a_kill(Asking(settings, tmp_path / "log", shared=False), kills=1)
    assert len(violations(log, delay=0.01)) > 10


@pytest.mark.slow
@pytest.mark.parametrize("concurrency", [1, pytest.param(3, marks=pytest.mark.chaos)])
def test_ten_thousand_requests_by_dying_processes_keep_the_pace(
    settings: WorkerSettings, tmp_path: Path, concurrency: int
) -> None:
    log = ask_with_a_kill(Asking(settings, tmp_path / "log", rounds=22, delay=0.005, concurrency=concurrency), kills=4)
    print(f"{len(log)} requests, {len({one.host for one in log})} hosts, 4 kills")
    assert len(log) >= 10_000
    assert violations(log, delay=0.005, concurrency=concurrency) == []


def test_a_delay_that_a_killed_process_owed_is_kept_by_the_next_one(settings: WorkerSettings, tmp_path: Path) -> None:
    asking = Asking(settings, tmp_path / "log", hosts=HOSTS[:1], asked=0.5, visits=1, requests=3)
    victim = asking.start()
    asking.go()
    until(lambda: asking.said("begin") > 0, "it has had no turn")
    victim.kill()
    asking.start()
    asking.wait()
    log = asking.requests()
    assert len(log) >= 4
    assert violations(log, delay=0.5) == []


def test_a_visit_costs_two_transactions_however_much_it_asks(engine: Engine) -> None:
    writes: list[str] = []
    begun: list[Connection] = []

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        begun.append(connection)

    @event.listens_for(engine, "before_cursor_execute")
    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        writes.append(statement)

    async def main() -> None:
        store = StorageThread()
        shared = SharedHosts(engine, store, owner=owner(), pause=0.0, clock=utc_now)
        gate = Gate(Hosts(shared), delay=0.0, concurrency=1)
        for _ in range(200):
            async with gate.turn(HOSTS[0], 0.0):
                gate.sent(HOSTS[0])
        await gate.close()
        await shared.close()
        store.close()

    asyncio.run(main())
    assert len(begun) == 2
    changes = [words[0] for statement in writes if (words := statement.split(maxsplit=1))]
    assert [word for word in changes if word in ("INSERT", "UPDATE", "DELETE")] == ["INSERT", "UPDATE", "UPDATE"]


def test_a_database_that_is_away_is_said_once_by_who_holds_hosts(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(hosts, "LOOK_EVERY", 0.0)
    answers = [DatabaseError("is away")] * 3 + [None] + [DatabaseError("is away")]

    async def store(*_: object, **__: object) -> list[str]:
        answer = answers.pop(0)
        if not answers:
            shared._until.clear()
        if answer is not None:
            raise answer
        return []

    shared = SharedHosts(engine, cast(StorageThread, store), owner=owner(), pause=0.0, clock=utc_now)
    shared._until[HOSTS[0]] = float("inf")
    with caplog.at_level(logging.WARNING):
        asyncio.run(shared._keep())
    assert caplog.messages == ["hosts.not-renewed: is away"] * 2
