"""A person says when a site is visited, and is told how it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from hirewatch.cli import cadence
from postings import rhythm as rhythms
from postings.rhythm import Rhythm
from postings.sites import Site
from scheduler.cadence import BOUNDS, HOUSE
from storage import budget, sites, tables
from storage.budget import House
from tests.storage.watching import Watch

Run = Callable[..., int]
Said = pytest.CaptureFixture[str]

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")


def document(command_line: Run, capsys: Said, *arguments: str) -> Any:
    capsys.readouterr()
    assert command_line(*arguments, "--json") == 0
    return json.loads(capsys.readouterr().out)


def refused(command_line: Run, capsys: Said, *arguments: str) -> str:
    capsys.readouterr()
    assert command_line(*arguments) == 2
    return capsys.readouterr().err


def watched(rhythm: Rhythm | None = None, **more: Any) -> Site:
    return Site(
        id=1,
        name="acme",
        start_url="https://acme.example/",
        host_key="acme.example",
        added_at=NOW,
        rhythm=rhythm or Rhythm(),
        **more,
    )


def office_hours() -> Rhythm:
    """A site that has opened a posting at 9, 11, 14 and 16 o'clock in Berlin on working days, for six weeks."""
    began = datetime(2026, 10, 5, tzinfo=UTC)
    rhythm = rhythms.begin(Rhythm(), began=began, open_now=20, requests=4)
    for hour in range(1, 6 * 168 + 1):
        local = (hour - 1) % 168 + 1
        news = 1 if local < 120 and local % 24 in (9, 11, 14, 16) else 0
        rhythm = rhythms.observe(rhythm, began=began + timedelta(hours=hour), news=news, requests=4)
    return rhythm


def words(site: Site) -> str:
    return cadence.in_words(site, bounds=BOUNDS, house=HOUSE, now=NOW)


class TestWords:
    def test_what_was_learnt_is_told_with_its_hours(self) -> None:
        told = words(watched(office_hours()))
        assert told.startswith("auto: about every ")
        assert " on weekdays 9-17, else " in told
        assert told.endswith("; 2.7 new a day; 4 requests a visit")

    def test_busy_hours_are_visited_more_often_than_others(self) -> None:
        told = words(watched(office_hours()))
        inside, outside = told.partition(" on ")[0].split()[-2:], told.partition("else ")[2].partition(";")[0].split()
        assert outside[1] == "h"
        assert float(inside[0]) / (60 if inside[1] == "min" else 1) < float(outside[0])

    def test_a_site_of_which_nothing_is_known_has_no_hours(self) -> None:
        assert words(watched()) == "auto: about every 8.2 h"

    def test_other_cadences_are_told_as_they_were_set(self) -> None:
        assert words(watched(every=timedelta(hours=6))) == "every 6 h"
        told = words(watched(cron="0 7 * * 1-5", zone="Europe/Berlin"))
        assert told.startswith("by cron: At 07:00")
        assert told.endswith("(Europe/Berlin)")

    def test_a_budget_that_does_not_suffice_says_so(self) -> None:
        told = words(watched(office_hours(), requests_a_day=2))
        assert told.endswith("at most 2 requests a day, too few for a visit every 24 h")
        assert words(watched(office_hours(), requests_a_day=500)).endswith("at most 500 requests a day")

    def test_a_line_that_cannot_be_read_any_more_is_told(self) -> None:
        assert "cannot be read any more" in words(watched(cron="0 7 * * *", zone="Europe/Atlantis"))


class TestAdd:
    def test_a_cron_line_is_kept_with_its_zone(self, command_line: Run, capsys: Said) -> None:
        arguments = (
            "add",
            "https://acme.example/",
            "--no-visit",
            "--cron",
            "0 7 * * 1-5",
            "--zone",
            "America/New_York",
        )
        added = document(command_line, capsys, *arguments)
        assert (added["every"], added["cron"], added["zone"]) == (None, "0 7 * * 1-5", "America/New_York")

    def test_without_a_zone_it_is_meant_in_that_of_the_machine(self, command_line: Run, capsys: Said) -> None:
        added = document(command_line, capsys, "add", "https://acme.example/", "--no-visit", "--cron", "0 7 * * 1-5")
        assert added["zone"] == "Europe/Berlin"

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (("--cron", "0 7 * *"), "4 fields"),
            (("--cron", "0 25 * * *"), "hour"),
            (("--cron", "0 7 * * *", "--zone", "Berlin"), "no time zone"),
            (("--cron", "0 7 * * *", "--every", "6h"), "exclude each other"),
            (("--zone", "Europe/Berlin"), 'say --cron "LINE" too'),
            (("--cron", "0 7 * * *", "--zone", ""), "--zone: is empty"),
            (("--zone", " "), "--zone: is empty"),
            (("--cron", "0 0 31 2 *"), "never fires"),
            (("--every", "soon"), "no interval"),
        ],
    )
    def test_what_is_wrong_is_named(self, command_line: Run, capsys: Said, options: tuple[str, ...], said: str) -> None:
        assert said in refused(command_line, capsys, "add", "https://acme.example/", "--no-visit", *options)


