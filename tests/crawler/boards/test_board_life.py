"""What becomes of a board's postings from visit to visit: real visits, and the ledger that keeps what they saw."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from postings.sightings import Seen
from postings.visits import Outcome, VisitReport, VisitSummary
from storage import events, leases, sites
from storage import pages as stored_pages
from storage.engine import connect
from storage.ledger import Ledger, Plan
from storage.schema import upgrade
from tests.crawler.boards.answering import Invented
from tests.crawler.boards.vendors import Answered, BoardCrawling, Vendors

GREENHOUSE = "https://boards-api.greenhouse.io/v1/boards/northmill/jobs?content=true"
EMPTY = b'{"jobs":[],"meta":{"total":0}}'


class Watched:
    """A board that is watched, with a clock of its own."""

    def __init__(self, path: Path, visiting: BoardCrawling, start_url: str) -> None:
        self.engine = connect(f"sqlite:///{path / 'hirewatch.sqlite'}")
        upgrade(self.engine)
        self.now = datetime.now(UTC) - timedelta(days=30)
        self.site = sites.add(self.engine, name="acme", start_url=start_url, every=None, now=self.now)
        self.ledger = Ledger(self.engine)
        self._visiting = visiting
        self._told = 0

    def visit(self, **later: float) -> VisitSummary:
        """A visit, so much later than the one before."""
        self.now += timedelta(**later)
        lease = leases.claim(
            self.engine, self.site.id, owner="test", now=self.now, ttl=timedelta(seconds=90), dead=lambda _: False
        )
        assert lease is not None
        site = sites.find(self.engine, "acme")
        visited = self._visiting.visit(
            site.start_url, source=site.source, known=stored_pages.known(self.engine, site.id, self.now)
        )
        visit = self.ledger.begin(site, lease, self.now)
        for batch in visited.batches:
            self.ledger.record(visit, [self._then(one) for one in batch], self.now)
        return self.ledger.conclude(visit, self._report(visited.told), self.now, lambda _: Plan(next_visit_at=self.now))

    def news(self) -> list[tuple[str, Any, Any]]:
        """Type, title and reason of the events since it was last asked."""
        found = events.after(self.engine, self._told, 1_000)
        self._told += len(found)
        return [(str(event.type), event.record["title"], event.reason) for event in found]

    def _then(self, one: Seen) -> Seen:
        return replace(one, page=replace(one.page, at=self.now))

    def _report(self, report: VisitReport) -> VisitReport:
        pages = {key: replace(page, last_read_at=self.now) for key, page in report.list_pages.items()}
        robots = {key: replace(answer, fetched_at=self.now) for key, answer in report.robots.items()}
        looks = tuple(replace(look, at=self.now) for look in report.looks)
        return replace(report, started_at=self.now, ended_at=self.now, list_pages=pages, robots=robots, looks=looks)


def put(vendors: Vendors, *jobs: int, title: str | None = None) -> None:
    """These of Northmill's three jobs; `title` is that of the first."""
    answer = json.loads(Invented.of("greenhouse").exchanges[0].body)
    answer["jobs"] = [answer["jobs"][number] for number in jobs]
    answer["meta"]["total"] = len(jobs)
    if title:
        answer["jobs"][0]["title"] = title
    vendors.put(GREENHOUSE, json.dumps(answer))


def test_a_board_from_its_first_visit_to_a_posting_that_comes_back(
    tmp_path: Path, visiting: BoardCrawling, vendors: Vendors
) -> None:
    watched = Watched(tmp_path, visiting, "https://boards.greenhouse.io/northmill")
    put(vendors, 0, 1)
    first = watched.visit()
    assert first.outcome is Outcome.COMPLETE
    assert (first.listed, first.read) == (2, 2)
    assert sorted(watched.news()) == [("opened", "Driver", None), ("opened", "Miller & Baker", None)]

    assert watched.visit(hours=6).outcome is Outcome.COMPLETE
    assert watched.news() == []

    put(vendors, 0, 1, 2)
    watched.visit(hours=6)
    assert watched.news() == [("opened", "Bookkeeper", None)]

    put(vendors, 0, 1, 2, title="Head miller")
    watched.visit(hours=6)
    assert watched.news() == [("changed", "Head miller", None)]

    put(vendors, 0, 1, title="Head miller")
    for _ in range(4):
        watched.visit(hours=6)
        assert watched.news() == [], "a list alone closes nothing in a day"
    watched.visit(hours=6)
    assert watched.news() == [("closed", "Bookkeeper", "absent")]

    put(vendors, 0, 1, 2, title="Head miller")
    watched.visit(days=5)
    assert watched.news() == [("reopened", "Bookkeeper", "seen")]
    watched.visit(hours=6)
    assert watched.news() == []


