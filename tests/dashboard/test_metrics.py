"""The figures that Prometheus reads: what is counted, what is read from the database, and what it costs."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from prometheus_client import ProcessCollector, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event
from sqlalchemy.engine import Engine

from delivery.dispatch import Settled
from postings.sites import Site
from postings.visits import Outcome, VisitSummary
from storage import outlets, sites
from storage.engine import writing
from tests.dashboard.conftest import Board
from tests.dashboard.web import browsing
from tests.storage.rows import NOW, add_event, add_posting, add_site, add_visit

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def scrape(board: Board) -> Samples:
    """Every sample of what `/metrics` would show, as Prometheus' own parser reads it."""
    asyncio.run(board.gauges.refresh())
    return parsed(generate_latest(board.registry).decode())


def parsed(text: str) -> Samples:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float:
    return samples[name, tuple(sorted(labels.items()))]


def visit(outcome: Outcome = Outcome.COMPLETE, **fields: Any) -> VisitSummary:
    return VisitSummary(id="v_1", site="acme", started_at=NOW, ended_at=NOW, outcome=outcome, seconds=12.5, **fields)


def test_visits_are_counted_by_outcome_with_what_they_did(board: Board) -> None:
    board.counters.visited(visit(read=118, unreadable=2, requests=131, answers={"2xx": 120, "none": 11}, bytes=5000))
    board.counters.visited(visit(read=2))
    board.counters.visited(visit(Outcome.PARTIAL))
    samples = scrape(board)
    assert value(samples, "hirewatch_visits_total", outcome="complete") == 2
    assert value(samples, "hirewatch_visits_total", outcome="partial") == 1
    assert value(samples, "hirewatch_visits_total", outcome="failed") == 0
    assert value(samples, "hirewatch_pages_read_total") == 120
    assert value(samples, "hirewatch_pages_unreadable_total") == 2
    assert value(samples, "hirewatch_requests_total", answer="2xx") == 120
    assert value(samples, "hirewatch_requests_total", answer="none") == 11
    assert value(samples, "hirewatch_requests_total", answer="5xx") == 0
    assert value(samples, "hirewatch_received_bytes_total") == 5000
    assert value(samples, "hirewatch_visit_seconds_sum") == 37.5
    assert value(samples, "hirewatch_visit_seconds_bucket", le="5.0") == 0


def test_deliveries_and_ticks_are_counted_by_what_came_of_them(board: Board) -> None:
    board.counters.delivered(Settled(outlet="me", sent=3, parked=1))
    board.counters.delivered(Settled(outlet="me", error="the receiver answered 503"))
    board.counters.ticked("visits", 0.004, False)
    board.counters.ticked("visits", 0.004, True)
    samples = scrape(board)
    assert value(samples, "hirewatch_deliveries_total", result="sent") == 3
    assert value(samples, "hirewatch_deliveries_total", result="parked") == 1
    assert value(samples, "hirewatch_delivery_failures_total") == 1
    assert value(samples, "hirewatch_tick_seconds_count", tick="visits") == 2
    assert value(samples, "hirewatch_tick_failures_total", tick="visits") == 1


def test_the_queue_of_visits_shows_how_many_are_due_and_for_how_long(board: Board, engine: Engine) -> None:
    add_site(engine, "due", now=NOW - timedelta(minutes=10))
    add_site(engine, "later", now=NOW - timedelta(minutes=3))
    add_site(engine, "future", now=NOW + timedelta(hours=1))
    paused = add_site(engine, "paused", now=NOW - timedelta(hours=5))
    sites.pause(engine, paused.id, NOW)
    begun = add_site(engine, "begun", now=NOW - timedelta(hours=2))
    gone = add_site(engine, "gone", now=NOW - timedelta(hours=9))
    sites.remove(engine, gone.id, NOW)
    with writing(engine) as connection:
        connection.exec_driver_sql(
            f"UPDATE sites SET lease_owner = 'w', lease_until = '2026-11-24 12:01:00.000000' WHERE id = {begun.id}"
        )
    samples = scrape(board)
    assert value(samples, "hirewatch_due_visits") == 2
    assert value(samples, "hirewatch_due_visits_overdue_seconds") == 600
    assert value(samples, "hirewatch_sites", state="watched") == 5
    assert value(samples, "hirewatch_sites", state="paused") == 1
    assert value(samples, "hirewatch_sites", state="visited") == 1