class TestSet:
    def test_each_cadence_takes_the_place_of_the_one_before(
        self, watch: Watch, command_line: Run, capsys: Said
    ) -> None:
        shown = document(command_line, capsys, "sites", "set", "acme", "--cron", "0 7 * * 1", "--zone", "UTC")
        assert (shown["cron"], shown["zone"], shown["next_visit_at"][11:16]) == ("0 7 * * 1", "UTC", "07:00")
        shown = document(command_line, capsys, "sites", "set", "acme", "--zone", "Asia/Tokyo")
        assert (shown["cron"], shown["zone"], shown["next_visit_at"][11:16]) == ("0 7 * * 1", "Asia/Tokyo", "22:00")
        shown = document(command_line, capsys, "sites", "set", "acme", "--every", "2h")
        assert (shown["every"], shown["cron"], shown["zone"]) == (7200, None, None)
        shown = document(command_line, capsys, "sites", "set", "acme", "--every", "auto")
        assert (shown["every"], shown["cron"]) == (None, None)

    def test_a_shorter_interval_counts_at_once(self, watch: Watch, command_line: Run, capsys: Said) -> None:
        site = watch.current()
        far = datetime.now(UTC) + timedelta(days=20)
        with watch.engine.begin() as connection:
            connection.execute(update(tables.sites).values(next_visit_at=far))
        document(command_line, capsys, "sites", "set", "acme", "--every", "2h")
        after = sites.find(watch.engine, site.name).next_visit_at
        assert after is not None
        assert after < datetime.now(UTC) + timedelta(hours=2, minutes=1)

    def test_a_paused_site_stays_paused(self, watch: Watch, command_line: Run, capsys: Said) -> None:
        assert command_line("sites", "pause", "acme") == 0
        for options in (("--cron", "0 7 * * 1"), ("--every", "1h")):
            shown = document(command_line, capsys, "sites", "set", "acme", *options)
            assert shown["next_visit_at"] is None

    def test_a_budget_is_set_and_lifted(self, watch: Watch, command_line: Run, capsys: Said) -> None:
        shown = document(command_line, capsys, "sites", "set", "acme", "--requests-a-day", "500")
        assert shown["requests_a_day"] == 500
        shown = document(command_line, capsys, "sites", "set", "acme", "--requests-a-day", "none")
        assert shown["requests_a_day"] is None

    @pytest.mark.parametrize("number", ["0", "-5", "many", "1.5", "99999999999"])
    def test_a_budget_that_is_no_number_is_refused(
        self, watch: Watch, command_line: Run, capsys: Said, number: str
    ) -> None:
        said = refused(command_line, capsys, "sites", "set", "acme", "--requests-a-day", number)
        assert "none for no limit" in said


class TestShow:
    def test_the_cadence_is_told_to_people_and_programs(self, watch: Watch, command_line: Run, capsys: Said) -> None:
        for _ in range(4):
            watch.later(hours=6).visit(unchanged=watch.pages)
        shown = document(command_line, capsys, "sites", "show", "acme")["cadence"]
        assert shown["mode"] == "auto"
        assert shown["watched_days"] == pytest.approx(1, abs=0.02)
        assert shown["requests_a_visit"] == pytest.approx(11, abs=1)
        assert len(shown["hours"]) == 168
        capsys.readouterr()
        assert command_line("sites", "show", "acme") == 0
        assert f"visited      {shown['in_words']}; next visit" in capsys.readouterr().out

    def test_the_list_names_each_cadence(self, watch: Watch, command_line: Run, capsys: Said) -> None:
        assert command_line("sites", "set", "acme", "--cron", "0 7 * * 1-5") == 0
        capsys.readouterr()
        assert command_line("sites", "list") == 0
        assert "cron 0 7 * * 1-5" in capsys.readouterr().out


class TestDoctor:
    def test_budgets_that_do_not_suffice_are_named(
        self, watch: Watch, command_line: Run, capsys: Said, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        found = {one["check"]: one for one in document(command_line, capsys, "doctor")}
        assert found["cadence"]["verdict"] == "ok"
        assert command_line("sites", "set", "acme", "--requests-a-day", "2") == 0
        found = {one["check"]: one for one in document(command_line, capsys, "doctor")}
        assert found["cadence"]["verdict"] == "warning"
        assert "acme" in found["cadence"]["found"]
        assert "sites set acme --requests-a-day N" in found["cadence"]["remedy"]
        assert command_line("sites", "set", "acme", "--requests-a-day", "none") == 0
        budget.settle(watch.engine, House(stretch=3.0))
        monkeypatch.setenv("HIREWATCH_CADENCE__REQUESTS_A_DAY", "100")
        found = {one["check"]: one for one in document(command_line, capsys, "doctor")}
        assert "100 requests a day are too few" in found["cadence"]["found"]
