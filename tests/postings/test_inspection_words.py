"""What an inspection says, in words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings import record as records
from postings.inspection_words import NAMES, PROPERTIES_OF, field_of, place, shown, stands
from postings.posting import Posting
from tests.storage.watching import a_job


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (None, ""),
        ({}, ""),
        ({"script": 2, "line": 9, "pointer": "/@graph/0/title"}, "script 2 /@graph/0/title"),
        ({"script": 1, "line": 9}, "script 1 line 9"),
        ({"script": 1, "document": 2, "pointer": "/title"}, "script 1 text 2 /title"),
        ({"line": 30, "element": "/html/body/h1"}, "line 30 /html/body/h1"),
    ],
)
def test_a_place_is_told_as_precisely_as_it_is_known(at: dict[str, Any] | None, words: str) -> None:
    assert place(at) == words


def test_a_posting_stands_in_some_syntax() -> None:
    assert stands({"script": 1, "pointer": "/a"}, "json-ld") == "JSON-LD, script 1 /a"
    assert stands(None, "microdata") == "microdata"


def test_a_problem_concerns_the_field_that_its_path_begins_with() -> None:
    assert field_of("/baseSalary/value/minValue") == "salary"
    assert field_of("/@type") is None
    assert field_of("") is None


@pytest.mark.parametrize("posting", [a_job(), Posting(title="Welder")])
def test_every_field_has_words_or_none(posting: Posting) -> None:
    record = records.record(records.body(posting), None)
    assert {name for name in NAMES if shown(name, record)} <= set(PROPERTIES_OF)
    assert shown("title", record) == "Welder"


@given(st.text())
def test_what_is_shown_is_one_line_that_steers_nothing(text: str) -> None:
    record = records.record(records.body(a_job(title="x", description_text=text)), None) | {
        "title": text,
        "skills": text,
    }
    for name in ("title", "skills", "description_text"):
        words = shown(name, record)
        assert not any(sign in words for sign in ("\n", "\x1b", "\u202e"))
