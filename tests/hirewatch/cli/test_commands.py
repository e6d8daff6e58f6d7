"""Exit codes of commands that need no crawler, and what they say."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., int]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["version"], 0),
        (["config", "check"], 0),
        (["status"], 0),
        (["nonsense"], 2),
        (["visit"], 2),
        (["visit", "acme", "--all"], 2),
        (["add", "ftp://acme.example/"], 2),
        (["add", "acme.example", "--name", "Not A Name"], 2),
        (["inspect", "/no/such/file.html"], 2),
        (["outlets", "add", "x", "gopher://x"], 2),
        (["outlets", "replay", "x"], 2),
        (["sites", "set", "acme"], 2),
        (["worker"], 2),
        (["--config", "/no/such/file.toml", "status"], 3),
        (["status", "--config", "/no/such/file.toml"], 3),
        (["visit", "nobody"], 4),
        (["sites", "show", "nobody"], 4),
        (["show", "p_nothing"], 4),
        (["why", "p_nothing"], 4),
        (["events", "--site", "nobody"], 4),
        (["postings", "--site", "nobody"], 4),
        (["outlets", "check", "nobody"], 4),
    ],
)
def test_a_command_ends_with_its_code_and_says_why(
    arguments: list[str], code: int, command_line: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line(*arguments) == code
    said = capsys.readouterr()
    if code:
        assert said.out == ""
        assert said.err.startswith("Error: ")
        assert "What to do: " in said.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["status"],
        ["sites", "list"],
        ["outlets", "list"],
        ["config", "show"],
        ["config", "check"],
        ["version"],
        ["doctor"],
        ["db", "upgrade"],
    ],
)
def test_a_result_is_one_json_document_where_asked_for(
    arguments: list[str], command_line: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line(*arguments, "--json") == 0
    json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("arguments", [["postings"], ["events"], ["deliver"], ["visit", "--all"]])
def test_a_stream_of_nothing_is_empty(
    arguments: list[str], command_line: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line(*arguments, "--json") == 0
    assert capsys.readouterr().out == ""


def test_a_site_is_added_paused_resumed_and_removed(command_line: Run, capsys: pytest.CaptureFixture[str]) -> None:
    def told(*arguments: str) -> dict[str, object]:
        assert command_line("sites", *arguments, "--json") == 0
        answer: dict[str, object] = json.loads(capsys.readouterr().out)
        return answer

    assert command_line("add", "careers.acme.example/jobs", "--every", "3h", "--no-visit", "--json") == 0
    added = json.loads(capsys.readouterr().out)
    assert added == {
        "site": "acme",
        "url": "https://careers.acme.example/jobs",
        "every": 10800,
        "cron": None,
        "zone": None,
        "render": False,
        "scope": {"set": None},
        "visit": None,
    }
    assert told("pause", "acme")["paused_at"]
    assert told("show", "careers.acme.example/jobs")["next_visit_at"] is None
    assert told("resume", "acme")["paused_at"] is None
    assert told("set", "acme", "--every", "auto")["every"] is None
    assert told("remove", "acme", "--yes")["done"] == "removed"
    assert command_line("sites", "show", "acme") == 4


def test_nothing_is_destroyed_where_nobody_can_be_asked(command_line: Run) -> None:
    command_line("add", "acme.example", "--no-visit")
    assert command_line("sites", "remove", "acme") == 2
    assert command_line("sites", "show", "acme") == 0


def test_a_name_that_is_nearly_right_is_answered_with_the_right_one(
    command_line: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    command_line("add", "acme.example", "--no-visit")
    capsys.readouterr()
    assert command_line("visit", "acne") == 4
    assert "did you mean `acme`?" in capsys.readouterr().err


def test_an_outlet_is_added_listed_and_removed_without_showing_its_secret_again(
    command_line: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line("outlets", "add", "hook", "https://hooks.example.org/T0KEN", "--json") == 0
    secret = json.loads(capsys.readouterr().out)["secret"]
    assert secret.startswith("whsec_")
    for arguments in (["outlets", "list"], ["outlets", "list", "--json"]):
        assert command_line(*arguments) == 0
        shown = capsys.readouterr().out
        assert "hooks.example.org" in shown
        assert "T0KEN" not in shown
        assert secret not in shown
    assert command_line("outlets", "remove", "hook", "--yes") == 0
    assert command_line("outlets", "check", "hook") == 4


def test_doctor_names_an_outlet_that_cannot_work_and_what_to_do(
    command_line: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    command_line("outlets", "add", "mail", "mailto:me@example.org")
    capsys.readouterr()
    assert command_line("doctor", "--json") == 1
    found = {finding["check"]: finding for finding in json.loads(capsys.readouterr().out)}
    assert found["outlet mail"]["verdict"] == "error"
    assert "mail.url" in found["outlet mail"]["remedy"]
    assert {"python", "sqlite", "database", "disk", "clock", "packages"} <= found.keys()


def test_doctor_tells_of_a_broken_configuration_like_of_any_other_finding(
    command_line: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIREWATCH_CRAWL__DELAY", "-1")
    assert command_line("doctor") == 1
    assert "✗ configuration" in capsys.readouterr().out


def test_a_database_that_cannot_be_opened_is_a_configuration_error(
    command_line: Run, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home.mkdir()
    (home / "hirewatch.db").write_bytes(b"this is no database" * 100)
    assert command_line("status") == 3
    assert "hirewatch.db" in capsys.readouterr().err


def test_files_are_inspected_in_their_order_and_without_a_database(
    command_line: Run, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    posting = {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "title": "Welder \x1b]0;x\x07",
        "hiringOrganization": {"@type": "Organization", "name": "Acme"},
    }
    job, none = tmp_path / "job.json", tmp_path / "none.html"
    job.write_text(json.dumps(posting))
    none.write_text("<html><body><p>Nothing to see</p></body></html>")
    assert command_line("inspect", str(job), str(none), "--json") == 0
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (first["file"], first["kind"], first["unreadable"]) == (str(job), "posting", None)
    assert first["postings"][0]["organization"]["name"] == "Acme"
    assert first["postings"][0]["id"] is None
    assert {problem["path"] for problem in first["problems"]} >= {"/jobLocation", "/datePosted"}
    assert (second["kind"], second["postings"]) == ("other", [])
    assert not home.exists()
    assert command_line("inspect", str(job), "--explain") == 0
    shown = capsys.readouterr().out
    assert "Welder" in shown
    assert "\x1b" not in shown
