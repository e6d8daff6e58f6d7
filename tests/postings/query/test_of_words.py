"""What a query asks of words is no more than it asks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from postings.posting import Posting
from postings.query import Query, Subject, parse
from postings.query.formula import AllOf, AnyOf, Contains, Formula, of_words
from tests.postings.query.postings import as_record, contents, lives, queries
from tests.storage.rows import NOW


def meant(formula: Formula, words: frozenset[str]) -> bool:
    match formula:
        case Contains(column="text", part=part, holds=True):
            return part.strip() in words
        case AllOf():
            return all(meant(part, words) for part in formula.parts)
        case AnyOf():
            return any(meant(part, words) for part in formula.parts)
    raise AssertionError(formula)


@given(contents, lives, queries)
def test_what_matches_has_the_words(posting: Posting, life: dict[str, Any], query: Query) -> None:
    subject = Subject.of(as_record(posting, life), changed=life["changed"])
    asked = of_words(query.formula)
    if asked is not None and query.matches(subject, NOW):
        assert meant(asked, subject.words)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cook", "cook"),
        ("cook cook title:cook", "cook"),
        ('title:"Head Cook" berlin', "(head & cook & berlin)"),
        ("cook (baker OR employer:acme) -welder salary>=70k", "(cook & (baker | acme))"),
        ("(a b) OR (c d) OR (e OR f)", "((a & b) | (c & d) | e | f)"),
        ('location:"berlin de"', "berlin"),
        ("cook eng*", "cook"),
        ("cook OR eng*", None),
        ("cook OR remote:yes", None),
        ("*eng* -cook is:open", None),
        ("", None),
    ],
)
def test_words_are_told_from_a_query(text: str, said: str | None) -> None:
    asked = of_words(parse(text).formula)
    assert (None if asked is None else in_signs(asked)) == said


def in_signs(formula: Formula) -> str:
    if isinstance(formula, Contains):
        return formula.part.strip()
    assert isinstance(formula, AllOf | AnyOf)
    return f"({(' & ' if isinstance(formula, AllOf) else ' | ').join(map(in_signs, formula.parts))})"