def test_postings_are_shown_by_site_as_long_as_there_are_few_sites(engine: Engine) -> None:
    board = Board(engine, named_below=3)
    acme, other = add_site(engine, "acme"), add_site(engine, "other")
    add_posting(engine, acme, "p_1")
    add_posting(engine, acme, "p_2")
    add_posting(engine, acme, "p_3", state="closed")
    add_posting(engine, other, "p_4")
    few = scrape(board)
    assert value(few, "hirewatch_open_postings") == 3
    assert value(few, "hirewatch_site_open_postings", site="acme") == 2
    add_site(engine, "third")
    board.seconds += 60
    many = scrape(board)
    assert value(many, "hirewatch_open_postings") == 3
    assert not [name for name, labels in many if dict(labels).get("site")]


def test_events_are_counted_by_type_from_the_first_scrape_on(board: Board, engine: Engine) -> None:
    site = add_site(engine)
    add_posting(engine, site, "p_1")
    log_events(engine, site, ["opened"])
    before = scrape(board)
    log_events(engine, site, ["changed", "changed", "closed"])
    board.seconds += 60
    after = scrape(board)
    assert {kind: value(before, "hirewatch_events_total", type=kind) for kind in ("opened", "changed")} == {
        "opened": 0,
        "changed": 0,
    }
    assert value(after, "hirewatch_events_total", type="changed") == 2
    assert value(after, "hirewatch_events_total", type="closed") == 1
    assert value(after, "hirewatch_events_total", type="opened") == 0
    assert value(after, "hirewatch_newest_event") == 4


def test_visits_of_all_machines_are_counted_from_the_first_scrape_on(board: Board, engine: Engine) -> None:
    site = add_site(engine)
    add_visit(engine, site, "v_0", ended_at=NOW - timedelta(minutes=5), outcome="complete")
    counted: dict[str, Any] = {
        "outcome": "complete",
        "read": 118,
        "unreadable": 2,
        "bytes": 5000,
        "answers": {"2xx": 120, "none": 11},
    }
    before = scrape(board)
    add_visit(engine, site, "v_1", ended_at=NOW, **counted)
    add_visit(engine, site, "v_2", ended_at=NOW, **counted | {"outcome": "partial"})
    add_visit(engine, site, "v_3")
    seen = [before]
    for _ in range(4):
        board.seconds += 60
        board.now += timedelta(seconds=40)
        seen.append(scrape(board))
    after = seen[-1]
    assert value(before, "hirewatch_recorded_visits_total", outcome="complete") == 0
    assert value(after, "hirewatch_recorded_visits_total", outcome="complete") == 1
    assert value(after, "hirewatch_recorded_visits_total", outcome="partial") == 1
    assert value(after, "hirewatch_recorded_visits_total", outcome="failed") == 0
    assert value(after, "hirewatch_recorded_pages_read_total") == 236
    assert value(after, "hirewatch_recorded_pages_unreadable_total") == 4
    assert value(after, "hirewatch_recorded_requests_total", answer="2xx") == 240
    assert value(after, "hirewatch_recorded_requests_total", answer="5xx") == 0
    assert value(after, "hirewatch_recorded_received_bytes_total") == 10_000
    assert value(after, "hirewatch_visits_total", outcome="complete") == 0


def test_a_visit_that_is_recorded_late_is_counted_and_none_twice(board: Board, engine: Engine) -> None:
    site = add_site(engine)

    def counted() -> float:
        board.seconds += 60
        return value(scrape(board), "hirewatch_recorded_visits_total", outcome="complete")

    assert counted() == 0
    board.now += timedelta(seconds=30)
    assert counted() == 0
    # its transaction took half a minute
    add_visit(engine, site, "v_1", ended_at=NOW, outcome="complete")
    board.now += timedelta(seconds=31)
    assert counted() == 1
    # a clock that went back takes nothing away, and counts nothing again
    board.now -= timedelta(hours=1)
    assert counted() == 1
    board.now += timedelta(hours=1)
    assert counted() == 1


