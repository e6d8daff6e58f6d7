"""How many statements each page and each list asks of the database: few, and no more where there is more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import Engine

from storage import outlets, searches, sites
from storage.engine import reading
from tests.dashboard.conftest import Board
from tests.dashboard.web import browsing
from tests.storage.watching import Watch, a_job

#: what a page may ask
MOST = 30
#: tables that grow with what is found, not with what is watched
LARGE = ("postings", "folded_postings", "posting_keys", "raw_postings", "pages", "events", "deliveries", "visits")

PAGES = (
    "/", "/overview.json", "/welcome", "/settings", "/postings", "/postings?q=welder", "/postings?q=site:acme",
    "/postings?q=is:changed", "/postings.json", "/postings.csv", "/postings/{posting}", "/postings/{posting}.json",
    "/sites", "/sites.json", "/sites.csv", "/sites/acme", "/sites/acme?figures=yes", "/sites/acme/visits/{visit}",
    "/events", "/events?kind=opened", "/events?q=welder", "/events?site=acme", "/searches", "/searches/welders",
    "/searches/welders?q=baker", "/outlets", "/outlets/hook", "/feeds/all.atom", "/feeds/sites/acme.rss",
    "/feeds/searches/welders.json", "/feeds.opml", "/feeds/jobs.xml", "/metrics",
    "/api/v1/postings", "/api/v1/postings?q=welder&count=yes", "/api/v1/postings/{posting}",
    "/api/v1/postings/{posting}/history", "/api/v1/sites", "/api/v1/sites/acme", "/api/v1/sites/acme/visits",
    "/api/v1/events", "/api/v1/events?q=welder", "/api/v1/searches", "/api/v1/searches/welders/preview",
    "/api/v1/outlets", "/api/v1/outlets/hook",
)  # fmt: skip
#: walks along an index, in the order that is asked for, which end at a limit
WALKED = ("SCAN events", "SCAN events USING INDEX ix_events_appeared")


@pytest.fixture
def watch(board: Board) -> Watch:
    """A site of some postings, a search and an outlet."""
    watch = Watch(board.engine)
    visited(watch, 3)
    searches.add(board.engine, name="welders", query="title:welder", grammar=1, now=board.now)
    outlets.add(board.engine, name="hook", kind="webhook", address="https://a.example/", options={}, now=board.now)
    return watch


def visited(watch: Watch, jobs: int) -> None:
    """Two visits, of which the second finds news; each job is changed once."""
    for when in ("day", "night"):
        for number in range(jobs):
            watch.pages[f"/jobs/{len(watch.pages)}"] = a_job(f"Welder {number}, {when}")
        watch.later(hours=6).visit()
    for path, job in list(watch.pages.items()):
        watch.pages[path] = a_job(f"{job.title} shift")
    watch.later(hours=6).visit()


Asked = tuple[str, Any]


def answered(board: Board) -> Iterator[tuple[str, list[Asked]]]:
    """Each page with what it asked of the database."""
    with reading(board.engine) as connection:
        names = {
            "posting": connection.scalar(text("SELECT min(id) FROM postings")),
            "visit": connection.scalar(text("SELECT min(id) FROM visits")),
        }
    asked: list[Asked] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_more: object) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            asked.append((statement, parameters))

    event.listen(board.engine, "before_cursor_execute", note)
    with browsing(board.app()) as web:
        for page in PAGES:
            asked.clear()
            answer = web.get(page.format(**names))
            assert answer.status_code == 200, (page, answer.text[:300])
            yield page, list(asked)
    event.remove(board.engine, "before_cursor_execute", note)


def test_every_page_asks_less_than_thirty_statements_and_no_more_where_there_is_more(
    board: Board, watch: Watch
) -> None:
    board.now = watch.now
    before = {page: len(asked) for page, asked in answered(board)}
    assert max(before.values()) < MOST, before
    visited(watch, 12)
    for number in range(12):
        sites.add(
            board.engine, name=f"site-{number}", start_url=f"https://{number}.example/", every=None, now=watch.now
        )
    board.now = watch.now
    after = {page: len(asked) for page, asked in answered(board)}
    # one more where a list has become longer than a part of it
    assert {page: count for page, count in after.items() if count > before[page] + 1} == {}


def scanned(engine: Engine, asked: Asked) -> list[str]:
    """The large tables that a statement reads whole, in the words of SQLite."""
    statement, parameters = asked
    with reading(engine) as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    # a statement with a limit may walk along the log
    walks = WALKED if "LIMIT" in statement else ()
    return [row[-1] for row in rows if row[-1] not in walks and re.match(rf"SCAN ({'|'.join(LARGE)})\b", row[-1])]


def test_no_page_reads_a_large_table_from_end_to_end(board: Board, watch: Watch) -> None:
    board.now = watch.now
    asked = {one[0]: (page, one) for page, some in answered(board) for one in some if one[0].startswith("SELECT")}
    assert len(asked) > 50
    found = {(page, line) for page, one in asked.values() for line in scanned(board.engine, one)}
    assert found == set()


def test_a_statement_that_reads_a_large_table_whole_would_be_seen(board: Board) -> None:
    assert scanned(board.engine, ("SELECT count(*) FROM events WHERE reason = ?", ("gone",))) == ["SCAN events"]
