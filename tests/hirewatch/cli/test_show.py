"""A posting, its versions, and what differs between them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from postings.posting import Salary
from tests.hirewatch.cli.answers import Run, Said, document, told
from tests.storage.watching import TEXT, Watch, a_job

OLD = TEXT.format(title="welder", place="Berlin").strip()


@pytest.fixture
def edited(watch: Watch) -> str:
    """The id of a posting that was edited twice: its pay, then its text."""
    paid = a_job(place="Berlin", description_text=OLD, salary=Salary(currency="EUR", min=50000, max=60000, unit="YEAR"))
    watch.pages["/jobs/100"] = paid
    watch.later(hours=6).visit()
    text = f"{OLD.replace('nine', 'ten', 1)}\nWe are new here, and we grow by one hundred people and a cat every year."
    watch.pages["/jobs/100"] = replace(paid, description_text=text)
    watch.later(hours=6).visit()
    return watch.events()[-1].posting_id


@pytest.mark.parametrize("command", ["show", "why"])
def test_every_time_is_written_alike(command: str, edited: str, command_line: Run, capsys: Said) -> None:
    shown = told(command_line, capsys, command, edited)
    assert "2026-11-01 20:00:00Z" in shown
    assert "2026-11-01T" not in shown


def test_versions_are_listed_with_the_event_that_brought_each(edited: str, command_line: Run, capsys: Said) -> None:
    rows = told(command_line, capsys, "show", edited, "--versions").splitlines()
    assert [" ".join(row.split()) for row in rows] == [
        "VERSION WHEN EVENT WHAT SIGNIFICANCE FIELDS",
        f"1 2026-11-01 08:00:00Z {rows[1].split()[3]} opened (baseline)",
        "2 2026-11-01 14:00:00Z 11 changed material salary",
        f"3 2026-11-01 20:00:00Z 12 changed {rows[3].split()[5]} description_text",
    ]
    found = document(command_line, capsys, "show", edited, "--versions")["versions"]
    assert [(one["version"], one["fields"]) for one in found] == [(1, []), (2, ["salary"]), (3, ["description_text"])]
    assert found[1]["record"]["salary"]["min"] == 50000


def test_the_last_two_versions_are_compared_word_by_word(edited: str, command_line: Run, capsys: Said) -> None:
    shown = told(command_line, capsys, "show", edited, "--diff")
    assert "- version 2" in shown
    assert "+ version 3" in shown
    assert "a team of [-nine-]{+ten+} people" in shown
    assert "{+We are new here" in shown
    assert "salary" not in shown


def test_any_two_versions_are_compared(edited: str, command_line: Run, capsys: Said) -> None:
    one = document(command_line, capsys, "show", edited, "--diff", "1", "3")
    assert (one["from"]["version"], one["to"]["version"], set(one["changes"])) == (1, 3, {"salary", "description_text"})
    assert one["changes"]["salary"]["before"] is None
    back = document(command_line, capsys, "show", edited, "--diff", "3", "1")
    assert back["changes"]["salary"]["after"] is None
    pieces = one["changes"]["description_text"]["pieces"]
    assert "".join(piece["text"] for piece in pieces if piece["kind"] != "new").strip() == OLD


def test_a_version_alone_is_compared_with_the_one_before(edited: str, command_line: Run, capsys: Said) -> None:
    one = document(command_line, capsys, "show", edited, "--diff", "2")
    assert (one["from"]["version"], one["to"]["version"], set(one["changes"])) == (1, 2, {"salary"})


def test_a_version_does_not_differ_from_itself(edited: str, command_line: Run, capsys: Said) -> None:
    assert "Nothing differs." in told(command_line, capsys, "show", edited, "--diff", "2", "2")


def test_a_terminal_shows_what_went_and_came_in_colours(
    edited: str, command_line: Run, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hirewatch.cli.front.Front.terminal", True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    shown = told(command_line, capsys, "show", edited, "--diff")
    assert "\x1b[31m[-nine-]\x1b[0m" in shown
    assert "\x1b[32m{+ten+}\x1b[0m" in shown
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[3" not in told(command_line, capsys, "show", edited, "--diff")


def test_a_text_cannot_steer_the_terminal(watch: Watch, command_line: Run, capsys: Said) -> None:
    watch.pages["/jobs/100"] = a_job(place="Berlin", description_text=f"{OLD}\x1b[2J\u202e and more [bold] " * 5)
    watch.later(hours=6).visit()
    shown = told(command_line, capsys, "show", watch.events()[-1].posting_id, "--diff")
    assert "and more [bold]" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--diff", "7"], 4, "there is no version 7 of it, only 1 to 3"),
        (["--diff", "1"], 2, "is the first version, so there is none before it"),
        (["--diff", "1", "2", "3"], 2, "are no two versions to compare"),
        (["1", "2"], 2, "are versions, and nothing is to be compared"),
        (["--diff", "--versions"], 2, "asks for two things at once"),
        (["--diff", "x"], 2, "not a valid integer"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_what_to_do(
    arguments: list[str], code: int, words: str, edited: str, command_line: Run, capsys: Said
) -> None:
    said = told(command_line, capsys, "show", edited, *arguments, code=code)
    assert words in said
    assert "What to do: " in said


def test_a_posting_that_never_changed_has_nothing_to_compare(watch: Watch, command_line: Run, capsys: Said) -> None:
    posting = watch.events()[0].posting_id
    assert "has one version only" in told(command_line, capsys, "show", posting, "--diff", code=2)
    assert len(document(command_line, capsys, "show", posting, "--versions")["versions"]) == 1
