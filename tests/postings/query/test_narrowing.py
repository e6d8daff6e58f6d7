"""What a click on a facet does to a query."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings.query import QueryError, Subject, parse
from postings.query.narrowing import narrowed, term, terms, without

NOW = datetime(2026, 11, 25, tzinfo=UTC)
RECORDS = [
    {"title": title, "locations": [{"locality": place}], "remote": remote, "site": place}
    for title in ("java cook", "cook", "java")
    for place in ("Bad Ems", "OR", "x")
    for remote in (True, False)
]
SUBJECTS = [Subject.of(record) for record in RECORDS]
QUERIES = [
    "",
    "java",
    "java OR cook",
    "(java OR cook)",
    "(java OR cook) remote:yes",
    "(java OR cook) OR remote:yes",
    "title:(java OR cook)",
    "title:(java cook) -location:x",
    "-(java OR cook)",
    "java AND remote:no",
    '  "java cook"  ',
    "(java (cook OR remote:yes))",
]


def found(text: str) -> list[bool]:
    return [parse(text).matches(subject, NOW) for subject in SUBJECTS]


@pytest.mark.parametrize("text", QUERIES)
@pytest.mark.parametrize("wanted", ["remote:yes", 'location:"Bad Ems"', "-cook"])
def test_a_narrowed_query_asks_for_both(text: str, wanted: str) -> None:
    both = [first and second for first, second in zip(found(text), found(wanted), strict=True)]
    assert found(narrowed(parse(text), wanted)) == both


@pytest.mark.parametrize("text", QUERIES)
@pytest.mark.parametrize("wanted", ["remote:yes", 'location:"Bad Ems"'])
def test_what_was_narrowed_is_made_wider_again(text: str, wanted: str) -> None:
    before = without(parse(text), wanted)
    assert found(without(parse(narrowed(parse(text), wanted)), wanted)) == found(before)


@pytest.mark.parametrize("text", QUERIES)
def test_the_terms_side_by_side_are_the_query(text: str) -> None:
    assert found(" ".join(terms(parse(text)))) == found(text)


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("location", "Berlin", "location:Berlin"),
        ("location", "Bad Ems", 'location:"Bad Ems"'),
        ("location", "OR", 'location:"OR"'),
        ("site", "acme-2", 'site:"acme-2"'),
        ("site", 'a"b', None),
        ("location", "...", None),
        ("location", "B*", None),
        ("site", "a) OR (b", 'site:"a) OR (b"'),
    ],
)
def test_a_value_is_typed_as_a_term(field: str, value: str, text: str | None) -> None:
    assert term(field, value) == text


@given(st.text(max_size=20), st.sampled_from(["site", "location"]))
def test_no_value_makes_more_than_one_term(value: str, field: str) -> None:
    text = term(field, value)
    if text is not None:
        assert len(terms(parse(f"java {text}"))) == 2


@given(st.lists(st.sampled_from(["java", "cook", "OR", "(", ")", "-", "remote:yes", "title:", '"', " "]), max_size=8))
def test_a_narrowed_query_can_be_read_wherever_the_query_can(parts: list[str]) -> None:
    try:
        query = parse(" ".join(parts))
    except QueryError:
        return
    both = [first and second for first, second in zip(found(query.text), found("remote:no"), strict=True)]
    assert found(narrowed(query, "remote:no")) == both
    assert found(" ".join(terms(query))) == found(query.text)
