"""The page of a visit over HTTP."""

from __future__ import annotations

from sqlalchemy import insert, update

from storage import tables, visits
from storage.engine import writing
from tests.dashboard.conftest import Board
from tests.dashboard.pages.test_sites import page, rows, words
from tests.dashboard.test_feeds import watched
from tests.dashboard.web import browsing
from tests.storage.watching import Watch, a_job


def test_a_visit_is_told_from_its_beginning_to_its_end(board: Board) -> None:
    watch = watched(board)
    newest, first = visits.recent(board.engine, watch.site.id, 2)
    with writing(board.engine) as connection:
        connection.execute(
            update(tables.visits)
            .where(tables.visits.c.id == newest.id)
            .values(
                answers={"2xx": 5, "4xx": 1, "none": 0}, notes=["1 page: answered 404, as at https://acme.example/x"]
            )
        )
        connection.execute(
            insert(tables.robots).values(
                origin="https://acme.example", status=200, body=b"User-agent: *\n<script>\x1b", fetched_at=board.now
            )
        )
    with browsing(board.app()) as web:
        shown = page(web.get(f"/sites/acme/visits/{newest.id}"))
        baseline = page(web.get(f"/sites/acme/visits/{first.id}"))
    steps = [words(one) for one in shown.cssselect("#steps li")]
    assert [step.partition("Z ")[2] or step.partition("UTC ")[2] for step in steps] == [
        "began",
        "recorded 2 opened",
        "ended complete",
    ]
    assert "what it finds was there before anyone watched" in words(baseline.cssselect("#steps")[0])
    assert rows(shown)[:2] == ["2xx 5 answered", "4xx 1 refused, or nothing there"]
    assert "pages that the list still names are gone" in words(shown)
    assert [one.text for one in shown.cssselect("pre")] == ["User-agent: *\n<script>"]
    events = shown.cssselect("#events tbody tr")
    assert sorted(words(one.cssselect("a")[0]) for one in events) == ["Cook", "Nurse"]


def test_many_events_are_shown_in_pages(board: Board) -> None:
    watch = Watch(board.engine, now=board.now)
    watch.pages = {f"/jobs/{number}": a_job(f"Job {number}") for number in range(60)}
    visit = watch.visit()
    with browsing(board.app()) as web:
        first = page(web.get(f"/sites/acme/visits/{visit.id}"))
        second = page(web.get(first.cssselect("a[rel=next]")[0].get("href")))
    numbers = [
        int(words(row.cssselect("th")[0])) for one in (first, second) for row in one.cssselect("#events tbody tr")
    ]
    assert numbers == list(range(1, 61))


def test_an_address_without_the_site_leads_to_the_visit_and_one_of_another_site_to_nothing(board: Board) -> None:
    watch = watched(board)
    watched(board, name="beta", host="beta.example")
    visit = visits.recent(board.engine, watch.site.id, 1)[0]
    with browsing(board.app()) as web:
        assert web.get(f"/visits/{visit.id}").headers["location"] == f"/sites/acme/visits/{visit.id}"
        assert web.get(f"/sites/beta/visits/{visit.id}").status_code == 404
        assert web.get("/visits/v_none").status_code == 404
        assert web.get(f"/sites/acme/visits/{visit.id}.json").json()["visit"]["opened"] == 2