def test_after_a_long_time_without_a_scrape_visits_are_counted_in_turns(board: Board, engine: Engine) -> None:
    site = add_site(engine)
    scrape(board)
    for number in range(4):
        add_visit(engine, site, f"v_{number}", ended_at=NOW + number * timedelta(minutes=8), outcome="complete")
    board.now += timedelta(minutes=30)
    counts = []
    for _ in range(4):
        board.seconds += 60
        counts.append(value(scrape(board), "hirewatch_recorded_visits_total", outcome="complete"))
    assert counts == sorted(counts)
    assert counts[0] < 4
    assert counts[-1] == 4


def test_an_outlet_shows_how_far_it_is_behind(board: Board, engine: Engine) -> None:
    site = add_site(engine)
    add_posting(engine, site, "p_1")
    add_outlet(engine, "behind")
    off = add_outlet(engine, "off")
    outlets.disable(engine, off.id, "a person said so", NOW)
    log_events(engine, site, ["opened", "changed"], at=NOW - timedelta(minutes=5))
    add_outlet(engine, "current")
    samples = scrape(board)
    assert value(samples, "hirewatch_outlets_lag_events") == 2
    assert value(samples, "hirewatch_outlets_lag_seconds") == 300
    assert value(samples, "hirewatch_outlet_lag_events", outlet="behind") == 2
    assert value(samples, "hirewatch_outlet_lag_events", outlet="current") == 0
    assert value(samples, "hirewatch_outlet_lag_seconds", outlet="current") == 0
    assert ("hirewatch_outlet_lag_events", (("outlet", "off"),)) not in samples
    assert value(samples, "hirewatch_outlets", state="disabled") == 1


def test_a_label_cannot_break_out_of_its_line(board: Board, engine: Engine) -> None:
    name = 'me"} 1\nhirewatch_visits_total 99\\'
    add_outlet(engine, name)
    with browsing(board.app()) as client:
        answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    samples = parsed(answer.text)
    assert value(samples, "hirewatch_outlet_lag_events", outlet=name) == 0
    assert ("hirewatch_visits_total", ()) not in samples


def test_many_scrapes_ask_the_database_once_and_with_few_queries(board: Board, engine: Engine) -> None:
    for number in range(30):
        add_outlet(engine, f"outlet-{number}")
        add_site(engine, f"site-{number}")
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    with browsing(board.app()) as client:
        for _ in range(20):
            assert client.get("/metrics").status_code == 200
    queries = [statement for statement in asked if statement.startswith("SELECT")]
    assert 0 < len(queries) <= 10
    board.seconds += 3600
    asked.clear()
    scrape(board)
    assert [statement for statement in asked if statement.startswith("SELECT")]


def test_the_page_on_operating_names_every_metric_and_no_other(board: Board, engine: Engine) -> None:
    site = add_site(engine)
    add_posting(engine, site, "p_1")
    add_outlet(engine, "me")
    board.counters.ticked("visits", 0.1, True)
    ProcessCollector(registry=board.registry)
    with browsing(board.app()) as client:
        text = client.get("/metrics").text
    shown = {family.name: family for family in text_string_to_metric_families(text)}
    names = {f"{name}_total" if family.type == "counter" else name for name, family in shown.items()}
    page = (Path(__file__).parents[2] / "docs" / "operate.md").read_text()
    told = set(re.findall(r"^\| `((?:hirewatch|process)_[a-z_]+)", page, re.MULTILINE))
    assert told == names


def log_events(engine: Engine, site: Site, kinds: list[str], at: object = NOW) -> None:
    """Events of posting p_1, numbered on from the newest."""
    with writing(engine) as connection:
        first = connection.exec_driver_sql("SELECT last_event FROM installation").scalar_one() + 1
        connection.exec_driver_sql(f"UPDATE installation SET last_event = {first + len(kinds) - 1}")
    for number, kind in enumerate(kinds, first):
        add_event(engine, site, number, "p_1", type=kind, at=at)


def add_outlet(engine: Engine, name: str) -> outlets.Outlet:
    return outlets.add(engine, name=name, kind="webhook", address="https://a.example/", options={}, now=NOW)
