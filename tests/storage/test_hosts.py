"""The row of a host: who has it, who waits, and what is left behind by whoever was killed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from postings.hosts import Host
from storage import hosts
from storage.engine import connect
from storage.schema import upgrade

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
TTL = timedelta(seconds=90)
NAME = "api.example"


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path / 'x.sqlite'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    engine = connect(url)
    upgrade(engine)
    yield engine
    engine.dispose()


def take(
    engine: Engine, owner: str, *, at: float = 0.0, dead: frozenset[str] = frozenset(), delay: float | None = None
) -> Host | None:
    return hosts.take(
        engine, NAME, owner=owner, now=NOW + timedelta(seconds=at), ttl=TTL, pause=1.0, delay=delay,
        dead=dead.__contains__,
    )  # fmt: skip


def test_a_host_has_one_process_at_a_time(engine: Engine) -> None:
    assert take(engine, "one") == Host()
    assert take(engine, "other", at=1) is None
    assert take(engine, "one", at=1) == Host()


def test_how_a_host_stands_passes_to_the_next_process(engine: Engine) -> None:
    take(engine, "one")
    standing = Host(
        next_at=NOW + timedelta(seconds=5),
        delay=2.5,
        failures=3,
        failed_at=NOW,
        rests_until=NOW + timedelta(minutes=10),
        reason="answered 503",
        wished=True,
    )
    hosts.give(engine, {NAME: standing}, owner="one")
    assert take(engine, "other", at=1) == standing
    assert hosts.resting(engine, NOW) == {NAME: standing}
    assert hosts.resting(engine, NOW + timedelta(minutes=10)) == {}


@pytest.mark.parametrize(("delay", "owed"), [(None, 1.0), (20.0, 20.0)])
def test_after_a_killed_process_the_whole_pause_is_kept(engine: Engine, delay: float | None, owed: float) -> None:
    take(engine, "one", delay=delay)
    taken = take(engine, "other", at=3, dead=frozenset({"one"}))
    assert taken is not None
    assert taken.next_at == NOW + timedelta(seconds=3 + owed)


@pytest.mark.parametrize(("left", "waits"), [(59, 59), (2 * 86_400, 60)])
def test_a_clock_that_is_set_back_makes_nobody_wait_longer_than_a_pause(
    engine: Engine, left: float, waits: float
) -> None:
    take(engine, "one")
    hosts.give(engine, {NAME: Host(next_at=NOW + timedelta(seconds=left))}, owner="one")
    taken = take(engine, "other")
    assert taken is not None
    assert taken.next_at == NOW + timedelta(seconds=waits)


def test_what_a_lost_process_had_is_free_when_its_time_is_over(engine: Engine) -> None:
    take(engine, "one")
    assert take(engine, "other", at=89) is None
    assert take(engine, "other", at=90) is not None


def test_what_was_taken_over_is_not_given_back_by_who_had_it(engine: Engine) -> None:
    take(engine, "one")
    take(engine, "other", at=91)
    hosts.give(engine, {NAME: Host(failures=9)}, owner="one")
    assert hosts.renew(engine, [NAME], owner="one", now=NOW, ttl=TTL) == []
    assert take(engine, "third", at=92) is None


def test_renewing_keeps_a_host(engine: Engine) -> None:
    take(engine, "one")
    assert hosts.renew(engine, [NAME], owner="one", now=NOW + timedelta(seconds=60), ttl=TTL) == [NAME]
    assert take(engine, "other", at=100) is None


def test_who_waits_is_heard_of_and_comes_before_who_had_it(engine: Engine) -> None:
    take(engine, "one")
    assert hosts.wanted(engine, owner="one", now=NOW) == []
    take(engine, "other", at=1)
    now = NOW + timedelta(seconds=2)
    assert hosts.wanted(engine, owner="one", now=now) == [NAME]
    hosts.give(engine, {NAME: Host()}, owner="one")
    assert not hosts.is_free(engine, NAME, owner="one", now=now, dead=lambda owner: False)
    assert take(engine, "one", at=2) is None
    assert hosts.is_free(engine, NAME, owner="other", now=now, dead=lambda owner: False)
    assert take(engine, "other", at=2) is not None


def test_who_stopped_waiting_holds_nobody_up(engine: Engine) -> None:
    take(engine, "one")
    take(engine, "other", at=1)
    hosts.give(engine, {NAME: Host()}, owner="one")
    assert take(engine, "one", at=1 + hosts.WANTED_FOR.total_seconds()) is not None


def test_a_host_that_was_only_being_taken_is_free_as_it_was(engine: Engine) -> None:
    take(engine, "one")
    hosts.free(engine, NAME, owner="other")
    assert take(engine, "other", at=1) is None
    hosts.free(engine, NAME, owner="one")
    assert take(engine, "other", at=1) == Host()
