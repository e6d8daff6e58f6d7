"""A process that is killed while it changes the schema leaves the database as it was, and the next one ends the
work."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect

from storage.engine import connect, reading
from storage.schema import upgrade
from storage.tables import metadata
from tests.chaos import checker
from tests.postgres import PostgresServer

ROOT = Path(__file__).parents[2]

#: upgrades the database of each line "STEP URL" and kills itself before that statement or commit
NURSERY = """
import os, signal, sys
import alembic.command
from sqlalchemy import event
from storage.engine import connect
from storage.schema import upgrade

for line in sys.stdin:
    step, url = line.strip().split(" ", 1)
    child = os.fork()
    if child == 0:
        engine, left = connect(url), [int(step)]
        def at(*_):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        def statement(connection, cursor, words, *_):
            if words.lstrip().upper().startswith(("CREATE", "ALTER", "INSERT", "UPDATE")):
                at()
        def commit(connection):
            if not connection.get_execution_options().get("readonly"):
                at()
        event.listen(engine, "before_cursor_execute", statement)
        event.listen(engine, "commit", commit)
        upgrade(engine)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def made(engine: Engine) -> set[str]:
    with reading(engine) as connection:
        return set(inspect(connection).get_table_names())


def killed_at_each(urls: list[str], every: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Kills at the first step, `every` so many steps later …, until an upgrade gets through."""
    kills = 0
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", NURSERY],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as nursery:
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        for step, url in zip(itertools.count(1, every), itertools.cycle(urls)):
            nursery.stdin.write(f"{step} {url.format(step=step)}\n")
            nursery.stdin.flush()
            ended = int(nursery.stdout.readline())
            engine = connect(url.format(step=step))
            if ended == 0:
                assert made(engine) >= {*metadata.tables, "alembic_version"}
                engine.dispose()
                break
            assert ended == -signal.SIGKILL
            kills += 1
            assert made(engine) == set(), f"killed at step {step}"
            if "{step}" in url:
                upgrade(engine)
                assert checker.violations(engine) == []
            engine.dispose()
        nursery.stdin.close()
    assert kills > 3
    with capsys.disabled():
        print(f"\nkilled at {kills} of {step} steps of an upgrade: each time nothing of it was left")


def test_a_death_in_an_upgrade_of_sqlite_leaves_nothing_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    killed_at_each([f"sqlite:///{tmp_path}/{{step}}.db"], 12, capsys)


def test_a_death_in_an_upgrade_of_postgresql_leaves_nothing_of_it(
    postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    # the same database again and again: a death leaves it empty
    killed_at_each([postgres_url], 12, capsys)


@pytest.mark.chaos
@pytest.mark.timeout(1200)
def test_a_death_at_any_step_of_an_upgrade_leaves_nothing_of_it(
    tmp_path: Path, postgres_server: PostgresServer, capsys: pytest.CaptureFixture[str]
) -> None:
    killed_at_each([f"sqlite:///{tmp_path}/{{step}}.db"], 1, capsys)
    killed_at_each([postgres_server.url(postgres_server.create())], 1, capsys)
