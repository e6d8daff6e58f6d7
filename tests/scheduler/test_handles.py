"""A service that may open no more files says so, loses nothing, and goes on by itself once it may."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from postings.visits import Outcome
from scheduler.protocol import WorkerSettings
from storage import sites, visits
from tests.chaos import checker
from tests.scheduler.processes import ServiceUnderTest, children, until
from tests.sites.scripted import ScriptedSite


@pytest.fixture
def service(settings: WorkerSettings, tmp_path: Path) -> Iterator[ServiceUnderTest]:
    service = ServiceUnderTest(settings, tmp_path / "said")
    yield service
    service.close()


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    return [pid, *(one for child in children(pid) for one in family(child))]


def allow(pid: int, files: int) -> None:
    for one in family(pid):
        _, hard = resource.prlimit(one, resource.RLIMIT_NOFILE)
        resource.prlimit(one, resource.RLIMIT_NOFILE, (min(files, hard), hard))


def outcomes(engine: Engine) -> list[Outcome | None]:
    """Of the visits that have ended, the oldest first."""
    return [visit.outcome for visit in reversed(visits.recent(engine, None, 50)) if visit.ended_at]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_service_that_may_open_no_more_files_goes_on_once_it_may(
    engine: Engine, site: ScriptedSite, service: ServiceUnderTest
) -> None:
    now = datetime.now(UTC)
    watched = sites.add(engine, name="acme", start_url=site.url, every=None, now=now)
    service.says("acme: complete")
    site.open_many(2)

    allow(service.process.pid, 3)
    sites.request_visit(engine, watched.id, datetime.now(UTC))
    until(lambda: "oo many open files" in service.said.read_text(), "it never said what is missing", patience=60)
    allow(service.process.pid, 1024)
    sites.request_visit(engine, watched.id, datetime.now(UTC))
    until(lambda: outcomes(engine)[1:].count(Outcome.COMPLETE) > 0, "no visit was complete afterwards", patience=120)

    assert service.process.poll() is None
    assert "Traceback" not in service.said.read_text()
    assert checker.violations(engine) == []
