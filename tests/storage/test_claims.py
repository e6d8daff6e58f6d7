"""A claim begins the visit in its own transaction, which need not outlast the machine; and how SQLite keeps times."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import StatementError

from storage import leases, sites
from storage.engine import holding, reading, writing
from storage.leases import Lease
from storage.ledger import Ledger
from storage.open_visit import OpenVisit
from storage.tables import visits

NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
TTL = timedelta(minutes=1)


def claim(engine: Engine, site_id: int, owner: str = "one") -> tuple[Lease, OpenVisit] | None:
    return Ledger(engine).claim(site_id, owner=owner, now=NOW, ttl=TTL, dead=lambda owner: False, only_if_due=False)


@pytest.fixture
def site_id(engine: Engine) -> int:
    return sites.add(engine, name="acme", start_url="https://acme.example/", every=None, now=NOW).id


@pytest.fixture
def sqlite_engine(sqlite_template: Path, tmp_path: Path, opening: Callable[[str], Engine]) -> Engine:
    return opening(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'hirewatch.sqlite')}")


def visits_begun(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(visits)).scalar_one()


def test_a_claim_gives_the_lease_and_the_visit_that_it_begins(engine: Engine, site_id: int) -> None:
    claimed = claim(engine, site_id)
    assert claimed is not None
    lease, visit = claimed
    assert (lease.until, visit.started_at, visit.fence) == (NOW + TTL, NOW, lease.fence)
    assert visit.site == sites.find(engine, "acme")
    assert visit.baseline
    assert visits_begun(engine) == 1
    # the lease is one like any other
    assert leases.renew(engine, lease, NOW, 2 * TTL).until == NOW + 2 * TTL


def test_a_site_that_is_being_visited_begins_no_second_visit(engine: Engine, site_id: int) -> None:
    assert claim(engine, site_id) is not None
    assert claim(engine, site_id, owner="another") is None
    assert visits_begun(engine) == 1


def test_only_what_ends_with_the_machine_does_not_wait_for_the_disk(sqlite_engine: Engine) -> None:
    found = []
    for kind in (writing, holding, writing):
        with kind(sqlite_engine) as connection:
            found.append(connection.exec_driver_sql("PRAGMA synchronous").scalar_one())
    # FULL, NORMAL, FULL (https://www.sqlite.org/pragma.html#pragma_synchronous)
    assert found == [2, 1, 2]


def test_a_time_is_kept_as_text_in_utc_to_the_microsecond(sqlite_engine: Engine) -> None:
    at = datetime(2026, 11, 3, 10, 0, 0, 7, tzinfo=timezone(timedelta(hours=1)))
    sites.add(sqlite_engine, name="acme", start_url="https://acme.example/", every=None, now=at)
    assert sites.find(sqlite_engine, "acme").added_at == at
    with reading(sqlite_engine) as connection:
        # the same for all, as they are compared as texts
        assert connection.exec_driver_sql("SELECT added_at FROM sites").scalar_one() == "2026-11-03 09:00:00.000007"


def test_a_time_without_a_zone_is_refused(engine: Engine) -> None:
    with pytest.raises(StatementError, match="a time without a zone"):
        leases.due(engine, datetime(2026, 11, 3, 9, 0), 1)
