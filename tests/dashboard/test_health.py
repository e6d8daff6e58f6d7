"""Whether the service is ready, and if not, why."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from dashboard.readiness import BEAT_LIMIT, judge_beat
from storage.engine import connect, writing
from storage.schema import upgrade
from tests.dashboard.conftest import Board
from tests.dashboard.web import browsing
from tests.postgres import PostgresServer


def test_a_process_that_answers_is_alive_whatever_else_is_wrong(board: Board) -> None:
    with browsing(board.app()) as client:
        assert client.get("/health/ready").status_code == 503
        assert client.get("/health/live").status_code == 200
        assert client.head("/health/live").status_code == 200


def test_it_is_ready_once_the_scheduler_has_ticked_and_says_when_it_does_no_more(board: Board) -> None:
    with browsing(board.app()) as client:
        before = client.get("/health/ready")
        board.counters.ticked("visits", 0.01, False)
        ready = client.get("/health/ready")
        board.seconds += BEAT_LIMIT + 1
        board.counters.ticked("visits", 0.01, True)
        stuck = client.get("/health/ready")
    assert before.json() == {"ready": False, "problems": {"scheduler": "has not begun"}}
    assert (ready.status_code, ready.json()) == (200, {"ready": True, "problems": {}})
    assert stuck.status_code == 503
    assert stuck.json()["problems"] == {"scheduler": "has not done its work for 31 s"}


def test_it_is_not_ready_while_no_worker_can_be_kept_running(board: Board) -> None:
    board.counters.ticked("visits", 0.01, False)
    with browsing(board.app()) as client:
        board.counters.staffed(failing=True)
        without = client.get("/health/ready")
        board.counters.staffed(failing=False)
        with_one = client.get("/health/ready")
    assert without.status_code == 503
    assert without.json()["problems"] == {"workers": "end soon after each start; the log says why"}
    assert with_one.status_code == 200


@pytest.mark.parametrize(("seconds", "good"), [(None, False), (0.0, True), (BEAT_LIMIT, True), (BEAT_LIMIT + 1, False)])
def test_a_beat_is_judged_by_its_age(seconds: float | None, good: bool) -> None:
    assert (judge_beat(seconds) is None) is good


def test_another_schema_is_not_ours_to_serve(board: Board, engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    board.counters.ticked("visits", 0.01, False)
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    with browsing(board.app()) as client:
        old = client.get("/health/ready")
        with writing(engine) as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        new = client.get("/health/ready")
    assert old.json()["problems"] == {"database": "has another schema than this version of hirewatch needs"}
    assert new.json()["problems"] == {"database": "cannot be used; the log says why"}
    assert "newer hirewatch" in caplog.text


def test_readiness_follows_the_database_when_it_goes_away_and_comes_back(postgres_server: PostgresServer) -> None:
    name = postgres_server.create()
    engine = connect(postgres_server.url(name))
    try:
        upgrade(engine)
        board = Board(engine)
        board.counters.ticked("visits", 0.01, False)
        with browsing(board.app()) as client:
            assert client.get("/health/ready").status_code == 200
            postgres_server.sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            postgres_server.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
            away, metrics = client.get("/health/ready"), client.get("/metrics")
            postgres_server.sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
            back = client.get("/health/ready")
    finally:
        engine.dispose()
        postgres_server.drop(name)
    assert away.status_code == 503
    assert away.json()["problems"] == {"database": "cannot be used; the log says why"}
    assert str(postgres_server.folder) not in away.text
    assert "hirewatch_database_up 0.0" in metrics.text
    assert back.status_code == 200


def test_a_database_that_hangs_makes_it_not_ready_in_time_and_holds_up_nothing_else(
    board: Board, engine: Engine, tmp_path: Path
) -> None:
    board.counters.ticked("visits", 0.01, False)
    released = threading.Event()

    def hang(_connection: object) -> None:
        released.wait(30)

    from sqlalchemy import event

    event.listen(engine, "begin", hang)
    try:
        with browsing(board.app()) as client:
            answers = [client.get("/health/ready") for _ in range(2)]
            assert client.get("/health/live").status_code == 200
            waiting = sum(thread.name == "probe" for thread in threading.enumerate())
            released.set()
            event.remove(engine, "begin", hang)
            # the call that hung ends, and another one is made
            for _ in range(100):
                if client.get("/health/ready").status_code == 200:
                    break
            else:
                raise AssertionError("never ready again")
    finally:
        released.set()
    assert [answer.json()["problems"] for answer in answers] == [{"database": "has not answered within 1 s"}] * 2
    assert waiting == 1
