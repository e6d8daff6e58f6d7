"""A person says when a site is visited and how many requests that may take, and is told how it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import rich_click as click
from sqlalchemy import update

from hirewatch.cli.timing_options import Requests
from postings.sites import MOST_REQUESTS_A_DAY
from storage import budget, sites, tables
from storage.budget import House
from tests.hirewatch.cli.answers import Run, Said, document, told
from tests.storage.watching import Watch


@pytest.fixture(autouse=True)
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "number"), [("500", 500), ("none", 0), (str(MOST_REQUESTS_A_DAY), MOST_REQUESTS_A_DAY)]
)
def test_a_number_of_requests_is_read_as_people_type_it(text: str, number: int) -> None:
    assert Requests().convert(text, None, None) == number


@pytest.mark.parametrize("text", ["", "0", "000", "-5", "5.5", "many", "٥"])
def test_what_is_no_number_of_requests_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="no number of requests"):
        Requests().convert(text, None, None)


@pytest.mark.parametrize("text", [str(MOST_REQUESTS_A_DAY + 1), "9" * 20, "9" * 5000])
def test_more_requests_than_any_site_answers_are_refused_with_the_most_that_may_be_written(text: str) -> None:
    with pytest.raises(click.BadParameter, match=f"write at most {MOST_REQUESTS_A_DAY}, or none for no limit"):
        Requests().convert(text, None, None)


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
        assert said in told(command_line, capsys, "add", "https://acme.example/", "--no-visit", *options, code=2)


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
        said = told(command_line, capsys, "sites", "set", "acme", "--requests-a-day", number, code=2)
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
