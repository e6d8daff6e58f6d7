"""What pages show of sites."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event as listened
from sqlalchemy.engine import Engine

from postings.visits import Absence
from storage import acceptance, leases, sites, visits
from storage.site_pages import (
    Line,
    Place,
    line,
    lines,
    names,
    running,
    spread,
    told,
    total,
)
from tests.storage.watching import START, Watch, a_job

WEEK = timedelta(days=7)


def listed(engine: Engine, limit: int = 50, *, text: str = "", after: Place | None = None, at: Watch) -> list[Line]:
    return lines(
        engine, limit, now=at.now, since=at.now - WEEK, days_since=at.now - timedelta(days=45), text=text, after=after
    )


def watched(engine: Engine, name: str, jobs: int = 2) -> Watch:
    watch = Watch(engine, name=name, host=f"{name}.example")
    watch.pages = {f"/jobs/{number}": a_job(f"Job {number}") for number in range(jobs)}
    watch.visit()
    return watch


def failing(engine: Engine, name: str) -> Watch:
    watch = Watch(engine, name=name, host=f"{name}.example")
    watch.visit(start_status=503, whole=False, cut_short="answered 503")
    return watch


def test_sites_that_need_a_person_come_first_then_all_by_name(engine: Engine) -> None:
    watch = watched(engine, "beta")
    watched(engine, "acme")
    failing(engine, "zeta")
    sites.add(engine, name="new", start_url="https://new.example/", every=None, now=START)
    found = listed(engine, at=watch)
    assert [one.site.name for one in found] == ["zeta", "acme", "beta", "new"]
    assert [one.place.rank for one in found] == [0, 1, 1, 1]
    assert found[-1].visit is None
    assert total(engine) == (4, 1)


def test_pages_of_the_list_show_each_site_once(engine: Engine) -> None:
    watch = failing(engine, "m")
    for name in "zya":
        watched(engine, name)
    failing(engine, "c")
    shown, after = [], None
    while found := listed(engine, 2, at=watch, after=after):
        shown += [one.site.name for one in found]
        after = found[-1].place
    assert shown == ["c", "m", "a", "y", "z"]


@pytest.mark.parametrize(
    ("text", "names"), [("ACM", ["acme"]), ("b.example", ["b"]), ("%", []), ("_", ["with_it"]), ("\\", []), ("'", [])]
)
def test_a_filter_looks_for_just_this_text(engine: Engine, text: str, names: list[str]) -> None:
    watch = watched(engine, "acme", 0)
    watched(engine, "b", 0)
    sites.add(engine, name="with_it", start_url="https://other.example/", every=None, now=START)
    assert [one.site.name for one in listed(engine, text=text, at=watch)] == names
    assert total(engine, text)[0] == len(names)


def test_what_came_and_went_is_counted_without_what_was_there_before(engine: Engine) -> None:
    watch = watched(engine, "acme", 3).later(days=3)
    watch.pages["/jobs/new"] = a_job("New")
    watch.visit()
    del watch.pages["/jobs/0"]
    watch.later(days=1).visit(looks={"/jobs/0": Absence.GONE})
    (found,) = listed(engine, at=watch)
    assert (found.open, found.opened, found.closed) == (3, 1, 1)
    assert found.fresh is not None
    assert found.fresh.p50 == timedelta(days=3)
    assert {str(on): dict(ends) for on, ends in found.days.items()} == {
        "2026-11-01": {"complete": 1},
        "2026-11-04": {"complete": 1},
        "2026-11-05": {"complete": 1},
    }
    # eight days later nothing of it is recent
    watch.later(days=8)
    (found,) = listed(engine, at=watch)
    assert (found.opened, found.closed) == (0, 0)
    assert line(engine, found.site.id, now=watch.now, since=START, days_since=START).opened == 1


def test_a_site_that_is_removed_is_not_listed(engine: Engine) -> None:
    watch = watched(engine, "acme")
    sites.remove(engine, watch.site.id, watch.now)
    assert listed(engine, at=watch) == []
    assert names(engine) == frozenset()


def test_a_visit_that_runs_says_what_it_has_seen_so_far(engine: Engine) -> None:
    watch = watched(engine, "acme", 4).later(hours=6)
    lease = leases.claim(
        engine, watch.site.id, owner="test", now=watch.now, ttl=timedelta(seconds=90), dead=lambda _: False
    )
    assert lease is not None
    visit = watch.ledger.begin(watch.current(), lease, watch.now)
    watch.pages["/jobs/new"] = a_job("New")
    watch.ledger.record(visit, [watch._sighting(path, {}) for path in ("/jobs/0", "/jobs/1", "/jobs/new")], watch.now)
    (found,) = listed(engine, at=watch)
    assert found.running
    assert found.visit is not None
    so_far = running(engine, found.visit, watch.site.id)
    assert (so_far.seen, so_far.events) == (3, {"opened": 1})


def test_the_events_of_a_visit_are_told_in_order_and_in_pages(engine: Engine) -> None:
    watched(engine, "other", 1)
    watch = watched(engine, "acme", 5)
    (visit,) = visits.recent(engine, watch.site.id, 1)
    first = told(engine, visit.id, 0, 3)
    rest = told(engine, visit.id, first[-1].number, 3)
    assert [one.number for one in (*first, *rest)] == [2, 3, 4, 5, 6]
    assert {one.title for one in (*first, *rest)} == {f"Job {number}" for number in range(5)}
    assert spread(engine, visit.id).counts == {"opened": 5}


def test_a_page_of_sites_takes_few_queries_whatever_their_number(engine: Engine) -> None:
    for number in range(4):
        watch = watched(engine, f"s{number}", 1)
    asked: list[str] = []
    listened.listen(engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    listed(engine, at=watch)
    assert len([one for one in asked if one.lstrip().upper().startswith(("SELECT", "WITH"))]) <= 8


def test_a_site_in_doubt_needs_a_person_until_a_visit_is_believed(engine: Engine) -> None:
    watch = watched(engine, "acme", 12).later(hours=6)
    lost = [path for path in watch.pages if path != "/jobs/0"]
    watch.visit(only=["/jobs/0"], looks=dict.fromkeys(lost, Absence.NOT_FOUND))
    (found,) = listed(engine, at=watch)
    assert found.place.rank == 0
    assert acceptance.held_back(engine, watch.site.id) is not None
    watch.later(hours=6).visit()
    (found,) = listed(engine, at=watch)
    assert found.place.rank == 1
