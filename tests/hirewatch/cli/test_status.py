"""`hirewatch status`: how fresh events are, and what would make them fresher."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from storage import sites
from tests.storage.watching import Watch, a_job


@pytest.fixture
def fresh(watch: Watch) -> Watch:
    """Two postings appeared, the one within 6 hours at most, the other within 12."""
    watch.now = datetime.now(UTC) - timedelta(hours=19)
    watch.visit()
    watch.pages["/jobs/200"] = a_job("Baker")
    watch.later(hours=6).visit()
    watch.pages["/jobs/201"] = a_job("Cook")
    watch.later(hours=12).visit()
    return watch


def test_it_tells_how_fresh_the_events_of_a_site_and_of_all_are(
    command_line: Callable[..., int], capsys: pytest.CaptureFixture[str], fresh: Watch
) -> None:
    assert command_line("status") == 0
    said = capsys.readouterr()
    heading, line = said.out.splitlines()
    assert "FRESH" in heading
    assert "6 h / 12 h" in line
    assert "half of what appeared in 30 days (2) was recorded within 6 h at most, 95 of 100 within 12 h." in said.err


def test_a_site_where_nothing_has_appeared_has_no_figures(
    command_line: Callable[..., int], capsys: pytest.CaptureFixture[str], watch: Watch
) -> None:
    command_line("status", "--json")
    (site,) = json.loads(capsys.readouterr().out)
    assert (site["freshness"], site["freshness_over_all"]) == (None, None)


def test_it_tells_what_would_make_a_site_fresher(
    command_line: Callable[..., int], capsys: pytest.CaptureFixture[str], fresh: Watch
) -> None:
    sites.set_every(fresh.engine, fresh.site.id, timedelta(days=3), now=fresh.now)
    assert command_line("status") == 0
    assert "Fresher: acme: visited every 3 d by its own interval: `auto` would do so every " in capsys.readouterr().err


def test_the_same_as_json(command_line: Callable[..., int], capsys: pytest.CaptureFixture[str], fresh: Watch) -> None:
    sites.set_every(fresh.engine, fresh.site.id, timedelta(days=3), now=fresh.now)
    assert command_line("status", "--json") == 0
    (site,) = json.loads(capsys.readouterr().out)
    assert site["freshness"] == {"count": 2, "p50_seconds": 6 * 3600, "p95_seconds": 12 * 3600}
    assert site["freshness_over_all"] == site["freshness"]
    (fresher,) = site["fresher"]
    assert fresher.startswith("visited every 3 d by its own interval")
