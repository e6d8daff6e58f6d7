"""What a query asks, taken down to plain tests: their opposites, and how Python answers them."""

from __future__ import annotations

import itertools

import pytest

from postings.posting import Posting
from postings.query import Subject
from postings.query.formula import AllOf, AnyOf, Compare, Contains, Formula, Known, compiled, negate
from tests.postings.query.postings import as_record
from tests.storage.rows import NOW

JAVA, COBOL = Contains("title", "java"), Contains("title", "cobol")
LIFE = {"site": "acme", "state": "open", "first_seen": NOW, "changed": False}
SUBJECT = Subject.of(as_record(Posting(title="Java engineer"), LIFE), changed=False)


def holds(formula: Formula, subject: Subject = SUBJECT) -> bool:
    return compiled(formula)(subject, NOW)


def test_of_none_all_hold_and_none_does() -> None:
    assert holds(AllOf(()))
    assert not holds(AnyOf(()))


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_all_must_hold_or_any_of_them_wherever_they_stand(number: int) -> None:
    for parts in itertools.product((JAVA, COBOL), repeat=number):
        assert holds(AllOf(parts)) is (COBOL not in parts)
        assert holds(AnyOf(parts)) is (JAVA in parts)


@pytest.mark.parametrize(
    ("formula", "opposite"),
    [
        (JAVA, Contains("title", "java", holds=False)),
        (Known("language"), Known("language", known=False)),
        (Compare("remote", "=", True), Compare("remote", "!=", True)),
        (Compare("salary_min", "<", 5.0), Compare("salary_min", ">=", 5.0)),
        (Compare("salary_min", ">", 5.0), Compare("salary_min", "<=", 5.0)),
        (AllOf((JAVA, COBOL)), AnyOf((negate(JAVA), negate(COBOL)))),
        (AnyOf((JAVA, COBOL)), AllOf((negate(JAVA), negate(COBOL)))),
    ],
)
def test_the_opposite_of_the_opposite_is_the_same(formula: Formula, opposite: Formula) -> None:
    assert negate(formula) == opposite
    assert negate(opposite) == formula


def test_neither_a_test_of_what_is_not_stated_nor_its_opposite_holds() -> None:
    silent = Subject.of(as_record(Posting(title=None), LIFE), changed=False)
    assert not holds(JAVA, silent)
    assert not holds(negate(JAVA), silent)
