"""How the installation stands, in figures, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.engine import Engine

from postings.sites import Site
from storage import figures, leases, outlets, sites
from storage.engine import writing
from storage.tables import installation
from tests.storage.rows import NOW, add_event, add_posting, add_site, add_visit

MINUTE = timedelta(minutes=1)


def record(engine: Engine, site: Site, kinds: list[str], at: datetime = NOW) -> None:
    """Events of posting p_1, from number 1 on."""
    for number, kind in enumerate(kinds, 1):
        add_event(engine, site, number, "p_1", type=kind, at=at)
    with writing(engine) as connection:
        connection.execute(update(installation).values(last_event=len(kinds)))


def test_an_empty_installation_has_figures_too(engine: Engine) -> None:
    found = figures.read(engine, NOW, name_sites_below=10)
    assert (found.sites, found.due, found.overdue, found.open, found.newest_event) == (0, 0, timedelta(0), 0, 0)
    assert (found.named, found.lags) == ((), ())


def test_a_visit_is_due_until_it_begins(engine: Engine) -> None:
    first = add_site(engine, "first", now=NOW - 10 * MINUTE)
    add_site(engine, "second", now=NOW - 3 * MINUTE)
    add_site(engine, "later", now=NOW + MINUTE)
    before = figures.read(engine, NOW, name_sites_below=10)
    leases.claim(engine, first.id, owner="me", now=NOW, ttl=MINUTE, dead=lambda owner: False)
    begun = figures.read(engine, NOW, name_sites_below=10)
    lost = figures.read(engine, NOW + MINUTE, name_sites_below=10)
    assert (before.sites, before.due, before.overdue, before.visited) == (3, 2, 10 * MINUTE, 0)
    assert (begun.sites, begun.due, begun.overdue, begun.visited) == (3, 1, 3 * MINUTE, 1)
    assert (lost.due, lost.overdue, lost.visited) == (3, 11 * MINUTE, 0)


def test_a_site_that_is_paused_or_gone_is_never_due(engine: Engine) -> None:
    paused, gone = add_site(engine, "paused"), add_site(engine, "gone")
    sites.pause(engine, paused.id, NOW)
    sites.remove(engine, gone.id, NOW)
    found = figures.read(engine, NOW + MINUTE, name_sites_below=10)
    assert (found.sites, found.paused, found.due) == (1, 1, 0)


def test_open_postings_are_told_by_site_unless_there_are_too_many(engine: Engine) -> None:
    acme, other = add_site(engine, "acme"), add_site(engine, "other")
    for number in range(3):
        add_posting(engine, acme, f"p_{number}", state="closed" if number == 0 else "open")
    add_posting(engine, other, "p_3")
    found = figures.read(engine, NOW, name_sites_below=3)
    assert found.open == 3
    assert found.named is not None
    assert [(site.name, site.open) for site in found.named] == [("acme", 2), ("other", 1)]
    assert figures.read(engine, NOW, name_sites_below=2).named is None


def test_the_lag_of_an_outlet_is_counted_from_its_cursor(engine: Engine) -> None:
    site = add_site(engine)
    add_posting(engine, site, "p_1")
    behind = outlets.add(engine, name="behind", kind="webhook", address="https://a.example/", options={}, now=NOW)
    record(engine, site, ["opened", "changed", "closed"], at=NOW - 5 * MINUTE)
    outlets.add(engine, name="current", kind="webhook", address="https://a.example/", options={}, now=NOW)
    outlets.disable(engine, behind.id, "410", NOW)
    lags = figures.read(engine, NOW, name_sites_below=10).lags
    assert [(lag.outlet, lag.events, lag.age, lag.disabled) for lag in lags] == [
        ("behind", 3, 5 * MINUTE, True),
        ("current", 0, timedelta(0), False),
    ]


def test_events_are_counted_on_from_where_the_count_ended(engine: Engine) -> None:
    site = add_site(engine)
    add_posting(engine, site, "p_1")
    record(engine, site, ["opened", "changed", "changed", "closed"])
    assert figures.count_events(engine, 0, 3) == (3, {"opened": 1, "changed": 2})
    assert figures.count_events(engine, 3, 3) == (4, {"closed": 1})
    assert figures.count_events(engine, 4, 3) == (4, {})


def test_visits_are_counted_by_when_they_ended_whoever_made_them(engine: Engine) -> None:
    acme, other = add_site(engine, "acme"), add_site(engine, "other")
    did: dict[str, Any] = {"read": 3, "unreadable": 1, "bytes": 100, "answers": {"2xx": 4, "5xx": 1}}
    for number, (site, ended, outcome) in enumerate(
        [
            (acme, NOW, "complete"),
            (acme, NOW + MINUTE, "complete"),
            (other, NOW + 2 * MINUTE, "failed"),
            (other, NOW + 3 * MINUTE, "complete"),
            (other, None, None),
        ]
    ):
        add_visit(engine, site, f"v_{number}", ended_at=ended, outcome=outcome, **did)
    made = figures.count_visits(engine, NOW, NOW + 2 * MINUTE)
    assert made == figures.Made(
        visits={"complete": 1, "failed": 1}, read=6, unreadable=2, answers={"2xx": 8, "5xx": 2}, bytes=200
    )
    rest = figures.count_visits(engine, NOW + 2 * MINUTE, NOW + 9 * MINUTE)
    assert made + rest == figures.count_visits(engine, NOW, NOW + 9 * MINUTE)
