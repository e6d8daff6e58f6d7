"""Which board an address or a saved answer belongs to."""

from __future__ import annotations

import pytest

from crawler.pages import Page
from crawler.sources import boards
from tests.crawler.boards.answering import VENDORS, Invented


@pytest.mark.parametrize("name", VENDORS)
def test_a_saved_answer_makes_a_reading(name: str) -> None:
    invented = Invented.of(name)
    reading = boards.answer_reading(Page(url="file:///answer.json", body=invented.exchanges[0].body))
    assert reading is not None
    assert all(one.posting.syntax == "board" for one in reading.postings)
    assert reading.postings
    assert reading.unreadable_postings == ()


def test_a_page_is_no_saved_answer() -> None:
    assert boards.answer_reading(Page(url="file:///page.html", body=b"<html><body>Jobs</body></html>")) is None


def test_the_address_of_a_saved_answer_says_which_board_it_is() -> None:
    invented = Invented.of("eightfold")
    named = boards.read_answer(invented.exchanges[0].body, invented.exchanges[0].url)
    assert named is not None
    assert named[1][0].posting.organization is not None
    assert named[1][0].posting.organization.name == "orion.example"
