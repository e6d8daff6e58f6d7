"""A worker process as the service keeps it: what becomes of one that cannot be started, or cannot be understood.

The processes are real; instead of Python a shell script is started, which answers at once.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from random import Random
from typing import Any

import pytest

from delivery.outlets import Context
from scheduler import child
from scheduler.child import WorkerProcess
from scheduler.protocol import Done, Fate, Order, WorkerSettings
from scheduler.service import Service
from tests.delivery.loopback import loopback_context

PATIENCE = 20.0
#: reads its settings, and answers each order
WELL = """while read -r line; do case "$line" in *'"site": 7'*) echo "$ANSWER" ;; esac; done"""


class Played:
    """A worker whose program is a script of the test, and what the service would hear of it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stop = asyncio.Event()
        self.said: list[str] = []
        self.done: list[Done] = []
        self.orphans: list[frozenset[int]] = []
        self.hears: Callable[[str], None] = lambda line: None
        self.answered: Callable[[Done], None] = lambda done: self.stop.set()
        self._program = folder / "worker"
        monkeypatch.setattr(sys, "executable", str(self._program))
        monkeypatch.setattr(child, "BACK_OFF", (0.01, 0.05))
        monkeypatch.setenv("ANSWER", Done(site=7, fate=Fate.NOT_NEEDED).to_json())
        self.worker = WorkerProcess(
            WorkerSettings(database="sqlite://"), done=self._done, died=self._died, say=self._say, rng=Random(1)
        )

    def write(self, program: str) -> None:
        self._program.write_text(f"#!/bin/sh\n{program}\n")
        self._program.chmod(0o755)

    def remove(self) -> None:
        self._program.unlink(missing_ok=True)

    def _say(self, line: str) -> None:
        self.said.append(line)
        self.hears(line)

    def _done(self, done: Done) -> None:
        self.done.append(done)
        self.answered(done)

    def _died(self, sites: frozenset[int]) -> None:
        self.orphans.append(sites)

    async def run(self) -> None:
        """Runs the worker, and orders site 7 of each process, until the test has set `stop`."""
        running = asyncio.ensure_future(self.worker.run(self.stop))
        while not self.stop.is_set() and not running.done():
            if self.worker.pid is not None and not self.worker.in_flight:
                self.worker.submit(Order(7, "acme"))
            await asyncio.sleep(0.005)
        await running


def play(played: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(played(), PATIENCE))


def test_a_worker_that_cannot_be_started_is_tried_again_until_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played = Played(tmp_path, monkeypatch)
    played.hears = lambda line: played.write(WELL) if len(played.said) == 3 else None

    play(played.run)

    assert [line.partition(" in ")[0] for line in played.said] == [
        "no worker process can be started (No such file or directory); trying again"
    ] * 3
    assert [done.site for done in played.done] == [7]


def test_a_worker_that_ends_at_each_start_is_known_to_fail_until_one_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played = Played(tmp_path, monkeypatch)
    failing: list[bool] = []

    def hear(line: str) -> None:
        failing.append(played.worker.failing)
        if len(failing) == 4:
            # it stays, long enough to be trusted
            monkeypatch.setattr(child, "STEADY", 0.0)
            played.write(WELL)

    def answered(done: Done) -> None:
        failing.append(played.worker.failing)
        played.stop.set()

    played.write("exit 3")
    played.hears, played.answered = hear, answered

    play(played.run)

    assert failing == [False, False, True, True, False]


def test_a_machine_without_a_thread_for_one_more_process_costs_a_while_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played = Played(tmp_path, monkeypatch)
    played.write(WELL)
    start = asyncio.create_subprocess_exec
    lacking = iter([RuntimeError("can't start new thread"), BlockingIOError(11, "Resource temporarily unavailable")])

    async def short_of_everything(*arguments: Any, **options: Any) -> asyncio.subprocess.Process:
        for error in lacking:
            raise error
        return await start(*arguments, **options)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", short_of_everything)

    play(played.run)

    assert [line.partition(";")[0] for line in played.said] == [
        "no worker process can be started (there is not enough memory, or no further thread may be started)",
        "no worker process can be started (Resource temporarily unavailable)",
    ]
    assert [done.site for done in played.done] == [7]


@pytest.mark.parametrize(
    "answer",
    ["echo no JSON", """echo '{"site": 7}'""", "head -c 1100000 /dev/zero | tr '\\0' x; echo"],
    ids=["words", "part", "overlong"],
)
def test_a_worker_whose_answer_cannot_be_read_begins_anew_and_its_sites_are_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, answer: str
) -> None:
    played = Played(tmp_path, monkeypatch)
    played.write(WELL.replace('echo "$ANSWER"', answer))
    played.hears = lambda line: played.write(WELL)

    play(played.run)

    assert played.orphans == [frozenset({7})]
    assert [done.site for done in played.done] == [7]
    (logged,) = [record.message for record in caplog.records if record.levelno == logging.ERROR]
    assert logged.startswith("answer.unreadable: ")


def test_an_answer_that_the_service_fails_at_is_logged_and_the_worker_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(done: Done) -> None:
        if len(played.done) > 1:
            played.stop.set()
            return
        raise ZeroDivisionError

    played = Played(tmp_path, monkeypatch)
    played.write(WELL)
    played.answered = fails

    play(played.run)

    assert len(played.done) == 2
    (logged,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert logged.message.startswith("answers.broke")
    assert logged.exc_info is not None
    assert logged.exc_info[0] is ZeroDivisionError


def test_a_service_whose_workers_cannot_be_kept_running_ends_with_the_reason(
    tmp_path: Path, settings: WorkerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    class NobodyListens(Exception):
        pass

    def say(line: str) -> None:
        if "worker" in line:
            raise NobodyListens

    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    context: Context = loopback_context()

    async def serve() -> None:
        stop = asyncio.Event()
        with pytest.raises(RuntimeError, match="cannot go on without its workers") as failed:
            await Service(settings, context=context, say=say).run(stop)
        assert isinstance(failed.value.__cause__, NobodyListens)
        # whatever runs beside it ends too
        assert stop.is_set()

    play(serve)
