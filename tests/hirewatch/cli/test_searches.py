"""Saved searches through the command line, with a real mail server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from storage import searches
from tests.delivery.mailbox import Mailbox, mail_server
from tests.storage.watching import Watch, a_job

Run = Callable[..., int]


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with mail_server() as mailbox:
        monkeypatch.setenv("HIREWATCH_MAIL__URL", mailbox.url)
        monkeypatch.setenv("HIREWATCH_MAIL__SENDER", "jobs@example.org")
        yield mailbox


def answer(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_a_search_is_kept_said_in_words_and_heard_of(
    watch: Watch, command_line: Run, mailbox: Mailbox, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line("searches", "add", "ulm", "location:ulm", "--to", "mailto:me@example.org") == 0
    capsys.readouterr()
    assert command_line("searches", "list", "--json") == 0
    [search] = answer(capsys)
    assert (search["search"], search["query"], search["matches"]) == ("ulm", "location:ulm", 1)
    assert "ulm" in search["in_words"]
    assert search["outlets"] == ["ulm-email"]
    # what was there before is not told
    assert command_line("deliver") == 0
    assert mailbox.mails == []
    watch.pages |= {"/jobs/200": a_job("Nurse", place="Ulm"), "/jobs/201": a_job("Nurse", place="Bonn")}
    watch.later(hours=6).visit()
    assert command_line("deliver") == 0
    [mail] = mailbox.mails
    assert str(mail["Subject"]).startswith("New for “ulm”: Nurse")


def test_a_backfill_tells_what_matches_now(watch: Watch, command_line: Run, mailbox: Mailbox) -> None:
    arguments = ("--to", "mailto:me@example.org", "--backfill", "3")
    assert command_line("searches", "add", "all", "title:engineer OR -title:engineer", *arguments) == 0
    command_line("deliver")
    command_line("deliver")
    [mail] = mailbox.mails
    # what was asked for is told as such, and not as all that a site had when its watch began
    assert str(mail["Subject"]).startswith("3 new for “all”")


def test_a_preview_says_what_is_found_and_what_is_just_missed_and_why(
    watch: Watch, command_line: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    watch.pages["/jobs/200"] = a_job("Nurse at night", place="Ulm")
    watch.pages["/jobs/201"] = a_job("Nurse", place="Ulm")
    watch.later(hours=72).visit()
    capsys.readouterr()
    assert command_line("searches", "preview", "title:nurse -night", "--json") == 0
    found = answer(capsys)
    assert found["matches"] == 1
    assert [record["title"] for record in found["newest"]] == ["Nurse"]
    assert found["opened"] == 1
    assert [(miss["term"], miss["posting"]["title"]) for miss in found["misses"] if "night" in miss["term"]] == [
        ("-night", "Nurse at night")
    ]
    assert command_line("searches", "preview", "title:nurse -night") == 0
    assert "Nurse at night" in capsys.readouterr().out


def test_each_place_that_hears_of_a_search_is_an_outlet_of_its_own(
    watch: Watch, command_line: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line("outlets", "add", "me", "mailto:me@example.org", "--events", "opened,closed") == 0
    asked = ("searches", "add", "ulm", "location:ulm", "--to", "me", "--to", "https://hooks.example.org/x")
    assert command_line(*asked, "--when", "daily 09:00", "--zone", "Europe/Berlin") == 0
    capsys.readouterr()
    command_line("outlets", "list", "--json")
    outlets = {outlet["outlet"]: outlet for outlet in answer(capsys)}
    assert set(outlets) == {"me", "ulm-me", "ulm-webhook"}
    assert outlets["ulm-me"]["search"] == "ulm"
    assert outlets["ulm-webhook"]["when"] == "daily 09:00"
    assert outlets["me"]["search"] is None


@pytest.mark.parametrize(
    "arguments",
    [
        ("ulm", "locaton:ulm"),
        ("ulm", "location:ulm", "--to", "nope://x"),
        ("ulm", "location:ulm", "--to", "mailto:me@example.org", "--when", "sometimes"),
        ("ulm", "location:ulm", "--to", "mailto:me@example.org", "--quiet-hours", "late"),
        ("ulm", "location:ulm", "--to", "mailto:me@example.org", "--zone", "Mars"),
        ("ulm", "location:ulm", "--when", "hourly"),
        ("", "location:ulm"),
    ],
)
def test_what_cannot_be_kept_is_refused_whole(
    arguments: tuple[str, ...], watch: Watch, command_line: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line("searches", "add", *arguments) == 2
    capsys.readouterr()
    command_line("searches", "list", "--json")
    assert answer(capsys) == []


def test_an_outlet_that_is_not_there_is_said(watch: Watch, command_line: Run) -> None:
    assert command_line("searches", "add", "ulm", "location:ulm", "--to", "nobody") == 4


def test_forgetting_a_search_ends_its_outlets_and_only_when_that_is_meant(
    watch: Watch, command_line: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    command_line("searches", "add", "ulm", "location:ulm", "--to", "mailto:me@example.org")
    assert command_line("searches", "remove", "ulm") == 2
    assert command_line("searches", "remove", "ulm", "--yes") == 0
    capsys.readouterr()
    command_line("outlets", "list", "--json")
    assert answer(capsys) == []
    assert command_line("searches", "preview", "ulm") == 0
    assert command_line("searches", "remove", "ulm") == 4


def test_what_an_outlet_hears_is_changed_and_taken_away(
    watch: Watch, command_line: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    command_line("outlets", "add", "me", "mailto:me@example.org", "--only", "remote:yes", "--when", "hourly")
    assert command_line("outlets", "set", "me", "--when", "", "--quiet-hours", "22:00-07:00", "--zone", "UTC") == 0
    assert command_line("outlets", "set", "me") == 2
    assert command_line("outlets", "set", "me", "--only", "nope:1") == 2
    capsys.readouterr()
    command_line("outlets", "list", "--json")
    [outlet] = answer(capsys)
    assert (outlet["only"], outlet["when"], outlet["quiet"]) == ("remote:yes", None, "22:00-07:00")


def test_an_outlet_that_has_given_up_is_shown_with_an_exit_code(
    watch: Watch, command_line: Run, mailbox: Mailbox, capsys: pytest.CaptureFixture[str]
) -> None:
    command_line("outlets", "add", "me", "mailto:me@example.org")
    assert command_line("outlets", "list") == 0
    watch.pages["/jobs/200"] = a_job("Nurse", place="Ulm")
    watch.later(hours=6).visit()
    mailbox.script = ["554 never"]
    assert command_line("deliver") == 1
    assert command_line("outlets", "list") == 1
    assert command_line("status") == 1


def test_what_was_given_up_can_be_forgotten(
    watch: Watch, command_line: Run, mailbox: Mailbox, capsys: pytest.CaptureFixture[str]
) -> None:
    command_line("outlets", "add", "me", "mailto:me@example.org")
    watch.pages["/jobs/200"] = a_job("Nurse", place="Ulm")
    watch.later(hours=6).visit()
    mailbox.script = ["554 never"]
    command_line("deliver")
    assert command_line("outlets", "forget", "me") == 0
    assert "1 forgotten" in capsys.readouterr().out
    assert command_line("outlets", "list") == 0
    assert command_line("deliver") == 0
    assert mailbox.mails == []


def test_a_search_that_cannot_be_read_any_more_is_said_and_hides_no_other(
    watch: Watch, command_line: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    searches.add(watch.engine, name="old", query="gone:field", grammar=0, now=watch.now)
    command_line("searches", "add", "ulm", "location:ulm")
    capsys.readouterr()
    assert command_line("searches", "list", "--json") == 0
    old, ulm = answer(capsys)
    assert "cannot be read" in old["in_words"]
    assert (old["matches"], ulm["matches"]) == (None, 1)
