"""One posting: what was read and stated, what happened to it, what proved it, and what differs between versions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import httpx
import pytest
from lxml import html
from sqlalchemy import delete

from postings.normalise.descriptions import read_description
from postings.posting import Identifier, Location, Organization, Salary
from postings.visits import Absence
from storage import deliveries, outlets
from storage.deliveries import Delivery, DeliveryStatus
from storage.engine import writing
from storage.tables import raw_postings
from tests.dashboard.conftest import Board
from tests.dashboard.pages.test_postings import HOSTILE, page_of, words
from tests.dashboard.test_feeds import watched
from tests.dashboard.web import browsing
from tests.storage.watching import Watch, a_job


@pytest.fixture
def edited(board: Board) -> Watch:
    """A posting (`/jobs/1`) that was changed twice, and closed."""
    watch = watched(board)
    old = watch.pages["/jobs/1"]
    for change in (
        {"salary": Salary(currency="EUR", min=60000, unit="YEAR")},
        {"title": "Senior Welder", "description_text": str(old.description_text).replace("nine", "ten", 1)},
    ):
        watch.pages["/jobs/1"] = replace(watch.pages["/jobs/1"], **change)
        watch.later(hours=6).visit()
    del watch.pages["/jobs/1"]
    watch.later(hours=6).visit(looks={"/jobs/1": Absence.GONE})
    board.now = watch.now
    return watch


def of(watch: Watch, title: str) -> str:
    return next(event.posting_id for event in watch.events() if event.record["title"] == title)


@pytest.fixture
def web(board: Board) -> Iterator[httpx.Client]:
    with browsing(board.app()) as client:
        yield client


def section(page: html.HtmlElement, name: str) -> str:
    return words(page.get_element_by_id(name).getparent())


def fields(page: html.HtmlElement) -> dict[str, tuple[str, str, str]]:
    rows = page.cssselect("[aria-labelledby=fields] tbody tr")
    cells = [[words(cell) for cell in row] for row in rows]
    return {name: (read, stated, where) for name, read, stated, where in cells}


def test_its_life_is_told_with_what_proved_each_step(edited: Watch, web: httpx.Client) -> None:
    page = page_of(web.get(f"/postings/{of(edited, 'Welder')}"))
    lines = [words(line) for line in page.cssselect("[aria-labelledby=life] [data-row]")]
    for line, said in zip(lines, ("closed (gone)", "changed title", "changed salary", "opened (baseline"), strict=True):
        assert said in line
    assert "Rule C.5" in lines[0]
    assert "https://acme.example/jobs/1, which answered 410" in lines[0]
    assert len(page.cssselect("svg .moment")) == 4
    assert words(page.cssselect("h1")[0]) == "Senior Welder"
    assert words(page.cssselect(".head .badge")[0]) == "−closed"


def test_the_last_two_versions_are_compared_and_any_others(edited: Watch, web: httpx.Client) -> None:
    address = f"/postings/{of(edited, 'Welder')}"
    page = page_of(web.get(address))
    assert [one.get("value") for one in page.cssselect("#before option")] == ["1", "2", "3"]
    difference = page.get_element_by_id("difference")
    assert [words(one) for one in difference.cssselect("h3")] == ["Title", "Description text"]
    assert [words(one) for one in difference.cssselect("ins")] == ["Senior", "ten"]
    assert [words(one) for one in difference.cssselect("del")] == ["nine"]
    part = web.get(f"{address}?before=1&after=2", headers={"HX-Request": "true", "HX-Target": "div#difference"})
    assert words(html.fragment_fromstring(part.text, create_parent=True)).startswith("Salary")
    assert "Nothing differs" in web.get(f"{address}?before=2&after=2").text
    assert web.get(f"{address}?before=2&after=9").status_code == 404


def test_a_field_is_shown_as_read_and_as_its_page_states_it(board: Board, web: httpx.Client) -> None:
    watch = Watch(board.engine, now=board.now)
    watch.pages["/jobs/1"] = a_job(salary=Salary(currency="EUR", min=60000, max=75000, unit="YEAR"))
    watch.visit()
    told = fields(page_of(web.get(f"/postings/{of(watch, 'Welder')}")))
    assert told["Title"] == ("Welder", '"Welder"', "/title")
    assert told["Pay"][0] == "60,000-75,000 EUR a year"
    with writing(board.engine) as connection:
        connection.execute(delete(raw_postings))
    bare = web.get(f"/postings/{of(watch, 'Welder')}")
    assert fields(page_of(bare))["Title"] == ("Welder", "", "")
    assert "is kept no longer" in bare.text
    assert web.get(f"/postings/{of(watch, 'Welder')}/raw").status_code == 404


def test_the_evidence_is_text_and_never_a_page(board: Board, web: httpx.Client) -> None:
    watch = Watch(board.engine, now=board.now)
    watch.pages["/jobs/1"] = a_job("<script>alert(1)</script>")
    watch.visit()
    answer = web.get(f"/postings/{watch.events()[0].posting_id}/raw", headers={"Accept": "text/html"})
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert json.loads(answer.text)["title"] == "<script>alert(1)</script>"


def test_a_repost_and_what_it_repeats_lead_to_each_other(board: Board, web: httpx.Client) -> None:
    watch = watched(board)
    old = watch.pages.pop("/jobs/1")
    again = replace(old, date_posted=date(2026, 12, 2), identifier=Identifier(value="R-2", name="Acme"))
    watch.pages["/jobs/777"] = again
    watch.later(hours=6).visit(looks={"/jobs/1": Absence.NOT_FOUND})
    first, second = dict.fromkeys(one.posting_id for one in watch.events() if one.record["title"] == "Welder")
    newer, older = page_of(web.get(f"/postings/{second}")), page_of(web.get(f"/postings/{first}"))
    assert f"Known as {first}: repost" in section(newer, "same")
    assert f"Later came {second}: repost of this one" in section(older, "same")
    assert newer.cssselect(f"a[href='/postings/{first}']")


def test_who_was_told_is_told(board: Board, web: httpx.Client) -> None:
    watch = watched(board)
    event = watch.events()[0]
    outlet = outlets.add(board.engine, name="my / mail", kind="email", address="x", options={}, now=watch.now)
    sent = Delivery(
        outlet_id=outlet.id,
        event=event.number,
        status=DeliveryStatus.SENT,
        attempts=1,
        first_attempt_at=watch.now,
        last_attempt_at=watch.now,
    )
    assert deliveries.settle(
        board.engine, outlet.id, seen=outlet.cursor, cursor=outlet.cursor, rows=[sent], now=watch.now
    )
    page = page_of(web.get(f"/postings/{event.posting_id}"))
    assert "Told my / mail: accepted 2026-11-24" in section(page, "life")
    assert page.cssselect("a[href='/outlets/my%20%2F%20mail']")


def test_what_it_waits_for_is_told(board: Board, web: httpx.Client) -> None:
    watch = watched(board)
    del watch.pages["/jobs/3"]
    watch.later(hours=6).visit(looks={"/jobs/3": Absence.REDIRECTED}, listed=["/jobs/3"])
    told = section(page_of(web.get(f"/postings/{of(watch, 'Cook')}")), "life")
    assert "its page leads elsewhere (1 look so far, C.5)" in told
    assert "It closes if the next look says so too" in told


def test_programs_get_all_of_it(edited: Watch, web: httpx.Client) -> None:
    body = web.get(f"/postings/{of(edited, 'Welder')}.json").json()
    assert body["posting"]["title"] == "Senior Welder"
    assert [one["type"] for one in body["events"]] == [
        "posting.opened",
        "posting.changed",
        "posting.changed",
        "posting.closed",
    ]
    assert [one["version"] for one in body["versions"]] == [1, 2, 3]
    assert [one["name"] for one in body["comparison"]["fields"]] == ["title", "description text"]
    assert json.loads(body["raw"])["title"] == "Senior Welder"


def test_a_posting_that_is_not_there_is_not_found(web: httpx.Client) -> None:
    assert web.get("/postings/p_none").status_code == 404
    assert web.get("/postings/p_none.json").status_code == 404
    assert web.get("/postings/p_none/raw").status_code == 404


def test_what_a_page_says_is_shown_harmlessly(board: Board, web: httpx.Client) -> None:
    watch = Watch(board.engine, now=board.now)
    for number, text in enumerate(HOSTILE):
        markup = f"<h1>{text}</h1><p>{text}<a href='javascript:alert(1)'>x</a><img src=x onerror=alert(1)></p>"
        description = read_description(markup)
        watch.pages[f"/jobs/{number}"] = a_job(
            text,
            place=text,
            organization=Organization(name=text),
            locations=(Location(locality=text, country="DE"),),
            identifier=None,
            description_text=description.text,
            description_html=description.html,
        )
    watch.visit()
    for number, path in enumerate(watch.pages):
        watch.pages[path] = replace(watch.pages[path], title=f"{HOSTILE[number - 1]} {number}")
    watch.later(hours=6).visit()
    board.now = watch.now + timedelta(hours=1)
    harmless = page_of(web.get("/"))
    for posting_id in {event.posting_id for event in watch.events()}:
        answer = web.get(f"/postings/{posting_id}")
        page = page_of(answer)
        assert len(page.cssselect("script")) == len(harmless.cssselect("script"))
        assert not page.cssselect("img, iframe, [onload], [onerror], [style]")
        assert not [link for link in page.iter("a") if str(link.get("href")).startswith("javascript:")]
        assert len(page.cssselect("h1")) == 1
        assert "49" not in words(page.cssselect("h1")[0])
        chrome = "".join(words(one) for one in page.cssselect("main > :not([aria-labelledby=description])"))
        assert not set("\u202e\u2066\x1b") & set(chrome)
        assert len(answer.content) < 3_500_000
