"""The first page over HTTP, and what it makes of what is known."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
from lxml import html

from dashboard.pages.overview import curve_of
from postings.visits import Absence
from storage import sites
from storage.days import Day
from tests.dashboard.conftest import Board
from tests.dashboard.test_feeds import watched
from tests.dashboard.web import browsing
from tests.storage.watching import Watch, a_job


def shown(answer: httpx.Response) -> html.HtmlElement:
    assert answer.status_code == 200, answer.text
    return html.document_fromstring(answer.text)


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def figures(page: html.HtmlElement) -> dict[str, str]:
    return {words(one.find("dt")): words(one.find("dd")) for one in page.cssselect(".figures > div")}


def shrunken(board: Board, name: str = "acme") -> Watch:
    """A site of thirty postings of which the last visit saw one."""
    watch = Watch(board.engine, now=board.now, name=name, host=f"{name}.example")
    watch.pages = {f"/jobs/{number}": a_job(f"Welder {number}") for number in range(30)}
    watch.visit()
    watch.later(hours=6)
    lost = [path for path in watch.pages if path != "/jobs/0"]
    watch.pages = {"/jobs/0": a_job("Welder 0")}
    watch.visit(looks=dict.fromkeys(lost, Absence.NOT_FOUND))
    board.now = watch.now
    return watch


def test_the_numbers_are_those_of_the_postings(board: Board) -> None:
    watched(board)
    with browsing(board.app()) as web:
        told = figures(shown(web.get("/")))
    assert told == {
        "Open postings": "4",
        "New today": "2",
        "Closed today": "0",
        "Closing this week": "0",
        "Sites": "1",
    }


def test_a_site_that_needs_a_person_stands_on_top_with_what_was_not_closed_and_what_to_do(board: Board) -> None:
    watch = shrunken(board)
    with browsing(board.app()) as web:
        page = shown(web.get("/"))
    (trouble,) = page.cssselect(".trouble")
    assert "Nothing was closed: 29 of 30 open postings were not seen." in words(trouble)
    visit = sites.find(board.engine, watch.name)
    assert visit.health.suspects
    assert trouble.cssselect("a.button")[0].get("href").startswith("/visits/v_")
    assert trouble.cssselect("form")[0].get("action") == "/sites/acme/accept"


def test_a_site_that_is_well_needs_nobody(board: Board) -> None:
    watched(board)
    with browsing(board.app()) as web:
        assert not shown(web.get("/")).cssselect(".trouble")


def test_a_row_says_how_its_site_stands(board: Board) -> None:
    watch = watched(board)
    watch.later(hours=1)
    del watch.pages["/jobs/3"]
    watch.visit(looks={"/jobs/3": Absence.GONE})
    board.now = watch.now + timedelta(minutes=5)
    with browsing(board.app()) as web:
        (row,) = shown(web.get("/")).cssselect("#sites tbody tr")
    cells = [words(cell) for cell in row]
    assert cells[0] == "acme"
    assert cells[2].endswith("complete 5 min ago")
    assert cells[3:5] == ["3", "+2 −1"]
    assert row.cssselect("svg.strip")[0].get("aria-label") == "45 days: 1 complete"


def test_sites_are_paged_and_each_is_shown_once(board: Board) -> None:
    for number in range(30):
        sites.add(
            board.engine, name=f"site {number:02}", start_url=f"https://s{number}.example/", every=None, now=board.now
        )
    found = []
    with browsing(board.app()) as web:
        address: str | None = "/"
        while address:
            page = shown(web.get(address))
            found += [words(cell) for cell in page.cssselect("#sites tbody th")]
            more = page.cssselect("a[rel=next]")
            address = more[0].get("href") if more else None
    assert found == [f"site {number:02}" for number in range(30)]


def test_the_page_is_also_json_without_its_charts(board: Board) -> None:
    watched(board)
    with browsing(board.app()) as web:
        told = web.get("/overview.json").json()
    assert told["standing"]["open"] == 4
    assert told["days"][-1] == {"on": f"{board.now:%Y-%m-%d}", "open": 4, "opened": 2, "closed": 0}
    assert told["rows"][0]["name"] == "acme"
    assert "strip" not in told["rows"][0]
    assert "area" not in told


def test_the_curve_goes_back_from_what_is_open_now() -> None:
    today = date(2026, 11, 25)
    days = [
        Day(on=date(2026, 11, 20), opened=0, growth=40),
        Day(on=date(2026, 11, 24), opened=3, closed=1, growth=2),
        Day(on=today, closed=2, growth=-2),
    ]
    curve = curve_of(days, 40, today)
    assert len(curve) == 14
    assert [day.open for day in curve[-6:]] == [40, 40, 40, 40, 42, 40]
    assert curve[-7].open == 0
    assert (curve[-2].opened, curve[-2].closed) == (3, 1)


def test_the_curve_reaches_back_ninety_days_at_most() -> None:
    today = date(2026, 11, 25)
    days = [Day(on=today - timedelta(days=back), growth=1) for back in reversed(range(90))]
    curve = curve_of(days, 100, today)
    assert (len(curve), curve[0].open, curve[-1].open) == (90, 11, 100)


def test_without_a_site_the_first_page_leads_to_the_first_alert(board: Board) -> None:
    with browsing(board.app()) as web:
        page = shown(web.get("/"))
        steps = [words(one.find("h2")) for one in page.cssselect(".steps li")]
        assert steps == ["1. Add a site", "2. See its postings", "3. Be told what is new"]
        assert page.cssselect("form[method=post]")[0].get("action") == "/sites"
        watched(board)
        board.now = datetime(2026, 12, 1, tzinfo=UTC)
        page = shown(web.get("/welcome"))
        (now,) = page.cssselect("[aria-current=step]")
        assert words(now.find("h2")) == "3. Be told what is new"


@pytest.mark.parametrize("path", ["/nowhere", "/sites/nobody"])
def test_what_is_not_there_is_a_page_for_people_and_a_problem_for_programs(board: Board, path: str) -> None:
    with browsing(board.app()) as web:
        page = web.get(path, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
        assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert html.document_fromstring(page.text).cssselect("nav a")
        problem = web.get(path)
        assert (problem.status_code, problem.headers["content-type"]) == (404, "application/problem+json")
