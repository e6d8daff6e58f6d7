"""A person accepts what a suspect visit saw, or that a site is gone."""

from __future__ import annotations

import pytest

from postings.visits import Outcome
from tests.hirewatch.cli.answers import Run, Said, document, told
from tests.hirewatch.cli.conftest import LOST, TOWNS
from tests.storage.watching import Watch


def test_what_will_close_is_told_and_the_next_visit_closes_it(suspect: Watch, command_line: Run, capsys: Said) -> None:
    accepted = told(command_line, capsys, "sites", "accept", "acme")
    assert "acme  accepted: 7 of 10 open postings vanished at once\n" in accepted
    assert "These 7 postings close then, except for those that are there again:" in accepted
    assert all(town in accepted for town in TOWNS[:7])
    assert len(suspect.open()) == 10
    assert "accepted by a person" in told(command_line, capsys, "sites", "show", "acme")
    visit = suspect.later(hours=1).visit(looks=LOST)
    assert (visit.outcome, visit.closed) == (Outcome.COMPLETE, 7)


def test_programs_are_told_the_same_and_a_second_time_nothing_changes(
    suspect: Watch, command_line: Run, capsys: Said
) -> None:
    first = document(command_line, capsys, "sites", "accept", "acme")
    assert (first["done"], len(first["postings"])) == ("accepted", 7)
    assert first["next_visit_at"] == first["accepted_at"]
    second = document(command_line, capsys, "sites", "accept", "acme")
    assert second == {**first, "done": "accepted before"}


@pytest.mark.parametrize(
    ("site", "code", "words"),
    [("acme", 2, "its last visit was complete and is believed"), ("acne", 4, "did you mean `acme`?")],
)
def test_where_nothing_is_held_back_that_is_said(
    site: str, code: int, words: str, watch: Watch, command_line: Run, capsys: Said
) -> None:
    said = told(command_line, capsys, "sites", "accept", site, code=code)
    assert words in said
    assert "What to do: " in said
