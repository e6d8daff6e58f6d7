"""The page of a site over HTTP: how it stands."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import event as listened
from sqlalchemy import update

from hirewatch.cli.site_report import Report
from scheduler.cadence import Bounds
from storage import budget, leases, postings, sites, tables, visits
from storage.engine import writing
from tests.dashboard.conftest import Board
from tests.dashboard.pages.test_sites import page, rows, words
from tests.dashboard.test_feeds import watched
from tests.dashboard.web import browsing
from tests.storage.watching import Watch, a_job

LIVE = {"HX-Request": "true", "HX-Target": "section#live"}


def noted(board: Board, watch: Watch, *notes: str) -> None:
    with writing(board.engine) as connection:
        newest = visits.recent(board.engine, watch.site.id, 1)[0].id
        connection.execute(update(tables.visits).where(tables.visits.c.id == newest).values(notes=list(notes)))


def test_what_is_believed_is_told_in_the_words_of_the_command_line(board: Board) -> None:
    watch = watched(board)
    site = watch.current()
    report = Report(
        site=site,
        counts={},
        missing=0,
        measured=postings.measured(board.engine, site.id),
        held=None,
        visits=[],
        now=board.now,
        bounds=Bounds(),
        house=budget.current(board.engine),
    )
    with browsing(board.app()) as web:
        shown = page(web.get("/sites/acme"))
    told = words(shown)
    lines = [line[13:].strip() for line in report.lines()]
    believed = [line for line in lines[3:] if line]
    assert len(believed) > 8
    # the command line says in one line when it is visited and when next
    assert believed[0].partition("; next visit")[0] in told
    assert [line for line in believed[1:] if line not in told] == []


def test_visits_are_told_with_their_figures_and_in_pages(board: Board) -> None:
    watch = watched(board)
    for _ in range(21):
        watch.later(hours=1).visit()
    board.now = watch.now
    with browsing(board.app()) as web:
        first = page(web.get("/sites/acme"))
        second = page(web.get(first.cssselect("#visits a[rel=next]")[0].get("href")))
    assert len(rows(first)) == 20
    assert rows(first)[0] == "just now ✓ complete 4 4 5 0 B 0.0 0 0 0"
    assert len(rows(second)) == 3
    assert "✓ complete 2 2 3 0 B 0.0 2 0 0" in rows(second)[-1]


def test_what_visits_met_is_told_once_with_an_example_and_what_to_do(board: Board) -> None:
    watch = watched(board)
    noted(board, watch, "3 pages: answered 503, as at https://acme.example/jobs/7?<b>")
    watch.later(hours=1).visit()
    noted(board, watch, "1 page: answered 503, as at javascript:alert(1)")
    board.now = watch.now
    with browsing(board.app()) as web:
        shown = page(web.get("/sites/acme"))
    (met,) = shown.cssselect("#met li")
    assert words(met).startswith("answered 503 (1 page) in 2 visits")
    assert "the site itself has trouble" in words(met)
    assert [one.get("href") for one in met.cssselect("a")][1] == "/inspect?url=javascript%3Aalert%281%29"


def test_a_visit_is_asked_for_followed_while_it_runs_and_its_end_refreshes_the_page(board: Board) -> None:
    watch = watched(board)
    with browsing(board.app()) as web:
        idle = page(web.get("/sites/acme"))
        assert idle.cssselect("#live")[0].get("hx-trigger") is None
        answer = web.post("/sites/acme/visit")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sites/acme#live")
        assert watch.current().next_visit_at == board.now

        due = page(web.get("/sites/acme"))
        assert "A visit is due" in words(due.cssselect("#live")[0])
        assert due.cssselect("#live")[0].get("hx-trigger") == "every 1s"
        # without script there is a link
        assert [one.get("href") for one in due.cssselect("#live noscript a")] == ["/sites/acme#live"]

        board.now += timedelta(seconds=1)  # the newest visit is the one that began last
        lease = leases.claim(
            board.engine, watch.site.id, owner="w", now=board.now, ttl=timedelta(seconds=60), dead=lambda _: False
        )
        assert lease is not None
        visit = watch.ledger.begin(watch.current(), lease, board.now)
        watch.pages["/jobs/9"] = a_job("Sailor")
        watch.ledger.record(visit, [watch._sighting(path, {}) for path in ("/jobs/1", "/jobs/9")], board.now)
        part = web.get("/sites/acme", headers=LIVE)
        assert "hx-refresh" not in part.headers
        assert part.text.lstrip().startswith("<section")
        running = page(part)
        assert words(running.cssselect("#progress")[0]).startswith("2 postings seen, 1 new; began just now.")
        assert running.cssselect("progress")[0].get("max") == "5"
        assert "being visited" in words(running.cssselect("#state")[0])

        leases.release(board.engine, lease)
        watch.later(seconds=2).visit()
        board.now = watch.now
        ended = web.get("/sites/acme", headers=LIVE)
        assert ended.headers["hx-refresh"] == "true"
        assert "hx-trigger" not in ended.text


def test_why_a_visit_that_is_due_does_not_begin_is_said(board: Board) -> None:
    watch = watched(board)
    other = sites.add(board.engine, name="other", start_url="https://acme.example/x", every=None, now=board.now)
    leases.claim(board.engine, other.id, owner="w", now=board.now, ttl=timedelta(seconds=60), dead=lambda _: False)
    sites.request_visit(board.engine, watch.site.id, board.now)
    with browsing(board.app()) as web:
        assert "other is being visited, which is on the same host" in words(page(web.get("/sites/acme")))


def test_a_page_of_many_postings_takes_few_queries_and_leaves_out_what_is_read_from_each(board: Board) -> None:
    watch = Watch(board.engine, now=board.now)
    watch.pages = {f"/jobs/{number}": a_job(f"Job {number}") for number in range(101)}
    watch.visit()
    asked: list[str] = []
    listened.listen(board.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    with browsing(board.app()) as web:
        shown = page(web.get("/sites/acme"))
        assert len([one for one in asked if one.lstrip().upper().startswith(("SELECT", "WITH"))]) <= 30
        assert "101 of 101" not in words(shown.cssselect("#facts")[0])
        more = page(web.get("/sites/acme?figures=true"))
        assert "100 of 100 postings have one" in words(more.cssselect("#facts")[0])


def test_the_same_is_there_for_programs(board: Board) -> None:
    watched(board)
    with browsing(board.app()) as web:
        told = web.get("/sites/acme.json").json()
    assert (told["name"], told["live"]["open"], told["live"]["phase"]) == ("acme", 4, "idle")
    assert told["fresh"]["p50"] == 3600.0


def test_a_site_whose_address_is_no_link_is_shown_without_one(board: Board) -> None:
    watch = watched(board)
    with writing(board.engine) as connection:
        connection.execute(
            update(tables.sites).where(tables.sites.c.id == watch.site.id).values(start_url="javascript:alert(1)")
        )
    with browsing(board.app()) as web:
        shown = page(web.get("/sites/acme"))
    assert [one for one in shown.cssselect("main a") if (one.get("href") or "").startswith("javascript")] == []
