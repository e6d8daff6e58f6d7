"""What every test can ask for: career sites on loopback, database servers, and a run in which nothing skips."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.mariadb import mariadb_database, mariadb_server
from tests.nats import nats_server
from tests.postgres import postgres_server, postgres_url
from tests.redis import redis_server
from tests.sites.scripted import ScriptedSite

__all__ = ["mariadb_database", "mariadb_server", "nats_server", "postgres_server", "postgres_url", "redis_server"]

# a slow machine is no counterexample, and a commit is not judged by luck; `HYPOTHESIS_PROFILE=thorough` looks
# elsewhere, and ten times as hard
settings.register_profile("default", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", settings.get_profile("default"), max_examples=1_000, derandomize=False)
# `make mutants` runs tests again and again in one process, and needs no smallest counterexample
settings.register_profile(
    "mutants",
    settings.get_profile("default"),
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--no-skips", action="store_true", help="a test that skips fails the run: what it needs is missing"
    )


def pytest_configure(config: pytest.Config) -> None:
    # the settings of the person who runs the tests are no part of them
    for name in [name for name in os.environ if name.startswith("HIREWATCH_")]:
        del os.environ[name]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    # pages of others cannot be shipped with the tests, and no machine can bring them by itself
    required = item.config.getoption("--no-skips") and item.get_closest_marker("real_pages") is None
    if report.skipped and required and not hasattr(report, "wasxfail"):
        where = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may skip: {where}"
    return report


@pytest.fixture
def sites() -> Iterator[Callable[..., ScriptedSite]]:
    """Starts career sites, each on a loopback address of its own; takes what `ScriptedSite` takes."""
    started: list[ScriptedSite] = []

    def start(*arguments: int, **options: Any) -> ScriptedSite:
        started.append(ScriptedSite(*arguments, **options).start())
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.fixture
def site(sites: Callable[..., ScriptedSite]) -> ScriptedSite:
    """A career site of twelve jobs, found by its sitemap and its list pages."""
    return sites()
