"""`hirewatch postings` and `hirewatch events --only`: what a query finds, and how a wrong one is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.hirewatch.cli.conftest import TOWNS
from tests.storage.watching import Watch, a_job

Run = Callable[..., int]


@pytest.fixture
def lines(
    watch: Watch, command_line: Run, capsys: pytest.CaptureFixture[str]
) -> Callable[..., list[dict[str, object]]]:
    """The documents that a command prints."""

    def run(*arguments: str) -> list[dict[str, object]]:
        assert command_line(*arguments[:1], "--json", *arguments[1:]) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def test_a_query_chooses_postings(lines: Run) -> None:
    assert len(lines("postings")) == len(TOWNS)
    assert len(lines("postings", "title:welder location:(berlin OR köln)")) == 2
    assert len(lines("postings", "--", "-location:koln", "-has:salary")) == len(TOWNS) - 1
    assert lines("postings", "cook") == []


def test_words_without_quotes_are_one_query(lines: Run) -> None:
    assert len(lines("postings", "location:berlin", "OR", "location:bonn")) == 2


def test_closed_ones_are_shown_where_the_query_asks_for_them(lines: Run, watch: Watch) -> None:
    watch.pages.clear()
    watch.pages["/jobs/100"] = a_job(place="Berlin", valid_through=watch.now.date())
    watch.later(days=3).visit()
    assert [one["state"] for one in lines("postings", "is:closed location:berlin")] == ["closed"]
    assert lines("postings", "location:berlin") == []
    assert lines("postings", "is:closed", "--state", "open") == []


def test_only_the_number_is_told_where_asked_for(
    lines: Run, command_line: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line("postings", "location:berlin", "--count") == 0
    assert capsys.readouterr().out == "1\n"
    assert lines("postings", "--count") == [{"count": len(TOWNS)}]
    assert command_line("postings", "--count", "--limit", "3") == 2


def test_two_forms_of_one_answer_are_not_asked_for(command_line: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line("postings", "--csv", "--json") == 2
    assert "choose one" in capsys.readouterr().err


def test_a_limit_and_a_site_go_with_a_query(lines: Run, command_line: Run) -> None:
    assert len(lines("postings", "welder", "--limit", "3")) == 3
    assert len(lines("postings", "welder", "--site", "acme", "--state", "all")) == len(TOWNS)
    assert command_line("postings", "welder", "--site", "globex") == 4


@pytest.mark.parametrize("arguments", [["postings", "titel:welder"], ["events", "--only", "titel:welder"]])
def test_a_query_that_cannot_be_read_is_told_with_its_column_and_the_nearest_name(
    arguments: list[str], watch: Watch, command_line: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line(*arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("Error: column 1: there is no field `titel`; did you mean `title`?\nWhat to do: ")


def test_events_are_chosen_by_their_posting_as_it_stood_then(lines: Run, watch: Watch) -> None:
    watch.pages["/jobs/100"] = replace(watch.pages["/jobs/100"], title="Fitter")
    watch.later(hours=6).visit()
    found = lines("events", "--only", "location:berlin")
    assert [one["type"] for one in found] == ["posting.opened", "posting.changed"]
    assert [one["type"] for one in lines("events", "--only", "title:welder location:berlin")] == ["posting.opened"]
    assert [one["type"] for one in lines("events", "--only", "is:changed")] == ["posting.changed"]
    assert lines("events", "--only", "cook") == []
    # the cursor passes what does not match
    last = str(int(str(found[-1]["sequence"])))
    assert lines("events", "--after", last, "--only", "location:berlin") == []


def test_what_was_changed_is_found_by_its_new_words(lines: Run, watch: Watch) -> None:
    watch.pages["/jobs/100"] = replace(watch.pages["/jobs/100"], title="Fitter")
    watch.later(hours=6).visit()
    assert len(lines("postings", "title:fitter is:changed")) == 1
    assert lines("postings", "title:welder location:berlin") == []
    assert len(lines("postings", "--", "-is:changed")) == len(TOWNS) - 1
