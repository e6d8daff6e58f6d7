"""Requests to a vendor's host take turns, whatever visit they belong to."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from crawler.answers import Answer
from crawler.board_choice import Turns
from crawler.pages import Page
from crawler.sources import boards
from tests.crawler.answering import answer
from tests.crawler.boards.answering import VENDORS, Invented


async def ask(url: str, **_: object) -> Answer:
    return answer(url)


def waits(urls: list[str], visits: int = 2) -> list[float]:
    """How long the requests of several visits wait, each asked at the same time."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(round(seconds, 1))

    async def all_of_them() -> None:
        turns = [Turns(ask, 1.0, sleep=sleep) for _ in range(visits)]
        await asyncio.gather(*(one.ask(url) for url in urls for one in turns))

    asyncio.run(all_of_them())
    return sorted(slept)


def test_two_visits_do_not_ask_one_host_at_a_time() -> None:
    host = f"https://{uuid4().hex}.example"
    assert waits([f"{host}/a", f"{host}/b"]) == [1.0, 2.0, 3.0]


def test_other_hosts_do_not_wait() -> None:
    assert waits([f"https://{uuid4().hex}.example/" for _ in range(5)], visits=1) == []


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
