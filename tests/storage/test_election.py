"""Which service schedules: one at a time, whatever becomes of its session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Engine

from storage.election import Candidate
from storage.engine import connect, reading
from storage.outlet_locks import sole_sender


@pytest.fixture
def engine(postgres_url: str) -> Iterator[Engine]:
    engine = connect(postgres_url)
    yield engine
    engine.dispose()


@pytest.fixture
def candidate(engine: Engine) -> Iterator[Callable[[], Candidate]]:
    started: list[Candidate] = []

    def stand() -> Candidate:
        started.append(Candidate(engine))
        return started[-1]

    yield stand
    for one in started:
        one.resign()


def test_one_of_two_services_is_elected_as_often_as_they_ask(candidate: Callable[[], Candidate]) -> None:
    first, second = candidate(), candidate()

    assert [(first.elected(), second.elected()) for _ in range(3)] == [(True, False)] * 3


def test_the_next_that_asks_is_elected_once_the_first_has_resigned(candidate: Callable[[], Candidate]) -> None:
    first, second = candidate(), candidate()
    assert first.elected()
    first.resign()

    assert second.elected()
    assert not first.elected()


def test_a_service_whose_session_was_ended_finds_that_another_was_elected(
    engine: Engine, candidate: Callable[[], Candidate]
) -> None:
    first, second = candidate(), candidate()
    assert first.elected()
    assert not second.elected()
    end_elected_session(engine)

    assert second.elected()
    assert not first.elected()


def test_a_service_whose_session_was_ended_is_elected_again_where_no_other_asked(
    engine: Engine, candidate: Callable[[], Candidate]
) -> None:
    first = candidate()
    assert first.elected()
    end_elected_session(engine)

    assert first.elected()


def test_the_server_ends_the_session_of_a_service_that_stands_still(
    engine: Engine, candidate: Callable[[], Candidate]
) -> None:
    first = candidate()
    first.elected()
    assert first._session is not None

    assert first._session.execute(text("SHOW idle_session_timeout")).scalar_one() == "15s"


def test_the_lock_of_an_outlet_is_another_one(engine: Engine, candidate: Callable[[], Candidate]) -> None:
    assert candidate().elected()
    with sole_sender(engine, 0x7363_6865) as alone:
        assert alone


def test_every_service_on_an_sqlite_database_schedules(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'hirewatch.sqlite'}")

    assert [Candidate(engine).elected() for _ in range(2)] == [True, True]
    engine.dispose()


def end_elected_session(engine: Engine) -> None:
    """As if the network, or a restart of the server, had ended it."""
    query = text("SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND objid = :key")
    with reading(engine) as connection:
        assert connection.execute(query, {"key": 0x7363_6865}).scalars().all() == [True]
