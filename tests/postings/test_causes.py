"""What visits met, by cause."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings.causes import causes, remedy
from postings.visits import Outcome, VisitSummary

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def visit(*notes: str, ago: int = 0) -> VisitSummary:
    return VisitSummary(
        id=f"v_{ago}",
        site="acme",
        started_at=NOW - timedelta(hours=ago),
        ended_at=NOW - timedelta(hours=ago),
        outcome=Outcome.PARTIAL,
        notes=notes,
    )


def test_the_same_failure_of_many_pages_in_many_visits_is_one_cause_with_an_example() -> None:
    found = causes(
        [
            visit("12 pages: answered 503, as at https://acme.example/jobs/7"),
            visit("1 page: answered 503, as at https://acme.example/jobs/9", "another note", ago=6),
        ]
    )
    assert [(one.words, one.pages, one.visits, one.visit) for one in found] == [
        ("answered 503", 12, 2, "v_0"),
        ("another note", None, 1, "v_6"),
    ]
    assert found[0].example == "https://acme.example/jobs/7"
    assert found[0].remedy == "the site itself has trouble; visits go on by themselves"


def test_what_differs_only_in_addresses_and_numbers_is_the_same() -> None:
    (only,) = causes(
        [visit("the list shrank from 212 to 4"), visit("the list shrank from 1,212 to 3", ago=1)],
    )
    assert (only.words, only.visits) == ("the list shrank from 212 to 4", 2)


def test_another_status_of_pages_is_another_cause() -> None:
    assert len(causes([visit("2 pages: answered 503", "2 pages: answered 404")])) == 2


def test_the_start_page_says_what_to_do_where_it_has_moved() -> None:
    (one,) = causes([visit("start page https://acme.example/jobs: answered 404")])
    assert (one.words, one.example) == ("start page: answered 404", "https://acme.example/jobs")
    assert one.remedy is not None
    assert "watch the new address" in one.remedy


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("robots.txt does not allow it", "does not let crawlers go there"),
        ("answered 403", "turns crawlers away"),
        ("the host name cannot be resolved", "check the address"),
        ("the address policy does not let hirewatch contact 10.0.0.1", "network.allow_addresses"),
        ("page budget of 5000 reached", "crawl.pages"),
        ("the certificate of the site cannot be verified", "certificate"),
    ],
)
def test_what_to_do_is_said_where_something_can_be_done(words: str, said: str) -> None:
    found = remedy(words)
    assert found is not None
    assert said in found


def test_where_nothing_can_be_done_nothing_is_said() -> None:
    assert remedy("site-wide rewrite of description: 43 postings, no alert") is None


@given(st.lists(st.lists(st.text(max_size=60), max_size=5), max_size=5))
def test_every_note_is_in_a_cause_and_no_cause_is_told_twice(notes: list[list[str]]) -> None:
    visits = [visit(*some, ago=number) for number, some in enumerate(notes)]
    found = causes(visits)
    assert len({(one.words, one.pages is None) for one in found}) == len(found)
    assert bool(found) == any(notes)
    assert all(1 <= one.visits <= len(visits) for one in found)