def test_a_board_that_fails_and_comes_back_says_nothing(
    tmp_path: Path, visiting: BoardCrawling, vendors: Vendors
) -> None:
    watched = Watched(tmp_path, visiting, "https://boards.greenhouse.io/northmill")
    put(vendors, 0, 1, 2)
    watched.visit()
    watched.news()
    for answer in (
        Answered(b"no", 503),
        Answered(b"<html>sorry</html>"),
        Answered(b'{"jobs": ['),
    ):
        vendors.put(GREENHOUSE, answer)
        for _ in range(3):
            assert watched.visit(hours=20).outcome is not Outcome.COMPLETE
    vendors.put(GREENHOUSE, Answered(EMPTY))
    assert watched.visit(hours=20).outcome is Outcome.SUSPECT
    put(vendors, 0, 1, 2)
    assert watched.visit(hours=6).outcome is Outcome.COMPLETE
    assert watched.news() == []


def test_a_board_that_stays_empty_is_believed_in_the_end(
    tmp_path: Path, visiting: BoardCrawling, vendors: Vendors
) -> None:
    watched = Watched(tmp_path, visiting, "https://boards.greenhouse.io/northmill")
    put(vendors, 0, 1, 2)
    watched.visit()
    watched.news()
    vendors.put(GREENHOUSE, Answered(EMPTY))
    assert watched.visit(hours=20).outcome is Outcome.SUSPECT
    assert watched.news() == []
    # the first that is believed makes them missing, and the next one closes them
    for _ in range(3):
        watched.visit(hours=20)
    assert [(kind, reason) for kind, _, reason in watched.news()] == [("closed", "absent")] * 3
    for _ in range(3):
        assert watched.visit(hours=20).outcome is Outcome.COMPLETE
    assert watched.news() == []


def test_postings_with_answers_of_their_own_close_by_them(
    tmp_path: Path, visiting: BoardCrawling, vendors: Vendors
) -> None:
    invented = Invented.of("bamboohr")
    for one in invented.exchanges:
        vendors.put(one.url, one.body)
    for url, body in invented.details.items():
        vendors.put(url, body)
    watched = Watched(tmp_path, visiting, invented.board.url)
    watched.visit()
    assert len(watched.news()) == 2
    watched.visit(hours=6)
    assert watched.news() == []
    answer = json.loads(invented.exchanges[0].body)
    answer["result"].pop(0)
    answer["meta"]["totalCount"] = 1
    vendors.put(invented.exchanges[0].url, json.dumps(answer))
    vendors.put(f"{invented.board.api}/41/detail", Answered(b"no such job", 404))
    watched.visit(hours=6)
    assert watched.news() == [("closed", "Forester 41", "gone")]


def test_what_a_doubted_list_lacks_closes_although_the_list_stays_as_it_is(
    tmp_path: Path, visiting: BoardCrawling, vendors: Vendors
) -> None:
    watched = Watched(tmp_path, visiting, "https://boards.greenhouse.io/northmill")
    put(vendors, 0, 1, 2)
    watched.visit()
    watched.news()
    answer = json.loads(Invented.of("greenhouse").exchanges[0].body)
    other = {
        **answer["jobs"][0],
        "id": 4711,
        "title": "Astronaut",
        "absolute_url": "https://boards.greenhouse.io/northmill/jobs/4711",
    }
    vendors.put(GREENHOUSE, json.dumps({"jobs": [other], "meta": {"total": 1}}))
    outcomes = [watched.visit(hours=hours).outcome for hours in (6, 6, 6, 12, 12)]
    assert (outcomes[0], outcomes[-1]) == (Outcome.SUSPECT, Outcome.COMPLETE)
    assert sorted(what for what, _, _ in watched.news()) == ["closed", "closed", "closed", "opened"]
