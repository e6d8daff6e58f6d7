"""`hirewatch status`: how fresh events are, and what would make them fresher."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from hirewatch.cli import status
from storage import site_settings
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
    with site_settings.changing(fresh.engine, fresh.site.id) as change:
        change.set_every(timedelta(days=3), now=fresh.now)
    assert command_line("status") == 0
    assert "Fresher: acme: visited every 3 d by its own interval: `auto` would do so every " in capsys.readouterr().err


def test_the_same_as_json(command_line: Callable[..., int], capsys: pytest.CaptureFixture[str], fresh: Watch) -> None:
    with site_settings.changing(fresh.engine, fresh.site.id) as change:
        change.set_every(timedelta(days=3), now=fresh.now)
    assert command_line("status", "--json") == 0
    (site,) = json.loads(capsys.readouterr().out)
    assert site["freshness"] == {"count": 2, "p50_seconds": 6 * 3600, "p95_seconds": 12 * 3600}
    assert site["freshness_over_all"] == site["freshness"]
    (fresher,) = site["fresher"]
    assert fresher.startswith("visited every 3 d by its own interval")


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> Watch:
    """Three sites, which are many here; `bad` and `worse` need a person, and one of them may be shown."""
    monkeypatch.setattr(status, "MANY", 2)
    monkeypatch.setattr(status, "_MOST_NEEDING", 1)
    for name in ("bad", "worse"):
        Watch(watch.engine, name=name, host=f"{name}.example").visit(
            start_status=503, whole=False, cut_short="answered 503"
        )
    return watch


def test_of_very_many_sites_those_that_need_a_person_are_shown_and_all_are_counted(
    command_line: Callable[..., int], capsys: pytest.CaptureFixture[str], many: Watch
) -> None:
    assert command_line("status") == 1
    said = capsys.readouterr()
    assert [line.split()[0] for line in said.out.splitlines()] == ["SITE", "bad"]
    assert "3 sites: 2 need you, 2 had no complete visit yet; 10 open postings." in said.err
    assert "and 1 more that need you:  hirewatch status --all" in said.err
    assert "bad needs you: the last visit failed" in said.err


@pytest.mark.parametrize("arguments", [("--all",), ("--json",)])
def test_all_of_very_many_sites_are_shown_to_who_asks_for_them(
    command_line: Callable[..., int], capsys: pytest.CaptureFixture[str], many: Watch, arguments: tuple[str, ...]
) -> None:
    assert command_line("status", *arguments) == 1
    said = capsys.readouterr().out
    if arguments == ("--json",):
        assert [site["site"] for site in json.loads(said)] == ["acme", "bad", "worse"]
    else:
        assert [line.split()[0] for line in said.splitlines()] == ["SITE", "acme", "bad", "worse"]


def test_no_site_as_json_is_an_empty_list(command_line: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line("status", "--json") == 0
    assert json.loads(capsys.readouterr().out) == []
    assert command_line("sites", "list", "--json") == 0
    assert json.loads(capsys.readouterr().out) == []
