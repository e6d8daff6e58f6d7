"""Several postings on a page, that nothing but their text tells apart (C.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from postings.decisions import Moved, New, Wait
from postings.posting import Organization, Posting
from tests.postings.deciding import decide
from tests.postings.making import NOW, known, posting, sighting, text

PAGE = "acme.example/jobs"
FRAMED = posting(description_text=text("intro") + " " + text("a") + " " + text("end"))


@pytest.mark.parametrize(
    "content", [posting("Senior Welder"), posting(town="Rome"), replace(FRAMED, title="Senior Welder")]
)
def test_a_posting_that_left_a_page_and_whose_text_another_one_has_was_edited(content: Posting) -> None:
    old = known(None, vanished=True)
    assert decide(sighting(None, content), old) == Moved(old)
    not_yet = replace(old, vanished=False)
    assert decide(sighting(None, content), not_yet, final=False) == Wait(not_yet)


@pytest.mark.parametrize(
    ("content", "state"),
    [
        (posting("Senior Welder"), {"seen": True}),
        (posting("Senior Welder"), {"vanished": False}),
        (posting("Senior Welder"), {"page": "acme.example/jobs?page=2"}),
        (posting("Senior Welder"), {"closed_at": NOW - timedelta(days=3)}),
        (posting("Senior Welder", town="Rome"), {}),
        (posting("Senior Welder", date_posted=date(2026, 11, 20)), {}),
        (posting("Senior Welder", organization=Organization(name="Globex")), {}),
        (posting("Senior Welder", description_text=text("b")), {}),
        (posting("Senior Welder", description_text="Short."), {}),
    ],
)
def test_nothing_less_makes_it_that_posting(content: Posting, state: dict[str, Any]) -> None:
    old = known(None, **{"vanished": True, **state})
    assert decide(sighting(None, content), old) == New()


def test_of_two_that_left_the_page_with_one_text_it_is_neither() -> None:
    first = known(None, posting("Welder I"), name="p_1", vanished=True)
    second = known(None, posting("Welder II"), name="p_2", vanished=True)
    assert decide(sighting(None, posting("Senior Welder")), first, second) == New()


def test_a_page_of_its_own_is_not_known_by_its_text() -> None:
    old = known(None, page=PAGE, vanished=True)
    assert decide(sighting(PAGE, posting("Senior Welder")), old) == New()
